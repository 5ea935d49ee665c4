package dev.octavo.report;

import dev.octavo.metrics.PairedAccuracy;
import dev.octavo.metrics.Ratio;
import java.util.Comparator;
import java.util.List;

/** The answers of a model beside those of the first one, summed up as they are read. */
final class PairAnswers {
  private static final int MOST_LISTED = 1_000;

  private final String first;
  private final String other;
  private final Foremost<Differing> differing = new Foremost<>(MOST_LISTED, Differing.ORDER);
  private Ratio agreement = Ratio.NONE;
  private PairedAccuracy accuracy = new PairedAccuracy(0, 0, 0, 0);

  PairAnswers(String first, String other) {
    this.first = first;
    this.other = other;
  }

  /** An image for which two models name different classes. */
  record Differing(Answer first, Answer other) {
    /** Losses first, then gains, then what both get wrong or nobody knows; the surest first. */
    static final Comparator<Differing> ORDER =
        Comparator.comparingInt(Differing::rank)
            .thenComparingDouble(d -> -Math.max(d.first.probability(), d.other.probability()))
            .thenComparing(d -> d.first.path());

    private int rank() {
      return first.isRight() ? 0 : other.isRight() ? 1 : 2;
    }

    /** The difference in a word or two. */
    String kind() {
      if (!first.isLabelled()) {
        return "unknown";
      }
      return switch (rank()) {
        case 0 -> "lost";
        case 1 -> "gained";
        default -> "both wrong";
      };
    }
  }

  void add(Answer a, Answer b) {
    agreement = agreement.plus(Ratio.Outcome.of(a.label().equals(b.label())));
    if (!a.label().equals(b.label())) {
      differing.add(new Differing(a, b));
    }
    if (a.isLabelled() && b.isLabelled()) {
      accuracy =
          new PairedAccuracy(
              accuracy.bothRight() + (a.isRight() && b.isRight() ? 1 : 0),
              accuracy.onlyFirst() + (a.isRight() && !b.isRight() ? 1 : 0),
              accuracy.onlySecond() + (!a.isRight() && b.isRight() ? 1 : 0),
              accuracy.bothWrong() + (!a.isRight() && !b.isRight() ? 1 : 0));
    }
  }

  String first() {
    return first;
  }

  String other() {
    return other;
  }

  /** The images for which both name the same class. */
  Ratio agreement() {
    return agreement;
  }

  /** The images whose truth both know, by who is right. */
  PairedAccuracy accuracy() {
    return accuracy;
  }

  /** The images for which they name different classes; not all of very many. */
  List<Differing> differing() {
    return differing.list();
  }

  /** The number of all of them. */
  long differingCount() {
    return differing.seen();
  }
}
