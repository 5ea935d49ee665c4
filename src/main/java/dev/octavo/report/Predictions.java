package dev.octavo.report;

import dev.octavo.artifact.ParquetRows;
import dev.octavo.metrics.Temperature;
import dev.octavo.results.Scores;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
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
  private static final String ERROR = "error";
  private static final float[] NONE = {};

  /** The columns that {@link #forEach} makes answers of. */
  static final List<String> ANSWER =
      List.of("path", "label", "probability", "truth", "truth_rank", ERROR);

  /**
   * Reads them.
   *
   * @param temperatures by model, for those that have one
   * @param repeated paths of images that the models were trained on, too
   */
  static Predictions read(
      Configuration conf, Run run, Map<String, Temperature> temperatures, Set<String> repeated)
      throws IOException {
    Map<String, ModelAnswers> models = new LinkedHashMap<>();
    List<PairAnswers> pairs = new ArrayList<>();
    List<String> names = run.models();
    Map<String, Answer> base = new HashMap<>();
    boolean labelled = run.metrics().models().stream().anyMatch(m -> m.accuracy() != null);
    for (String name : names) {
      Optional<Temperature> temperature = Optional.ofNullable(temperatures.get(name));
      ModelAnswers answers = new ModelAnswers(temperature, repeated);
      Optional<PairAnswers> pair =
          models.isEmpty() ? Optional.empty() : Optional.of(new PairAnswers(names.get(0), name));
      boolean keep = pair.isEmpty() && names.size() > 1;
      List<String> columns = new ArrayList<>(ANSWER);
      if (labelled) {
        columns.add(Answer.TOP_K);
      }
      if (temperature.isPresent()) {
        columns.add(PROBABILITIES);
      }
      forEach(
          conf,
          run.scores(),
          name,
          columns,
          (answer, row) -> {
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
          },
          answers::addError);
      models.put(name, answers);
      pair.ifPresent(pairs::add);
    }
    return new Predictions(models, pairs);
  }

  /** Sums up a model's answers of one run beside a model's answers of another. */
  static PairAnswers compare(
      Configuration conf, Run run, String model, Run other, String otherModel, String otherName)
      throws IOException {
    PairAnswers pair = new PairAnswers(model, otherName);
    Map<String, Answer> base = new HashMap<>();
    forEach(
        conf,
        run.scores(),
        model,
        ANSWER,
        (answer, row) -> base.put(answer.path(), answer),
        e -> {});
    forEach(
        conf,
        other.scores(),
        otherModel,
        ANSWER,
        (answer, row) ->
            Optional.ofNullable(base.get(answer.path()))
                .ifPresent(first -> pair.add(first, answer)),
        e -> {});
    return pair;
  }

  /**
   * Hands a model's answers to a consumer, each with its row.
   *
   * @param columns to be read; those of {@link #ANSWER} among them
   * @param errors given the error of each image that has no answer
   */
  static void forEach(
      Configuration conf,
      Path scores,
      String model,
      List<String> columns,
      BiConsumer<Answer, Group> answers,
      Consumer<String> errors)
      throws IOException {
    Map<String, String> interned = new HashMap<>();
    ParquetRows rows = new ParquetRows(conf, columns);
    for (Path file : files(conf, scores, model)) {
      rows.read(
          file,
          row -> {
            String error = ParquetRows.string(row, ERROR);
            if (error != null) {
              errors.accept(error);
            } else {
              answers.accept(Answer.of(row, interned), row);
            }
          });
    }
  }

  /** The model that a file is about: a directory above it is named after it. */
  private static String model(Path file) {
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
        .map(FileStatus::getPath)
        .filter(file -> model(file).equals(model))
        .toList();
  }
}
