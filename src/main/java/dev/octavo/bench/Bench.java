package dev.octavo.bench;

import dev.octavo.OctavoException;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.OnnxFile;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.Engine;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.latency.AlternatingBenchmark;
import dev.octavo.latency.AlternatingBenchmark.Machine;
import dev.octavo.latency.AlternatingBenchmark.Subject;
import dev.octavo.program.Precision;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The stage that times models and precisions against each other on this machine. It needs no Spark
 * session. What the CPU can't run is left out.
 */
public final class Bench {
  private final Configuration conf;
  private final BenchSettings settings;

  /** A run; {@code conf} says how paths are reached. */
  public Bench(Configuration conf, BenchSettings settings) {
    this.conf = conf;
    this.settings = settings;
  }

  /**
   * Measures and writes the rows.
   *
   * @throws OctavoException if a model can't be read
   */
  public BenchResult execute() throws IOException {
    Engine.start(settings.threads());
    List<Runnable> loaded = new ArrayList<>();
    try {
      List<Subject> subjects = new ArrayList<>();
      for (Path path : settings.models()) {
        if (path.getName().endsWith(".pt")) {
          InferenceProgram program = LoadedProgram.load(local(path), LoadedProgram.Mode.INFERENCE);
          loaded.add(program::close);
          subjects.add(plain(path, program));
        } else if (path.getName().endsWith(".onnx")) {
          subjects.add(onnx(path, loaded));
        } else {
          subjects.addAll(bundle(path, loaded));
        }
      }
      if (subjects.isEmpty()) {
        throw new OctavoException(
            "this CPU (%s) runs none of the precisions %s"
                .formatted(CpuFeatures.current(), settings.precisions()));
      }
      // libtorch keeps the threads it was started with, by whoever was first in this JVM.
      Machine machine = new Machine(Engine.threads(), CpuFeatures.current().names());
      BenchResult result =
          new BenchResult(
              settings.out(),
              new AlternatingBenchmark(settings.perModel())
                  .measure(subjects, settings.batchSizes(), machine));
      result.write(conf);
      return result;
    } finally {
      loaded.forEach(Runnable::run);
    }
  }

  private List<Subject> bundle(Path path, List<Runnable> loaded) throws IOException {
    ModelBundle bundle = ModelBundle.open(conf, path);
    List<Subject> subjects = new ArrayList<>();
    for (Precision precision :
        bundle.quantized() ? List.of(Precision.INT8) : settings.precisions()) {
      if (precision == Precision.BF16 && !CpuFeatures.current().runsBfloat16()) {
        continue;
      }
      // All are written from the bundle's tensors, as score does it: fused programs for the batch
      // size, the portable one for all sizes.
      boolean forAllSizes = precision == Precision.PORTABLE;
      Map<Long, InferenceProgram> programs = new HashMap<>();
      for (int batchSize : settings.batchSizes()) {
        InferenceProgram program =
            forAllSizes && !programs.isEmpty()
                ? programs.values().iterator().next()
                : new ProgramLoader(bundle, conf, CpuPolicy.ADAPT).load(precision, batchSize);
        if (!programs.containsValue(program)) {
          loaded.add(program::close);
        }
        programs.put((long) batchSize, program);
      }
      subjects.add(
          new Subject(
              path.getName(),
              precision.id(),
              bundle.imageSize(),
              pixels -> programs.get(pixels.shape()[0]).forward(pixels)));
    }
    return subjects;
  }

  /** An ONNX model on pixels, which are made what it takes within the time. */
  private Subject onnx(Path path, List<Runnable> loaded) throws IOException {
    OnnxFile file = OnnxFile.open(conf, path);
    InferenceProgram program =
        file.load(conf, OptionalInt.empty(), Normalization.IMAGENET, Engine.threads());
    loaded.add(program::close);
    return new Subject(
        path.getName(), "onnx", file.input().size().orElse(settings.imageSize()), program::forward);
  }

  /** A file of the local file system: other libraries read no others. */
  private java.nio.file.Path local(Path path) throws IOException {
    FileSystem fs = path.getFileSystem(conf);
    if (!(fs instanceof LocalFileSystem local)) {
      throw new OctavoException.Usage(
          "--model %s: .pt files must be on the local file system".formatted(path));
    }
    java.nio.file.Path file = local.pathToFile(path).toPath();
    if (!Files.isRegularFile(file)) {
      throw new OctavoException("there is no file " + path);
    }
    return file;
  }

  /** A model of floats, {@code [N, 3, H, W]} in [0, 1]; what makes them of pixels is not timed. */
  private Subject plain(Path path, InferenceProgram program) {
    Map<Long, Tensor> inputs = new HashMap<>();
    return new Subject(
        path.getName(),
        "torchscript",
        settings.imageSize(),
        pixels ->
            program.forward(inputs.computeIfAbsent(pixels.elements(), n -> noise(pixels.shape()))));
  }

  /** Random floats in the shape that such models take, for pixels of shape {@code [N, H, W, 3]}. */
  private static Tensor noise(long[] shape) {
    int floats = (int) (shape[0] * shape[1] * shape[2] * shape[3]);
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(floats * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(17);
    for (int i = 0; i < floats; i++) {
      bytes.putFloat(random.nextFloat());
    }
    return Tensor.of(
        DType.FLOAT32, new long[] {shape[0], shape[3], shape[1], shape[2]}, bytes.flip());
  }
}
