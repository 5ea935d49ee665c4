package dev.octavo.report;

import dev.octavo.OctavoException;
import dev.octavo.artifact.ArtifactFiles;
import dev.octavo.artifact.Artifacts;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.ParentRole;
import dev.octavo.bundle.CalibrationRecord;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.QuantizationFigures;
import dev.octavo.bundle.QuantizationManifest;
import dev.octavo.bundle.TrainingFigures;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetManifest;
import dev.octavo.metrics.Temperature;
import dev.octavo.program.Precision;
import dev.octavo.results.Csv;
import dev.octavo.results.InputSource.Split;
import dev.octavo.results.ScoreMetrics;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The inputs of a report.
 *
 * @param run what the page is about
 * @param others runs that it is compared with
 * @param comparisons of their answers with those of the run
 * @param drift from the reference, if there is one
 * @param models in the order of the metrics
 * @param dataset of the split that was scored
 * @param predictions what the models answered
 * @param repeated images that another split has, too
 * @param checked doubtful images of the dataset that a model was trained on
 * @param thumbnails of the images that the page shows
 */
@RecordBuilder
record ReportInputs(
    Run run,
    List<Run> others,
    List<RunsSection.Comparison> comparisons,
    Optional<Drift> drift,
    List<Model> models,
    Optional<Dataset> dataset,
    Predictions predictions,
    RepeatedImages repeated,
    CheckedData checked,
    Thumbnails thumbnails) {

  /**
   * The dataset of the split that was scored, where it is still in place.
   *
   * @param path of it
   * @param manifest of it
   * @param settings that it was made with
   */
  record Dataset(Path path, Manifest manifest, DatasetManifest settings) {
    private static Optional<Dataset> of(Configuration conf, Run run) throws IOException {
      if (!(run.settings().source() instanceof Split split)) {
        return Optional.empty();
      }
      Path path = split.dataset();
      if (!path.getFileSystem(conf).exists(new Path(path, Manifest.FILE_NAME))) {
        return Optional.empty();
      }
      Manifest manifest = Artifacts.manifest(conf, path, DatasetArtifact.KIND);
      return manifest.id().equals(run.manifest().parents().get(ParentRole.DATA))
          ? Optional.of(new Dataset(path, manifest, DatasetManifest.read(manifest, path)))
          : Optional.empty();
    }
  }

  /**
   * The remains of a model's bundle: it may have been moved or deleted since.
   *
   * @param metrics of the model
   * @param manifest of its bundle
   * @param history of its training, empty for a bundle that wasn't trained (an int8 one)
   * @param calibration of an int8 one
   */
  record Model(
      ModelMetrics metrics,
      Optional<Manifest> manifest,
      List<Csv.Row> history,
      Optional<CalibrationRecord> calibration) {
    private static Model gone(ModelMetrics metrics) {
      return new Model(metrics, Optional.empty(), List.of(), Optional.empty());
    }

    /** The manifest of a model that was trained; empty for others, and where the bundle is gone. */
    Optional<Manifest> training() {
      return manifest.filter(m -> TrainingFigures.read(m, new Path(metrics.path())).isPresent());
    }

    /** The making of an int8 model; empty for a float one, and where the bundle is gone. */
    Optional<QuantizationManifest> quantization() {
      return metrics.precision().equals(Precision.INT8.id())
          ? manifest.flatMap(m -> QuantizationManifest.read(m, new Path(metrics.path())))
          : Optional.empty();
    }

    /** The figures of an int8 model; empty for a float one, and where the bundle is gone. */
    Optional<QuantizationFigures> quantizationFigures() {
      return manifest.flatMap(m -> QuantizationFigures.read(m, new Path(metrics.path())));
    }
  }

  /** The manifest of the run. */
  Manifest manifest() {
    return run.manifest();
  }

  /** The metrics of the run. */
  ScoreMetrics metrics() {
    return run.metrics();
  }

  /** The run and the others. */
  List<Run> runs() {
    return Stream.concat(Stream.of(run), others.stream()).toList();
  }

  /**
   * Reads them.
   *
   * @throws OctavoException if there is no whole scores artifact, or those of val or the reference
   *     don't belong to it
   */
  static ReportInputs read(Configuration conf, ReportSettings report) throws IOException {
    Run run = Run.read(conf, report.scores().get(0));
    List<Run> others = new ArrayList<>();
    for (Path scores : report.scores().subList(1, report.scores().size())) {
      others.add(Run.read(conf, scores));
    }
    List<Model> models = new ArrayList<>();
    for (ModelMetrics model : run.metrics().models()) {
      models.add(model(conf, model, run.modelId(model.name())));
    }
    Map<String, Temperature> temperatures =
        report.valScores().isPresent()
            ? ValTemperatures.fit(
                conf, report.valScores().get(), run.manifest(), run.metrics().models())
            : Map.of();
    Optional<Drift> drift =
        report.reference().isPresent()
            ? Optional.of(Drift.of(conf, run, Run.read(conf, report.reference().get())))
            : Optional.empty();
    Optional<Dataset> dataset = Dataset.of(conf, run);
    RepeatedImages repeated = RepeatedImages.of(conf, run, dataset);
    Predictions predictions = Predictions.read(conf, run, temperatures, repeated.trainedOn());
    Thumbnails thumbnails =
        report.images() == ReportSettings.Images.EMBEDDED
            ? Thumbnails.of(
                conf, run.settings().source(), Gallery.paths(predictions, repeated, drift))
            : Thumbnails.none();
    return ReportInputsBuilder.builder()
        .run(run)
        .others(others)
        .comparisons(comparisons(conf, run, others))
        .drift(drift)
        .models(models)
        .dataset(dataset)
        .predictions(predictions)
        .repeated(repeated)
        .checked(CheckedData.of(conf, models))
        .thumbnails(thumbnails)
        .build();
  }

  /** Each model of the other runs beside that of the same name, or else the first, of the run. */
  private static List<RunsSection.Comparison> comparisons(
      Configuration conf, Run run, List<Run> others) throws IOException {
    List<RunsSection.Comparison> comparisons = new ArrayList<>();
    for (int i = 0; i < others.size(); i++) {
      Run other = others.get(i);
      for (String model : other.models()) {
        String base = run.models().contains(model) ? model : run.models().get(0);
        comparisons.add(
            new RunsSection.Comparison(
                other.modelId(model).isPresent() && other.modelId(model).equals(run.modelId(base)),
                Predictions.compare(
                    conf,
                    run,
                    base,
                    other,
                    model,
                    "%s of %s".formatted(model, RunsSection.name(i + 1)))));
      }
    }
    return comparisons;
  }

  private static Model model(Configuration conf, ModelMetrics metrics, Optional<String> id)
      throws IOException {
    Path bundle = new Path(metrics.path());
    FileSystem fs = bundle.getFileSystem(conf);
    if (!fs.exists(bundle)
        || fs.getFileStatus(bundle).isFile() // an ONNX file
        || !fs.exists(new Path(bundle, Manifest.FILE_NAME))) {
      return Model.gone(metrics);
    }
    Manifest manifest = Artifacts.manifest(conf, bundle, ModelBundle.KIND);
    if (!Optional.of(manifest.id()).equals(id)) {
      // Another model stands there now: its curves are not those of the one that was scored.
      return Model.gone(metrics);
    }
    return new Model(
        metrics,
        Optional.of(manifest),
        manifest.files().containsKey(ModelBundle.HISTORY_FILE)
            ? Csv.table(
                ArtifactFiles.text(conf, bundle, manifest, ModelBundle.HISTORY_FILE),
                new Path(bundle, ModelBundle.HISTORY_FILE).toString())
            : List.of(),
        CalibrationRecord.read(conf, bundle, manifest));
  }
}
