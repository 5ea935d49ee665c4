package dev.octavo.report;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Artifacts;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.ParentRole;
import dev.octavo.artifact.ParquetRows;
import dev.octavo.metrics.Temperature;
import dev.octavo.results.ScoreMetrics;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import dev.octavo.results.Scores;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The temperature of each model, fitted on scores of other images than those of the page. */
final class ValTemperatures {
  private static final String PROBABILITIES = "probabilities";

  /** Values that are held to fit a temperature: 64 MB. More images make it no better. */
  private static final int MOST_VALUES = 16_000_000;

  private ValTemperatures() {}

  /**
   * Fits them.
   *
   * @param val scores made with {@code --probabilities}
   * @param scores the manifest of the page's scores
   * @throws OctavoException if the scores are of other models or of the same images, or lack
   *     probabilities or labels
   */
  static Map<String, Temperature> fit(
      Configuration conf, Path val, Manifest scores, List<ModelMetrics> models) throws IOException {
    Manifest manifest = Artifacts.manifest(conf, val, Scores.KIND);
    if (manifest.id().equals(scores.id()) || manifest.settings().equals(scores.settings())) {
      throw new OctavoException(
          "--val-scores %s has the images of --scores: a temperature is fitted on others, such as the val split"
              .formatted(val));
    }
    ScoreMetrics metrics = Scores.metrics(conf, val, manifest);
    Map<String, Temperature> temperatures = new LinkedHashMap<>();
    for (ModelMetrics model : models) {
      String role = ParentRole.model(model.name());
      if (!scores.parents().getOrDefault(role, "").equals(manifest.parents().get(role))) {
        throw new OctavoException(
            "--val-scores %s are not by the model '%s' of --scores: score val with the same models"
                .formatted(val, model.name()));
      }
      metrics.models().stream()
          .filter(m -> m.name().equals(model.name()) && m.accuracy() != null)
          .findFirst()
          .ifPresent(m -> fit(conf, val, m, temperatures));
    }
    if (temperatures.isEmpty()) {
      throw new OctavoException(
          "--val-scores %s holds no labelled image with the probabilities of all classes: score val with --probabilities"
              .formatted(val));
    }
    return temperatures;
  }

  private static void fit(
      Configuration conf, Path val, ModelMetrics model, Map<String, Temperature> temperatures) {
    List<String> classes = model.accuracy().classes();
    Map<String, Integer> indices = new HashMap<>();
    classes.forEach(name -> indices.put(name, indices.size()));
    List<float[]> rows = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    ParquetRows parquet =
        new ParquetRows(conf, List.of("truth", "truth_rank", "error", PROBABILITIES));
    try {
      for (Path file : Predictions.files(conf, val, model.name())) {
        parquet.read(
            file,
            row -> {
              if (ParquetRows.has(row, "truth_rank")
                  && ParquetRows.has(row, PROBABILITIES)
                  && (long) rows.size() * classes.size() < MOST_VALUES) {
                rows.add(ParquetRows.floats(row, PROBABILITIES));
                labels.add(indices.get(ParquetRows.string(row, "truth")));
              }
            });
      }
    } catch (IOException e) {
      throw new OctavoException("%s can't be read: %s".formatted(val, e.getMessage()), e);
    }
    if (!rows.isEmpty()) {
      temperatures.put(
          model.name(),
          Temperature.fit(
              rows.toArray(float[][]::new), labels.stream().mapToInt(i -> i).toArray()));
    }
  }
}
