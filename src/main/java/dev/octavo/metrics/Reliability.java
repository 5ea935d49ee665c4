package dev.octavo.metrics;

import dev.octavo.metrics.Ratio.Outcome;
import java.util.ArrayList;
import java.util.List;

/**
 * The confidence of a model in the class that it names, against how often it is right. Counted
 * answer by answer; a mutable sum that one thread fills.
 *
 * <p>Calibration as in C. Guo and others, "On Calibration of Modern Neural Networks" (ICML 2017):
 * {@value #BINS} bins of equal width, each open below and closed above.
 */
public final class Reliability {
  /** Bins of the reliability diagram and of the calibration error. */
  public static final int BINS = 15;

  private static final int STEPS = 1_000;

  private final long[] counts = new long[BINS];
  private final double[] confidences = new double[BINS];
  private final long[] hits = new long[BINS];
  private final long[] answersAt = new long[STEPS + 1];
  private final long[] hitsAt = new long[STEPS + 1];
  private double squares;

  /** Nothing counted yet. */
  public Reliability() {}

  /**
   * A bin of the diagram.
   *
   * @param low its lower end
   * @param high its upper end
   * @param answers whose confidence lies within
   * @param confidence their mean
   */
  public record Bin(double low, double high, Ratio answers, double confidence) {}

  /** Counts an answer whose truth is known. */
  public void add(double confidence, Outcome outcome) {
    int hit = outcome == Outcome.HIT ? 1 : 0;
    int bin = Math.max(0, Math.min(BINS - 1, (int) Math.ceil(confidence * BINS) - 1));
    counts[bin]++;
    confidences[bin] += confidence;
    hits[bin] += hit;
    squares += (confidence - hit) * (confidence - hit);
    hitsAt[step(confidence)] += hit;
    addUnlabelled(confidence);
  }

  /** Counts an answer whose truth is unknown: it shows in {@link #coverage} alone. */
  public void addUnlabelled(double confidence) {
    answersAt[step(confidence)]++;
  }

  private static int step(double confidence) {
    return (int) Math.max(0, Math.min(STEPS, Math.floor(confidence * STEPS)));
  }

  /** Answers whose truth is known. */
  public long labelled() {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }

  /** The bins, from the lowest confidence; those without answers are left out. */
  public List<Bin> bins() {
    List<Bin> bins = new ArrayList<>();
    for (int b = 0; b < BINS; b++) {
      if (counts[b] > 0) {
        bins.add(
            new Bin(
                (double) b / BINS,
                (b + 1.0) / BINS,
                new Ratio(hits[b], counts[b]),
                confidences[b] / counts[b]));
      }
    }
    return bins;
  }

  /**
   * The expected calibration error: {@code Σ (n(b) / n) · |accuracy(b) − confidence(b)|} over the
   * bins; {@code NaN} without labelled answers.
   */
  public double expectedCalibrationError() {
    double sum = 0;
    for (int b = 0; b < BINS; b++) {
      sum += Math.abs(hits[b] - confidences[b]);
    }
    return sum / labelled();
  }

  /**
   * The Brier score of the named class: the mean of {@code (confidence − right)²}, {@code right}
   * being 1 or 0; {@code NaN} without labelled answers. (G. W. Brier, "Verification of forecasts
   * expressed in terms of probability", Monthly Weather Review 78, 1950, for the event that the
   * answer is right.)
   */
  public double brier() {
    return squares / labelled();
  }

  /** Answers whose confidence is at least a threshold in steps of 0.001, out of all. */
  public Ratio coverage(double threshold) {
    long all = 0;
    long kept = 0;
    for (int s = 0; s <= STEPS; s++) {
      all += answersAt[s];
      kept += s >= Math.round(threshold * STEPS) ? answersAt[s] : 0;
    }
    return new Ratio(kept, all);
  }

  /** The right ones among the answers that {@link #coverage} counts, where all are labelled. */
  public Ratio accuracy(double threshold) {
    long kept = 0;
    for (int s = (int) Math.round(threshold * STEPS); s <= STEPS; s++) {
      kept += hitsAt[s];
    }
    return new Ratio(kept, coverage(threshold).hits());
  }
}
