package dev.octavo.report;

import dev.octavo.OctavoException;
import dev.octavo.artifact.ParquetRows;
import dev.octavo.metrics.TwoSamples;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.DoubleStream;
import org.apache.hadoop.conf.Configuration;

/**
 * The difference between the images of a run and those of a reference, as one model sees them.
 *
 * @param reference the run that is compared with
 * @param model the first that both runs have
 * @param then the reference's answers
 * @param now the run's answers
 * @param embeddings empty where a run has none
 */
record Drift(
    Run reference,
    String model,
    Answers then,
    Answers now,
    Optional<EmbeddingDistances.Summary> embeddings) {
  /**
   * The answers of one run.
   *
   * @param labels how often each class was named
   * @param confidences the probabilities of the named classes
   */
  record Answers(Map<String, Long> labels, double[] confidences) {
    long images() {
      return confidences.length;
    }
  }

  /**
   * Measures it.
   *
   * @throws OctavoException if the runs have no model in common, or one of them no answer
   */
  static Drift of(Configuration conf, Run run, Run reference) throws IOException {
    String model =
        run.sharedModel(reference)
            .orElseThrow(
                () ->
                    new OctavoException(
                        "--reference %s is by none of the models of --scores: score both with the same bundle"
                            .formatted(reference.scores())));
    if (reference.manifest().id().equals(run.manifest().id())) {
      throw new OctavoException(
          "--reference %s is --scores itself: name scores of the test split"
              .formatted(reference.scores()));
    }
    List<String> columns = new ArrayList<>(Predictions.ANSWER);
    if (run.settings().outputs().embeddings() && reference.settings().outputs().embeddings()) {
      columns.add(EmbeddingDistances.COLUMN);
    }
    EmbeddingDistances distances =
        new EmbeddingDistances(images(reference, model), images(run, model));
    Answers then = answers(conf, reference, model, columns, distances::addReference);
    Answers now = answers(conf, run, model, columns, distances::add);
    return new Drift(reference, model, then, now, distances.summary());
  }

  private static long images(Run run, String model) {
    return run.metrics().models().stream()
        .filter(m -> m.name().equals(model))
        .findFirst()
        .orElseThrow()
        .images();
  }

  private static Answers answers(
      Configuration conf,
      Run run,
      String model,
      List<String> columns,
      BiConsumer<Answer, float[]> embeddings)
      throws IOException {
    Map<String, Long> labels = new TreeMap<>();
    DoubleStream.Builder confidences = DoubleStream.builder();
    Predictions.forEach(
        conf,
        run.scores(),
        model,
        columns,
        (answer, row) -> {
          labels.merge(answer.label(), 1L, Long::sum);
          confidences.add(answer.probability());
          if (ParquetRows.has(row, EmbeddingDistances.COLUMN)) {
            embeddings.accept(answer, ParquetRows.floats(row, EmbeddingDistances.COLUMN));
          }
        },
        error -> {});
    Answers read = new Answers(labels, confidences.build().toArray());
    if (read.images() < 2) {
      throw new OctavoException(
          "%s has %s by '%s': drift takes two images or more of both runs"
              .formatted(run.scores(), Html.counted(read.images(), "answer"), model));
    }
    return read;
  }

  /** The difference of the classes named. */
  TwoSamples.Difference classes() {
    List<String> names = names();
    return TwoSamples.categories(counts(then, names), counts(now, names));
  }

  /** The classes that either run names, sorted. */
  List<String> names() {
    Map<String, Long> all = new TreeMap<>(then.labels());
    all.putAll(now.labels());
    return List.copyOf(all.keySet());
  }

  private static long[] counts(Answers answers, List<String> names) {
    return names.stream().mapToLong(name -> answers.labels().getOrDefault(name, 0L)).toArray();
  }

  /** The difference of the confidences. */
  TwoSamples.Difference confidence() {
    return TwoSamples.kolmogorovSmirnov(then.confidences(), now.confidences());
  }
}
