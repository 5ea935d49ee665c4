package dev.octavo.bundle;

import dev.octavo.OctavoException;
import dev.octavo.artifact.ArtifactFiles;
import dev.octavo.artifact.Artifacts;
import dev.octavo.artifact.Manifest;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Preprocessing;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.FusedProgram;
import dev.octavo.program.InputShape;
import dev.octavo.program.Int8Operators;
import dev.octavo.program.Int8Program;
import dev.octavo.program.Int8Weights;
import dev.octavo.program.Precision;
import dev.octavo.program.QuantizedNetwork;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.tensor.TensorCheck;
import dev.octavo.torchscript.TorchScriptReader;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.net.NetUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A published model bundle.
 *
 * @param directory where it is
 * @param manifest what made it
 * @param about how to run it
 * @param network its architecture
 * @param classes names in the order of the logits
 * @param fileBytes size of {@code model.pt}
 */
public record ModelBundle(
    Path directory,
    Manifest manifest,
    BundleManifest about,
    Network network,
    List<String> classes,
    long fileBytes) {

  private static final Logger LOG = LoggerFactory.getLogger(ModelBundle.class);

  /** The manifest's kind. */
  public static final String KIND = "model";

  /** The program's file name. */
  public static final String MODEL_FILE = "model.pt";

  /** The file name of an int8 program's variant for CPUs without VNNI. */
  public static final String VARIANT_FILE = "model-7bit.pt";

  /** The file name of the training curves. */
  public static final String HISTORY_FILE = "history.csv";

  static final String CLASSES_FILE = "synset.txt";

  /** Images per call that fused programs lay out their weights for; others run as well. */
  public static final int TYPICAL_BATCH = 16;

  /**
   * Reads a bundle's description, not its weights.
   *
   * @throws OctavoException if there is no whole bundle
   */
  public static ModelBundle open(Configuration conf, Path directory) throws IOException {
    FileSystem fs = directory.getFileSystem(conf);
    Path qualified = fs.makeQualified(directory);
    Manifest manifest = Artifacts.manifest(conf, qualified, KIND);
    ArtifactFiles.requireLengths(conf, qualified, manifest);
    BundleManifest about = BundleManifest.read(manifest, qualified);
    List<String> classes =
        ArtifactFiles.text(conf, qualified, manifest, CLASSES_FILE).lines().toList();
    return new ModelBundle(
        qualified,
        manifest,
        about,
        Architectures.of(about.network()).network(classes.size()),
        classes,
        ArtifactFiles.bytes(qualified, manifest, MODEL_FILE));
  }

  /** The way from images to what the network takes. */
  public Preprocessing preprocessing() {
    return about.preprocessing();
  }

  /** Height and width of what the network takes. */
  public int imageSize() {
    return preprocessing().cropSize();
  }

  /** Returns whether it holds the int8 program rather than the portable one. */
  public boolean quantized() {
    return about.int8().isPresent();
  }

  /**
   * The weights of a float model under torchvision's names.
   *
   * @throws OctavoException if the bundle is quantized
   */
  public StateDict stateDict(Configuration conf) throws IOException {
    if (quantized()) {
      throw new OctavoException(
          "%s is quantized: give the float model that it was made from".formatted(directory));
    }
    String file = new Path(directory, MODEL_FILE).toString();
    java.nio.file.Path local = download(conf, MODEL_FILE);
    try {
      StateDict state = TorchScriptReader.read(local, file);
      requireStateOf(network, state, file);
      return state;
    } finally {
      Files.delete(local);
    }
  }

  private static void requireStateOf(Network network, StateDict state, String file) {
    network
        .stateShapes()
        .forEach(
            (name, shape) -> {
              Tensor tensor = state.tensors().get(name);
              DType type =
                  network.bufferShapes().containsKey(name) && shape.length == 0
                      ? DType.INT64
                      : DType.FLOAT32;
              if (tensor == null
                  || tensor.dtype() != type
                  || !Arrays.equals(tensor.shape(), shape)) {
                throw new OctavoException(
                    "%s is no %s of %d classes: its %s is %s, not %s%s; copy the bundle again"
                        .formatted(
                            file,
                            network.name(),
                            network.classes(),
                            name,
                            tensor == null ? "absent" : tensor,
                            type,
                            Arrays.toString(shape)));
              }
              TensorCheck.fault(name, tensor, TensorCheck.InfiniteVariance.ALLOWED)
                  .ifPresent(
                      fault -> {
                        throw new OctavoException(
                            "%s can't be used: %s; copy the bundle again, or train it again"
                                .formatted(file, fault));
                      });
            });
  }

  /**
   * The precision that this bundle runs in when {@code wanted} is asked for: int8 bundles know only
   * their own.
   */
  public Precision precision(Precision wanted) {
    return quantized() ? Precision.INT8 : wanted;
  }

  /**
   * Loads the program for inference, written anew from the tensors in the bundle: code that a file
   * holds isn't run. It takes {@code uint8 [N, H, W, 3]}.
   *
   * @throws OctavoException if this bundle has no such program, or if this CPU would compute it
   *     wrongly
   */
  public InferenceProgram load(Configuration conf, Precision precision, CpuPolicy policy)
      throws IOException {
    return load(conf, precision, policy, TYPICAL_BATCH);
  }

  /**
   * The same, with weights laid out for batches of {@code batchSize}; others run as well. It is for
   * single images that oneDNN wants float32 weights in another order than for several: in the wrong
   * one it sorts them anew in each call, which takes as long as the call.
   *
   * @throws OctavoException as {@link #load(Configuration, Precision, CpuPolicy)}
   */
  public InferenceProgram load(
      Configuration conf, Precision precision, CpuPolicy policy, int batchSize) throws IOException {
    if (quantized() != (precision == Precision.INT8)) {
      throw new OctavoException(
          quantized()
              ? "%s is quantized and runs as int8 only, not as %s"
                  .formatted(directory, precision.id())
              : "%s is a float model: run quantize on it to get int8".formatted(directory));
    }
    CpuFeatures cpu = CpuFeatures.current();
    if (precision == Precision.BF16 && !cpu.runsBfloat16()) {
      throw new OctavoException(
          "bf16 needs AVX-512, which the CPU of %s (%s) lacks: take fp32, or an int8 model"
              .formatted(NetUtils.getHostname(), cpu));
    }
    java.nio.file.Path local =
        ProgramWriter.temporary(
            quantized() ? int8(conf, programFor(cpu, policy)) : floats(conf, precision, batchSize));
    try {
      return LoadedProgram.load(local, LoadedProgram.Mode.INFERENCE);
    } finally {
      Files.delete(local);
    }
  }

  /** Returns whether a CPU would have to run the 7-bit variant of this bundle. */
  public boolean needsVariantOn(CpuFeatures cpu) {
    return about.int8().map(int8 -> int8.target().isFullRange()).orElse(false)
        && !cpu.sumsBytesExactly();
  }

  /** The file of the int8 program that this CPU computes exactly. */
  private String programFor(CpuFeatures cpu, CpuPolicy policy) {
    if (!needsVariantOn(cpu)) {
      return MODEL_FILE;
    }
    String trouble =
        "the CPU of %s (%s) sums products of bytes in 16 bits, in which the full-range weights of %s would saturate"
            .formatted(NetUtils.getHostname(), cpu, directory);
    boolean hasVariant = about.int8().orElseThrow().variant();
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
    return VARIANT_FILE;
  }

  /**
   * The integers and scales of a quantized model.
   *
   * @throws OctavoException if the bundle is a float model
   */
  public QuantizedNetwork quantizedNetwork(Configuration conf) throws IOException {
    if (!quantized()) {
      throw new OctavoException(
          "%s is a float model: run quantize on it to get int8".formatted(directory));
    }
    return quantizedNetwork(conf, MODEL_FILE);
  }

  private QuantizedNetwork quantizedNetwork(Configuration conf, String name) throws IOException {
    String file = new Path(directory, name).toString();
    java.nio.file.Path local = download(conf, name);
    try {
      return Int8Weights.read(
          network,
          operators(),
          preprocessing().normalization(),
          TorchScriptReader.readPacked(local, file));
    } catch (IllegalArgumentException e) {
      throw new OctavoException(
          "%s is not what quantize writes for %s: %s; copy the bundle again, or run quantize again"
              .formatted(file, network.name(), e.getMessage()),
          e);
    } finally {
      Files.delete(local);
    }
  }

  private Int8Operators operators() {
    return about.int8().orElseThrow().target().operators();
  }

  ProgramWriter int8(Configuration conf, String name) throws IOException {
    QuantizedNetwork quantized = quantizedNetwork(conf, name);
    InputShape shape = new InputShape(imageSize(), TYPICAL_BATCH);
    return out -> Int8Program.write(quantized, operators(), shape, out);
  }

  ProgramWriter floats(Configuration conf, Precision precision, int batchSize) throws IOException {
    StateDict state = stateDict(conf);
    if (precision == Precision.PORTABLE) {
      return ProgramWriter.portable(network, state, preprocessing().normalization());
    }
    FoldedNetwork folded = FoldedNetwork.of(network, state, preprocessing().normalization());
    return out ->
        FusedProgram.write(folded, new InputShape(imageSize(), batchSize), precision, out);
  }

  private java.nio.file.Path download(Configuration conf, String name) throws IOException {
    return ProgramWriter.temporary(out -> ArtifactFiles.copy(conf, directory, manifest, name, out));
  }
}
