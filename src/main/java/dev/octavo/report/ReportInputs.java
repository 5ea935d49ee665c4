package dev.octavo.report;

import dev.octavo.OctavoException;
import dev.octavo.artifact.ArtifactFiles;
import dev.octavo.artifact.Artifacts;
import dev.octavo.artifact.Manifest;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.QuantizationManifest;
import dev.octavo.metrics.Temperature;
import dev.octavo.program.Precision;
import dev.octavo.results.Csv;
import dev.octavo.results.ScoreMetrics;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import dev.octavo.results.Scores;
import dev.octavo.results.ScoresManifest;
import dev.octavo.results.ThroughputRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The inputs of a report.
 *
 * @param scores where the scores are
 * @param manifest theirs
 * @param settings theirs
 * @param metrics theirs
 * @param throughput theirs
 * @param models in the order of the metrics
 * @param predictions what the models answered
 * @param thumbnails of the images that the page shows
 */
record ReportInputs(
    Path scores,
    Manifest manifest,
    ScoresManifest settings,
    ScoreMetrics metrics,
    List<ThroughputRow> throughput,
    List<Model> models,
    Predictions predictions,
    Thumbnails thumbnails) {

  /**
   * The remains of a model's bundle: it may have been moved or deleted since.
   *
   * @param metrics of the model
   * @param manifest of its bundle
   * @param history of its training, empty for a bundle that wasn't trained (an int8 one)
   */
  record Model(ModelMetrics metrics, Optional<Manifest> manifest, List<Csv.Row> history) {
    /** The making of an int8 model; empty for a float one, and where the bundle is gone. */
    Optional<QuantizationManifest> quantization() {
      return metrics.precision().equals(Precision.INT8.id())
          ? manifest.flatMap(m -> QuantizationManifest.read(m, new Path(metrics.path())))
          : Optional.empty();
    }
  }

  /**
   * Reads them.
   *
   * @throws OctavoException if there is no whole scores artifact, or those of val don't belong to
   *     it
   */
  static ReportInputs read(Configuration conf, ReportSettings report) throws IOException {
    Path scores = report.scores();
    Manifest manifest = Artifacts.manifest(conf, scores, Scores.KIND);
    FileSystem fs = scores.getFileSystem(conf);
    ScoresManifest settings = ScoresManifest.read(manifest, scores);
    ScoreMetrics metrics = Scores.metrics(conf, scores, manifest);
    List<ThroughputRow> throughput = Scores.throughput(conf, scores, manifest);
    List<Model> models = new ArrayList<>();
    for (ModelMetrics model : metrics.models()) {
      models.add(model(conf, model, manifest.parents().get("model " + model.name())));
    }
    Map<String, Temperature> temperatures =
        report.valScores().isPresent()
            ? ValTemperatures.fit(conf, report.valScores().get(), manifest, metrics.models())
            : Map.of();
    Predictions predictions =
        Predictions.read(
            conf, scores, metrics.models().stream().map(ModelMetrics::name).toList(), temperatures);
    Thumbnails thumbnails =
        report.images() == ReportSettings.Images.EMBEDDED
            ? Thumbnails.of(conf, settings.source(), Gallery.paths(predictions))
            : Thumbnails.none();
    return new ReportInputs(
        fs.makeQualified(scores),
        manifest,
        settings,
        metrics,
        throughput,
        models,
        predictions,
        thumbnails);
  }

  private static Model model(Configuration conf, ModelMetrics metrics, String id)
      throws IOException {
    Path bundle = new Path(metrics.path());
    FileSystem fs = bundle.getFileSystem(conf);
    if (!fs.exists(new Path(bundle, Manifest.FILE_NAME))) {
      return new Model(metrics, Optional.empty(), List.of());
    }
    Manifest manifest = Artifacts.manifest(conf, bundle, ModelBundle.KIND);
    if (!manifest.id().equals(id)) {
      // Another model stands there now: its curves are not those of the one that was scored.
      return new Model(metrics, Optional.empty(), List.of());
    }
    return new Model(
        metrics,
        Optional.of(manifest),
        manifest.files().containsKey(ModelBundle.HISTORY_FILE)
            ? Csv.table(
                ArtifactFiles.text(conf, bundle, manifest, ModelBundle.HISTORY_FILE),
                new Path(bundle, ModelBundle.HISTORY_FILE).toString())
            : List.of());
  }
}
