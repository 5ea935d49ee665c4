package dev.octavo.quantize;

import dev.octavo.bench.BenchResult;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
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
import dev.octavo.program.LayerInputProgram;
import dev.octavo.program.Precision;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What observing costs beside plain inference in float32, in turns. Arguments: a float bundle,
 * seconds for each program.
 */
public final class CalibrationRate {
  private static final int BATCH = ModelBundle.TYPICAL_BATCH;

  private CalibrationRate() {}

  /** Prints the table. */
  public static void main(String[] args) throws IOException {
    Configuration conf = new Configuration();
    ModelBundle bundle = ModelBundle.open(conf, new Path(args[0]));
    FoldedNetwork folded =
        FoldedNetwork.of(bundle.network(), bundle.stateDict(conf), Normalization.IMAGENET);
    int size = bundle.imageSize();
    Engine.start(Runtime.getRuntime().availableProcessors());
    try (InferenceProgram plain = bundle.load(conf, Precision.FP32, CpuPolicy.ADAPT);
        LoadedProgram ranges =
            NetworkQuantizer.load(
                out ->
                    CalibrationProgram.write(
                        folded, Int8Operators.ONEDNN, new InputShape(size, BATCH), out));
        LoadedProgram means = inputs(folded, LayerInputProgram.Statistics.MEANS, size);
        LoadedProgram covariances =
            inputs(folded, LayerInputProgram.Statistics.COVARIANCES, size)) {
      List<AlternatingBenchmark.Subject> subjects =
          List.of(
              subject("inference", size, plain::forward),
              subject("ranges", size, pixels -> ranges.run("observe", pixels)),
              subject("means", size, observing(means)),
              subject("covariances", size, observing(covariances)));
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

  private static LoadedProgram inputs(
      FoldedNetwork folded, LayerInputProgram.Statistics statistics, int size) throws IOException {
    return NetworkQuantizer.load(
        out -> LayerInputProgram.write(folded, statistics, new InputShape(size, BATCH), out));
  }

  private static AlternatingBenchmark.Subject subject(
      String name, int size, AlternatingBenchmark.Forward forward) {
    return new AlternatingBenchmark.Subject(name, "fp32", size, forward);
  }

  private static AlternatingBenchmark.Forward observing(LoadedProgram program) {
    return pixels -> program.run("observe", pixels, Tensor.of(new float[1], 1));
  }
}
