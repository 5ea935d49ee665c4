package dev.octavo.train.data;

/**
 * The target distribution of an image: a row of one number per class. With smoothing <i>e</i>,
 * <i>K</i> classes and class weights <i>w</i>, an image of class <i>c</i> has the target <i>w_k ((1
 * - e) [k = c] + e / K)</i>, and mixup takes a weighted mean of two images' rows; as {@code
 * torch.nn.CrossEntropyLoss(weight, label_smoothing)} defines it.
 */
public record Targets(float[] classWeights, double smoothing) {
  int classes() {
    return classWeights.length;
  }

  /**
   * Sets the targets of a batch of which each image shows itself with share {@code share} and the
   * next one, the first for the last, with the rest.
   */
  public void write(Batch batch, double share) {
    float[] row = new float[classes()];
    for (int i = 0; i < batch.size(); i++) {
      double weight = write(batch.label(i), batch.label((i + 1) % batch.size()), share, row);
      batch.target(i, row, weight);
    }
  }

  /**
   * Writes the row of an image that shows {@code label} with share {@code share} and {@code other}
   * with the rest; returns the weight of the image in the mean of the losses.
   */
  private double write(int label, int other, double share, float[] row) {
    double spread = smoothing / row.length;
    for (int k = 0; k < row.length; k++) {
      row[k] = (float) (classWeights[k] * spread);
    }
    row[label] += (float) (classWeights[label] * (1 - smoothing) * share);
    row[other] += (float) (classWeights[other] * (1 - smoothing) * (1 - share));
    return classWeights[label] * share + classWeights[other] * (1 - share);
  }
}
