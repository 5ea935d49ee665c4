package dev.octavo.train.data;

import java.util.Arrays;

/**
 * The target distribution of an image: a row of one number per class. With smoothing <i>e</i>,
 * <i>K</i> classes and class weights <i>w</i>, an image of class <i>c</i> has the target <i>w_k ((1
 * - e) [k = c] + e / K)</i>, and mixup takes a weighted mean of two images' rows; as {@code
 * torch.nn.CrossEntropyLoss(weight, label_smoothing)} defines it.
 *
 * <p>Where images without a label take part, there is one more column, the share of them: such an
 * image has 1 there and 0 for all classes.
 *
 * @param unlabelled whether there is that column
 */
public record Targets(float[] classWeights, double smoothing, boolean unlabelled) {
  /** Targets of images that all have a label. */
  public Targets(float[] classWeights, double smoothing) {
    this(classWeights, smoothing, false);
  }

  int classes() {
    return classWeights.length;
  }

  int columns() {
    return unlabelled ? classes() + 1 : classes();
  }

  /**
   * Sets the targets of a batch of which each image shows itself with share {@code share} and its
   * {@link Batch#partner partner} with the rest.
   */
  public void write(Batch batch, double share) {
    float[] row = new float[columns()];
    for (int i = 0; i < batch.size(); i++) {
      double weight =
          write(batch.label(i), batch.label(Batch.partner(i, batch.size())), share, row);
      batch.target(i, row, weight);
    }
  }

  /**
   * Writes the row of an image that shows {@code label} with share {@code share} and {@code other}
   * with the rest; returns the weight of the image in the mean of the losses.
   */
  private double write(int label, int other, double share, float[] row) {
    double labelled = (label < 0 ? 0 : share) + (other < 0 ? 0 : 1 - share);
    double spread = smoothing * labelled / classes();
    Arrays.fill(row, 0);
    for (int k = 0; k < classes(); k++) {
      row[k] = (float) (classWeights[k] * spread);
    }
    return add(row, label, share) + add(row, other, 1 - share);
  }

  /** Adds an image to a row; returns its weight. */
  private double add(float[] row, int label, double share) {
    if (label < 0) {
      row[classes()] += (float) share;
      return share;
    }
    row[label] += (float) (classWeights[label] * (1 - smoothing) * share);
    return classWeights[label] * share;
  }
}
