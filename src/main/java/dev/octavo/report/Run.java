package dev.octavo.report;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Artifacts;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.ParentRole;
import dev.octavo.results.ScoreMetrics;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import dev.octavo.results.Scores;
import dev.octavo.results.ScoresManifest;
import dev.octavo.results.ThroughputRow;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * A scoring run, as it was published.
 *
 * @param scores where the scores are
 * @param manifest theirs
 * @param settings theirs
 * @param metrics theirs
 * @param throughput theirs
 */
record Run(
    Path scores,
    Manifest manifest,
    ScoresManifest settings,
    ScoreMetrics metrics,
    List<ThroughputRow> throughput) {

  /**
   * Reads all but the predictions.
   *
   * @throws OctavoException if there is no whole scores artifact
   */
  static Run read(Configuration conf, Path scores) throws IOException {
    Manifest manifest = Artifacts.manifest(conf, scores, Scores.KIND);
    return new Run(
        scores.getFileSystem(conf).makeQualified(scores),
        manifest,
        ScoresManifest.read(manifest, scores),
        Scores.metrics(conf, scores, manifest),
        Scores.throughput(conf, scores, manifest));
  }

  /** The manifest's id of a model's bundle. */
  Optional<String> modelId(String model) {
    return Optional.ofNullable(manifest.parents().get(ParentRole.model(model)));
  }

  /** The names of its models, in order. */
  List<String> models() {
    return metrics.models().stream().map(ModelMetrics::name).toList();
  }

  /** The rows of a model's throughput. */
  List<ThroughputRow> throughput(String model) {
    return throughput.stream().filter(row -> row.model().equals(model)).toList();
  }

  /** The first of its models that another run scored with, too: the very same bundle. */
  Optional<String> sharedModel(Run other) {
    return models().stream()
        .filter(model -> modelId(model).isPresent())
        .filter(model -> other.modelId(model).equals(modelId(model)))
        .findFirst();
  }
}
