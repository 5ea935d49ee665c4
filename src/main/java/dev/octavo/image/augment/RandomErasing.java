package dev.octavo.image.augment;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Random erasing (Zhong et al. 2017), as torchvision's {@code RandomErasing} has it by default: a
 * rectangle of 2 % to 33 % of the square, with an aspect ratio from 0.3 to 3.3, gets one colour.
 */
public final class RandomErasing {
  private static final double MIN_AREA = 0.02;
  private static final double MAX_AREA = 0.33;
  private static final double MIN_LOG_RATIO = Math.log(0.3);
  private static final double MAX_LOG_RATIO = Math.log(3.3);
  private static final int ATTEMPTS = 10;

  private final double probability;
  private final byte[] colour;

  /**
   * Erases with some probability.
   *
   * @param colour red, green and blue; torchvision erases to 0 after normalisation, which is the
   *     mean colour before it
   */
  public RandomErasing(double probability, byte[] colour) {
    this.probability = probability;
    this.colour = colour.clone();
  }

  /**
   * Erases in a square of {@code side × side × 3} bytes.
   *
   * @param at index of its first byte
   */
  public void apply(ByteBuffer pixels, int at, int side, SplitMix random) {
    if (probability > 0 && random.nextDouble() < probability) {
      box(side, random).ifPresent(box -> fill(pixels, at, side, box));
    }
  }

  /** The rectangle; none if ten in a row don't fit. */
  static Optional<Box> box(int side, SplitMix random) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      double area = (double) side * side * random.nextDouble(MIN_AREA, MAX_AREA);
      double ratio = Math.exp(random.nextDouble(MIN_LOG_RATIO, MAX_LOG_RATIO));
      int height = (int) Math.rint(Math.sqrt(area * ratio));
      int width = (int) Math.rint(Math.sqrt(area / ratio));
      if (height < side && width < side) {
        int y = random.nextInt(side - height + 1);
        int x = random.nextInt(side - width + 1);
        return Optional.of(new Box(x, y, width, height));
      }
    }
    return Optional.empty();
  }

  private void fill(ByteBuffer pixels, int at, int side, Box box) {
    byte[] row = new byte[3 * box.width()];
    for (int i = 0; i < row.length; i++) {
      row[i] = colour[i % 3];
    }
    for (int y = box.y(); y < box.y() + box.height(); y++) {
      pixels.put(at + 3 * (y * side + box.x()), row);
    }
  }
}
