package dev.octavo.score;

import dev.octavo.artifact.Destination.IfExists;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.Outputs;
import dev.octavo.program.Precision;
import dev.octavo.results.InputSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** Scoring with the defaults of {@code jobs/score}, for commands that measure it. */
public final class AsJobsScore {
  static final int BATCH_SIZE = 16;
  static final Outputs OUTPUTS = Outputs.top(5);
  private static final int COMMIT_FILES = 50_000;
  private static final Duration LATENCY_TIME = Duration.ofSeconds(2);

  private AsJobsScore() {}

  static ModelBundle open(Path bundle) throws IOException {
    return ModelBundle.open(new Configuration(), hadoop(bundle));
  }

  /** Not by way of a URI, which ends with a slash for directories: then the last name is empty. */
  public static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path("file", null, path.toAbsolutePath().toString());
  }

  /**
   * Settings for one model over a folder.
   *
   * @param precision of a float bundle; an int8 bundle is int8 whatever is given
   */
  static ScoreSettings settings(
      org.apache.hadoop.fs.Path model, Precision precision, Path images, Path out) {
    return settings(model, precision, new InputSource.Folder(hadoop(images)), out);
  }

  /** Settings for one model over any source; see the other method. */
  public static ScoreSettings settings(
      org.apache.hadoop.fs.Path model, Precision precision, InputSource source, Path out) {
    return ScoreSettingsBuilder.builder()
        .models(List.of(model))
        .source(source)
        .out(hadoop(out))
        .ifExists(IfExists.FAIL)
        .batchSize(BATCH_SIZE)
        .outputs(OUTPUTS)
        .precision(precision == Precision.INT8 ? Precision.FP32 : precision)
        .cpu(CpuPolicy.ADAPT)
        .limits(DecodeLimits.DEFAULT)
        .decodeTime(InferencePlan.DECODE_TIME)
        .commitFiles(COMMIT_FILES)
        .latencyTime(LATENCY_TIME)
        .table(Optional.empty())
        .onnx(Optional.empty())
        .build();
  }
}
