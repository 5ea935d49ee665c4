package dev.octavo.results;

import dev.octavo.OctavoException;
import dev.octavo.artifact.ArtifactFiles;
import dev.octavo.artifact.Manifest;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The names in a scores artifact, and the files that are read whole. */
public final class Scores {
  /** The kind in the manifest. */
  public static final String KIND = "scores";

  /** The directory of the predictions, Parquet, partitioned by {@link #ROUND} and model. */
  public static final String PREDICTIONS = "predictions";

  /**
   * The partition column of {@link #PREDICTIONS} that says which predictions were committed
   * together.
   */
  public static final String ROUND = "round";

  /** The directory of the throughput rows, Parquet. */
  public static final String THROUGHPUT = "throughput";

  private Scores() {}

  /**
   * Reads the metrics of published scores.
   *
   * @throws OctavoException if the file isn't the one that was published
   */
  public static ScoreMetrics metrics(Configuration conf, Path scores, Manifest manifest)
      throws IOException {
    return ScoreMetrics.fromJson(
        ArtifactFiles.text(conf, scores, manifest, ScoreMetrics.FILE_NAME),
        new Path(scores, ScoreMetrics.FILE_NAME));
  }

  /**
   * Reads the throughput of published scores.
   *
   * @throws OctavoException if the file isn't the one that was published
   */
  public static List<ThroughputRow> throughput(Configuration conf, Path scores, Manifest manifest)
      throws IOException {
    return ThroughputRow.fromCsv(
        ArtifactFiles.text(conf, scores, manifest, ThroughputRow.FILE_NAME),
        new Path(scores, ThroughputRow.FILE_NAME).toString());
  }
}
