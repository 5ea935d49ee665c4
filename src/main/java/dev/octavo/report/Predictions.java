package dev.octavo.report;

import dev.octavo.metrics.Temperature;
import dev.octavo.results.Scores;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalogUtils;

/**
 * The predictions of a scores artifact, read once and summed up. Of the rows only the first model's
 * answers are held, to be compared with the others'.
 *
 * @param models by name, in the order of the metrics
 * @param pairs each further model beside the first
 */
record Predictions(Map<String, ModelAnswers> models, List<PairAnswers> pairs) {
  private static final String MODEL = "model=";
  private static final String PROBABILITIES = "probabilities";
  private static final float[] NONE = {};

  /**
   * Reads them.
   *
   * @param names of the models, in order
   * @param temperatures by model, for those that have one
   */
  static Predictions read(
      Configuration conf, Path scores, List<String> names, Map<String, Temperature> temperatures)
      throws IOException {
    Map<String, List<Path>> files = new HashMap<>();
    for (LocatedFileStatus file : ParquetRows.files(conf, new Path(scores, Scores.PREDICTIONS))) {
      files.computeIfAbsent(model(file.getPath()), model -> new ArrayList<>()).add(file.getPath());
    }
    Map<String, ModelAnswers> models = new LinkedHashMap<>();
    List<PairAnswers> pairs = new ArrayList<>();
    Map<String, Answer> base = new HashMap<>();
    for (String name : names) {
      Optional<Temperature> temperature = Optional.ofNullable(temperatures.get(name));
      ModelAnswers answers = new ModelAnswers(temperature);
      Optional<PairAnswers> pair =
          models.isEmpty() ? Optional.empty() : Optional.of(new PairAnswers(names.get(0), name));
      boolean keep = pair.isEmpty() && names.size() > 1;
      ParquetRows rows = new ParquetRows(conf, columns(temperature));
      Interned interned = new Interned();
      for (Path file : files.getOrDefault(name, List.of())) {
        rows.read(
            file,
            row -> {
              String error = ParquetRows.string(row, "error");
              if (error != null) {
                answers.addError(error);
                return;
              }
              Answer answer = answer(row, interned);
              answers.add(
                  answer,
                  ParquetRows.has(row, PROBABILITIES)
                      ? ParquetRows.floats(row, PROBABILITIES)
                      : NONE);
              if (keep) {
                base.put(answer.path(), answer);
              }
              pair.ifPresent(
                  p ->
                      Optional.ofNullable(base.get(answer.path()))
                          .ifPresent(first -> p.add(first, answer)));
            });
      }
      models.put(name, answers);
      pair.ifPresent(pairs::add);
    }
    return new Predictions(models, pairs);
  }

  private static List<String> columns(Optional<Temperature> temperature) {
    List<String> columns =
        new ArrayList<>(List.of("path", "label", "probability", "truth", "truth_rank", "error"));
    if (temperature.isPresent()) {
      columns.add(PROBABILITIES);
    }
    return columns;
  }

  /** Names of classes, each held once. */
  private static final class Interned {
    private final Map<String, String> strings = new HashMap<>();

    String of(String string) {
      return string == null ? null : strings.computeIfAbsent(string, s -> s);
    }
  }

  /** The answer in a row without an error. */
  static Answer answer(Group row) {
    return answer(row, new Interned());
  }

  private static Answer answer(Group row, Interned interned) {
    // The rank is missing where the model has no class of that name.
    boolean known = ParquetRows.has(row, "truth_rank");
    return new Answer(
        row.getString("path", 0),
        interned.of(row.getString("label", 0)),
        row.getFloat("probability", 0),
        known ? interned.of(ParquetRows.string(row, "truth")) : null);
  }

  /** The model that a file is about: a directory above it is named after it. */
  static String model(Path file) {
    for (Path at = file.getParent(); at != null; at = at.getParent()) {
      if (at.getName().startsWith(MODEL)) {
        return ExternalCatalogUtils.unescapePathName(at.getName().substring(MODEL.length()));
      }
    }
    return "";
  }

  /** The files of the predictions of one model. */
  static List<Path> files(Configuration conf, Path scores, String model) throws IOException {
    return ParquetRows.files(conf, new Path(scores, Scores.PREDICTIONS)).stream()
        .map(LocatedFileStatus::getPath)
        .filter(file -> model(file).equals(model))
        .toList();
  }
}
