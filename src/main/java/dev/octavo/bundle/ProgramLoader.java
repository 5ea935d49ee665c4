package dev.octavo.bundle;

import dev.octavo.OctavoException;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.FusedProgram;
import dev.octavo.program.InputShape;
import dev.octavo.program.Int8Operators;
import dev.octavo.program.Int8Program;
import dev.octavo.program.Precision;
import dev.octavo.program.QuantizedNetwork;
import dev.octavo.tensor.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.net.NetUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads a bundle's program as this CPU runs it best.
 *
 * @param bundle the model
 * @param conf of the file system that the bundle is on
 * @param policy for CPUs that would compute its int8 program wrongly
 */
public record ProgramLoader(ModelBundle bundle, Configuration conf, CpuPolicy policy) {
  private static final Logger LOG = LoggerFactory.getLogger(ProgramLoader.class);

  /** Images per call that fused programs lay out their weights for; others run as well. */
  public static final int TYPICAL_BATCH = 16;

  /**
   * Loads the program for inference, generated from the tensors in the bundle: code that a file
   * holds isn't run. It takes {@code uint8 [N, H, W, 3]}.
   *
   * @throws OctavoException if the bundle has no such program, or if this CPU would compute it
   *     wrongly
   */
  public InferenceProgram load(Precision precision) throws IOException {
    return load(precision, TYPICAL_BATCH);
  }

  /**
   * The same, with weights laid out for batches of {@code batchSize}; others run as well. For
   * single images oneDNN wants float32 weights, and on AMX int8 weights, in another order than for
   * several: in the wrong one it sorts them in each call, which takes as long as a float32 call and
   * a quarter of an int8 one.
   *
   * @throws OctavoException as {@link #load(Precision)}
   */
  public InferenceProgram load(Precision precision, int batchSize) throws IOException {
    boolean quantized = bundle.quantized();
    if (quantized != (precision == Precision.INT8)) {
      throw new OctavoException(
          quantized
              ? "%s is quantized and runs as int8 only, not as %s"
                  .formatted(bundle.directory(), precision.id())
              : "%s is a float model: run quantize on it to get int8"
                  .formatted(bundle.directory()));
    }
    CpuFeatures cpu = CpuFeatures.current();
    if (precision == Precision.BF16 && !cpu.runsBfloat16()) {
      throw new OctavoException(
          "bf16 needs AVX-512, which the CPU of %s (%s) lacks: take fp32, or an int8 model"
              .formatted(NetUtils.getHostname(), cpu));
    }
    java.nio.file.Path local =
        ProgramWriter.temporary(
            quantized ? int8(programFor(cpu), batchSize) : floats(precision, batchSize));
    try {
      return LoadedProgram.load(local, LoadedProgram.Mode.INFERENCE);
    } finally {
      Files.delete(local);
    }
  }

  /** The file of the int8 program that this CPU computes exactly. */
  private String programFor(CpuFeatures cpu) {
    if (!bundle.needsVariantOn(cpu)) {
      return ModelBundle.MODEL_FILE;
    }
    String trouble =
        "the CPU of %s (%s) sums products of bytes in 16 bits, in which the full-range weights of %s would saturate"
            .formatted(NetUtils.getHostname(), cpu, bundle.directory());
    boolean hasVariant = bundle.about().int8().orElseThrow().variant();
    if (policy == CpuPolicy.STRICT || !hasVariant) {
      throw new OctavoException(
          "%s: %s quantize again with --target avx2"
              .formatted(
                  trouble,
                  hasVariant
                      ? "leave --strict-cpu out to run its 7-bit variant, or"
                      : "it carries no 7-bit variant;"));
    }
    LOG.warn("{}: running its 7-bit variant", trouble);
    return ModelBundle.VARIANT_FILE;
  }

  ProgramWriter int8(String name, int batchSize) throws IOException {
    QuantizedNetwork quantized = bundle.quantizedNetwork(conf, name);
    Int8Operators operators = bundle.operators();
    InputShape shape = new InputShape(bundle.imageSize(), batchSize);
    Precision floats = bundle.about().int8().orElseThrow().fallback(CpuFeatures.current());
    return out -> Int8Program.write(quantized, operators, floats, shape, out);
  }

  ProgramWriter floats(Precision precision, int batchSize) throws IOException {
    StateDict state = bundle.stateDict(conf);
    Normalization normalization = bundle.preprocessing().normalization();
    if (precision == Precision.PORTABLE) {
      return ProgramWriter.portable(bundle.network(), state, normalization);
    }
    FoldedNetwork folded = FoldedNetwork.of(bundle.network(), state, normalization);
    InputShape shape = new InputShape(bundle.imageSize(), batchSize);
    return out -> FusedProgram.write(folded, shape, precision, out);
  }
}
