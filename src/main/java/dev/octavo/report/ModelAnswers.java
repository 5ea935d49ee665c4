package dev.octavo.report;

import dev.octavo.metrics.Ratio;
import dev.octavo.metrics.Reliability;
import dev.octavo.metrics.Temperature;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The answers of one model, summed up as they are read.
 *
 * <p>Labels that may be wrong are found by confident learning (C. Northcutt, L. Jiang, I. Chuang,
 * "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70, 2021): a class's
 * threshold is the mean probability that the model gives it on images labelled so; an image is
 * suspect if another class is named with at least that class's threshold.
 */
final class ModelAnswers {
  /** Mistakes that are listed. */
  private static final int MOST_MISTAKES = 1_000;

  /** Different errors that are told apart. */
  private static final int MOST_ERRORS = 200;

  private static final String OTHERS = "others";

  private final Reliability reliability = new Reliability();
  private final Reliability tempered = new Reliability();
  private final Optional<Temperature> temperature;
  private final Map<String, Long> errors = new HashMap<>();
  private final Foremost<Answer> mistakes =
      new Foremost<>(
          MOST_MISTAKES,
          Comparator.comparingDouble((Answer a) -> -a.probability()).thenComparing(Answer::path));

  private final Set<String> repeated;
  private final Map<String, Confidence> own = new HashMap<>();
  private Ratio apart = Ratio.NONE;

  /** The probabilities that a class got on images of its own. */
  private record Confidence(double sum, long images) {
    Confidence plus(Confidence other) {
      return new Confidence(sum + other.sum, images + other.images);
    }

    double mean() {
      return sum / images;
    }
  }

  /**
   * No answers yet.
   *
   * @param repeated paths of images that the model was trained on, too
   */
  ModelAnswers(Optional<Temperature> temperature, Set<String> repeated) {
    this.temperature = temperature;
    this.repeated = repeated;
  }

  /**
   * Counts an answer.
   *
   * @param probabilities of all classes; empty where they weren't kept
   */
  void add(Answer answer, float[] probabilities) {
    if (!answer.isLabelled()) {
      reliability.addUnlabelled(answer.probability());
      return;
    }
    reliability.add(answer.probability(), answer.outcome());
    own.merge(answer.truth(), new Confidence(answer.truthProbability(), 1), Confidence::plus);
    if (!repeated.contains(answer.path())) {
      apart = apart.plus(answer.outcome());
    }
    if (temperature.isPresent() && probabilities.length > 0) {
      tempered.add(temperature.get().confidence(probabilities), answer.outcome());
    }
    if (!answer.isRight()) {
      mistakes.add(answer);
    }
  }

  /** Counts an image that has an error in place of an answer. */
  void addError(String error) {
    errors.merge(
        errors.size() < MOST_ERRORS || errors.containsKey(error) ? error : OTHERS, 1L, Long::sum);
  }

  /** The confidence in the answers. */
  Reliability reliability() {
    return reliability;
  }

  /** The confidence at the temperature fitted on val; empty where it can't be said. */
  Optional<Reliability> tempered() {
    return tempered.labelled() > 0 ? Optional.of(tempered) : Optional.empty();
  }

  Optional<Temperature> temperature() {
    return temperature;
  }

  /** The mistakes, the most confident first; not all of very many. */
  List<Answer> mistakes() {
    return mistakes.list();
  }

  /** The number of all mistakes. */
  long mistakeCount() {
    return mistakes.seen();
  }

  /**
   * The mistakes whose label may be wrong, the likeliest first; among those that {@link #mistakes}
   * holds.
   */
  List<Answer> suspects() {
    return mistakes().stream()
        .filter(
            answer ->
                own.containsKey(answer.label())
                    && answer.probability() >= own.get(answer.label()).mean())
        .sorted(
            Comparator.comparingDouble((Answer a) -> a.truthProbability() - a.probability())
                .thenComparing(Answer::path))
        .toList();
  }

  /** The right answers to images that the model wasn't trained on. */
  Ratio apart() {
    return apart;
  }

  /** The errors by what they say, the most frequent first. */
  List<Map.Entry<String, Long>> errors() {
    return errors.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .toList();
  }
}
