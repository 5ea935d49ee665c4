package dev.octavo.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Counts of (truth, predicted) pairs. Rows are the truth, columns are what was predicted: {@code
 * count(t, p)} is the number of samples of class {@code t} that were taken for class {@code p}.
 *
 * <p>Immutable; parts are joined by {@link #plus}.
 */
public final class ConfusionMatrix {
  private final int classes;
  private final long[] counts;

  private ConfusionMatrix(int classes, long[] counts) {
    this.classes = classes;
    this.counts = counts;
  }

  /**
   * One cell of the matrix.
   *
   * @param truth index of the true class
   * @param predicted index of the predicted class
   * @param count samples
   */
  public record Cell(int truth, int predicted, long count) {
    /** Refuses what can't be a count. */
    public Cell {
      if (truth < 0 || predicted < 0 || count < 0) {
        throw new IllegalArgumentException(
            "truth %d, predicted %d, count %d: none may be negative"
                .formatted(truth, predicted, count));
      }
    }
  }

  /**
   * A matrix from its cells; cells that are not named are 0, those named twice are added.
   *
   * @throws IllegalArgumentException if a cell lies outside
   */
  public static ConfusionMatrix of(int classes, Iterable<Cell> cells) {
    long[] counts = new long[Math.multiplyExact(classes, classes)];
    for (Cell cell : cells) {
      if (cell.truth() >= classes || cell.predicted() >= classes) {
        throw new IllegalArgumentException(cell + " is outside of " + classes + " classes");
      }
      counts[cell.truth() * classes + cell.predicted()] += cell.count();
    }
    return new ConfusionMatrix(classes, counts);
  }

  /** The sum of two parts over the same classes. */
  public ConfusionMatrix plus(ConfusionMatrix other) {
    if (other.classes != classes) {
      throw new IllegalArgumentException(
          "a matrix of %d classes can't be added to one of %d".formatted(other.classes, classes));
    }
    long[] sum = counts.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other.counts[i];
    }
    return new ConfusionMatrix(classes, sum);
  }

  /** The number of classes. */
  public int classes() {
    return classes;
  }

  /** Samples of class {@code truth} that were taken for class {@code predicted}. */
  public long count(int truth, int predicted) {
    return counts[truth * classes + predicted];
  }

  /** Samples in all. */
  public long total() {
    return Arrays.stream(counts).sum();
  }

  /** Top-1 accuracy: the diagonal over everything. */
  public Ratio accuracy() {
    long hits = 0;
    for (int c = 0; c < classes; c++) {
      hits += count(c, c);
    }
    return new Ratio(hits, total());
  }

  /** The recall of one class: how many of its samples were recognised. */
  public Ratio recall(int truth) {
    long row = 0;
    for (int p = 0; p < classes; p++) {
      row += count(truth, p);
    }
    return new Ratio(count(truth, truth), row);
  }

  /** The precision of one class: how many of the samples taken for it belong to it. */
  public Ratio precision(int predicted) {
    long column = 0;
    for (int t = 0; t < classes; t++) {
      column += count(t, predicted);
    }
    return new Ratio(count(predicted, predicted), column);
  }

  /**
   * The mean over classes of {@link #recall}, each class with the same weight however many samples
   * it has (balanced accuracy). Classes without samples are left out; {@code NaN} if none has any.
   */
  public double meanPerClassAccuracy() {
    double sum = 0;
    int present = 0;
    for (int c = 0; c < classes; c++) {
      Ratio recall = recall(c);
      if (recall.total() > 0) {
        sum += recall.value();
        present++;
      }
    }
    return present == 0 ? Double.NaN : sum / present;
  }

  /** The cells that are not 0, by truth, then by prediction. */
  public List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (int t = 0; t < classes; t++) {
      for (int p = 0; p < classes; p++) {
        if (count(t, p) > 0) {
          cells.add(new Cell(t, p, count(t, p)));
        }
      }
    }
    return cells;
  }

  /** The errors that happen most: the largest cells off the diagonal, at most {@code limit}. */
  public List<Cell> mostConfused(int limit) {
    return cells().stream()
        .filter(c -> c.truth() != c.predicted())
        .sorted(Comparator.comparingLong(Cell::count).reversed())
        .limit(limit)
        .toList();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConfusionMatrix that
        && classes == that.classes
        && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return "ConfusionMatrix" + cells();
  }
}
