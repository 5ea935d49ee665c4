package dev.octavo.train.data;

import dev.octavo.image.Preprocess;
import dev.octavo.image.augment.Box;
import dev.octavo.train.LossSettings;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;

/**
 * CutMix (Yun et al. 2019) within a batch, as torchvision's {@code CutMix}: a rectangle of each
 * image shows the other one of its pair, and the target is shared as the area is. With a share
 * <i>s</i> from Beta(<i>a</i>, <i>a</i>), the rectangle around a random pixel has √(1 - <i>s</i>)
 * of the height and width; what reaches beyond the image is cut off, and counts for nothing.
 */
final class CutMix {
  private CutMix() {}

  /**
   * The rectangle of a batch; none if the batch is left to mixup, as every other one is by chance
   * where both are on.
   */
  static Optional<Box> box(LossSettings loss, int side, long seed, int epoch, String batch) {
    if (loss.cutmix() == 0) {
      return Optional.empty();
    }
    Random random = new Random(Preprocess.sampleSeed(seed, epoch, "cutmix " + batch));
    if (loss.mixup() > 0 && random.nextBoolean()) {
      return Optional.empty();
    }
    double part = 0.5 * Math.sqrt(1 - Mixup.beta(loss.cutmix(), random));
    int half = (int) (part * side);
    int x = random.nextInt(side);
    int y = random.nextInt(side);
    int left = Math.max(x - half, 0);
    int top = Math.max(y - half, 0);
    return Optional.of(
        new Box(left, top, Math.min(x + half, side) - left, Math.min(y + half, side) - top));
  }

  /**
   * Puts the rectangle of its {@link Batch#partner partner} into each of {@code count} images of
   * {@code side × side × 3} bytes.
   */
  static void paste(ByteBuffer pixels, int count, int side, Box box) {
    int size = 3 * side * side;
    byte[] first = new byte[3 * box.width()];
    byte[] second = new byte[3 * box.width()];
    for (int image = 0; image + 1 < count; image += 2) {
      for (int y = box.y(); y < box.y() + box.height(); y++) {
        int at = image * size + 3 * (y * side + box.x());
        pixels.get(at, first);
        pixels.get(at + size, second);
        pixels.put(at, second);
        pixels.put(at + size, first);
      }
    }
  }
}
