package dev.octavo.program;

/**
 * The batches that a program is written for. Weights are packed for them; others run too, with
 * weights that may be laid out less well for them.
 *
 * @param imageSize height and width of the images
 * @param batchSize images per call, about
 */
public record InputShape(int imageSize, int batchSize) {
  /** Checks that both are positive. */
  public InputShape {
    if (imageSize < 1 || batchSize < 1) {
      throw new IllegalArgumentException(
          "batches of %d images of %d pixels squared".formatted(batchSize, imageSize));
    }
  }

  /** The shape of a feature map, as TorchScript's source writes it. */
  String featureMap(int channels, int size) {
    return "[%d, %d, %d, %d]".formatted(batchSize, channels, size, size);
  }
}
