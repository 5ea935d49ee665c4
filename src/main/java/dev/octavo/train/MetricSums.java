package dev.octavo.train;

import dev.octavo.spark.collective.Ring;
import java.util.Arrays;

/**
 * Sums over images, which add up over batches and workers; means are taken once, at the end.
 *
 * <p>Holds for <i>K</i> classes: loss, weight, top-1 hits, top-5 hits, images without a label, then
 * <i>K</i> numbers of images and <i>K</i> of top-1 hits. What has no label is in the loss alone.
 */
final class MetricSums {
  private static final int TOTALS = 5;
  private static final int TOP = 5;

  private final int classes;
  private final double[] values;

  MetricSums(int classes) {
    this(classes, new double[TOTALS + 2 * classes]);
  }

  private MetricSums(int classes, double[] values) {
    this.classes = classes;
    this.values = values;
  }

  /**
   * Adds an image.
   *
   * @param label of it; below 0 for none
   * @param loss multiplied with its weight
   * @param weight of the image in the mean of the losses
   * @param rank number of classes that were scored higher than {@code label}
   */
  void add(int label, double loss, double weight, long rank) {
    values[0] += loss;
    values[1] += weight;
    if (label < 0) {
      values[4]++;
      return;
    }
    values[2] += rank == 0 ? 1 : 0;
    values[3] += rank < TOP ? 1 : 0;
    values[TOTALS + label]++;
    values[TOTALS + classes + label] += rank == 0 ? 1 : 0;
  }

  /** The sums themselves, not a copy. */
  double[] values() {
    return values;
  }

  /** Back to nothing. */
  void clear() {
    Arrays.fill(values, 0);
  }

  /** The sum over the workers. */
  MetricSums sumOver(Ring ring) {
    return new MetricSums(classes, ring.sum(values));
  }

  /** Number of images without a label. */
  double unlabelled() {
    return values[4];
  }

  /** Number of images with a label. */
  double images() {
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += values[TOTALS + c];
    }
    return sum;
  }

  /** The means; NaN where there are no images. */
  EvalMetrics metrics() {
    double images = images();
    double recalls = 0;
    int present = 0;
    for (int c = 0; c < classes; c++) {
      if (values[TOTALS + c] > 0) {
        recalls += values[TOTALS + classes + c] / values[TOTALS + c];
        present++;
      }
    }
    return new EvalMetrics(
        values[0] / values[1], values[2] / images, values[3] / images, recalls / present);
  }
}
