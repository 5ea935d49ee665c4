package dev.octavo.quantize;

import dev.octavo.bench.BenchResult;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.Engine;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.latency.AlternatingBenchmark;
import dev.octavo.program.CalibrationProgram;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.InputShape;
import dev.octavo.program.Int8Operators;
import dev.octavo.program.Precision;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What observing costs beside plain inference in float32, in turns. Arguments: a float bundle,
 * seconds for each program.
 */
public final class CalibrationRate {
  private static final int BATCH = ProgramLoader.TYPICAL_BATCH;

  /** As many of 512 images as {@code quantize} gathers statistics of. */
  private static final int QUARTER = 4;

  private CalibrationRate() {}

  /** Prints the table. */
  public static void main(String[] args) throws IOException {
    Configuration conf = new Configuration();
    ModelBundle bundle = ModelBundle.open(conf, new Path(args[0]));
    FoldedNetwork folded =
        FoldedNetwork.of(bundle.network(), bundle.stateDict(conf), Normalization.IMAGENET);
    int size = bundle.imageSize();
    Engine.start(Runtime.getRuntime().availableProcessors());
    try (InferenceProgram plain =
            new ProgramLoader(bundle, conf, CpuPolicy.ADAPT).load(Precision.FP32);
        LoadedProgram means = program(folded, CalibrationProgram.Statistics.MEANS, size);
        LoadedProgram covariances =
            program(folded, CalibrationProgram.Statistics.COVARIANCES, size);
        LoadedProgram comparison = comparison(bundle, folded)) {
      List<AlternatingBenchmark.Subject> subjects =
          List.of(
              subject("inference", size, plain::forward),
              subject("ranges", size, observing(means, BATCH)),
              subject("means", size, observing(means, QUARTER)),
              subject("covariances", size, observing(covariances, QUARTER)),
              subject("comparison", size, pixels -> comparison.run("compare", pixels)));
      AlternatingBenchmark.Machine machine =
          new AlternatingBenchmark.Machine(Engine.threads(), CpuFeatures.current().names());
      System.err.print(
          new BenchResult(
                  new Path("none"),
                  new AlternatingBenchmark(Duration.ofSeconds(Long.parseLong(args[1])))
                      .measure(subjects, List.of(BATCH), machine))
              .toText());
    }
  }

  private static LoadedProgram comparison(ModelBundle bundle, FoldedNetwork folded)
      throws IOException {
    NoiseImages noise = new NoiseImages(BATCH, bundle.preprocessing(), BATCH, 1);
    NetworkQuantizer quantizer =
        new NetworkQuantizer(
            folded,
            CpuTarget.of(CpuFeatures.current()),
            Precision.FP32,
            new NetworkQuantizer.Images(noise, BATCH),
            bundle.imageSize(),
            line -> {});
    QuantizationConfig minmax = new QuantizationConfig(RangeMethod.MINMAX, Set.of(), Set.of());
    return quantizer.comparison(minmax, quantizer.quantize(minmax));
  }

  private static LoadedProgram program(
      FoldedNetwork folded, CalibrationProgram.Statistics statistics, int size) throws IOException {
    return NetworkQuantizer.load(
        out ->
            CalibrationProgram.write(
                folded, Int8Operators.ONEDNN, statistics, new InputShape(size, BATCH), out));
  }

  private static AlternatingBenchmark.Subject subject(
      String name, int size, AlternatingBenchmark.Forward forward) {
    return new AlternatingBenchmark.Subject(name, "fp32", size, forward);
  }

  /** Gathers statistics of every {@code every}th image. */
  private static AlternatingBenchmark.Forward observing(LoadedProgram program, int every) {
    Tensor batch = Tensor.of(new float[1], 1);
    Tensor step = Tensor.of(new float[] {every}, 1);
    return pixels -> program.run("observe", pixels, batch, step);
  }
}
