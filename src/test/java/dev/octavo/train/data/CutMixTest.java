package dev.octavo.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.image.augment.Box;
import dev.octavo.train.LossSettings;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class CutMixTest {
  private static final int SIDE = 224;

  private static LossSettings loss(double mixup, double cutmix) {
    return new LossSettings(0, LossSettings.ClassWeights.NONE, mixup, cutmix);
  }

  private static Optional<Box> box(LossSettings loss, int batch) {
    return CutMix.box(loss, SIDE, 7, 1, String.valueOf(batch));
  }

  /** {@code torchvision.transforms.v2.CutMix(alpha=1)} 0.28 keeps 0.6818 in the mean of 200,000. */
  @Test
  void imagesKeepAsMuchOfThemselvesAsTorchvisionsDo() {
    double kept = 0;
    int n = 40_000;
    for (int i = 0; i < n; i++) {
      Box box = box(loss(0, 1), i).orElseThrow();
      assertThat(box.x()).isBetween(0, SIDE - box.width());
      assertThat(box.y()).isBetween(0, SIDE - box.height());
      kept += 1 - box.fractionOf(SIDE);
    }
    assertThat(kept / n).isCloseTo(0.6818, within(0.005));
  }

  @Test
  void theRectangleIsAFunctionOfTheSeed() {
    assertThat(box(loss(0, 1), 3)).isEqualTo(box(loss(0, 1), 3));
    assertThat(CutMix.box(loss(0, 1), SIDE, 7, 2, "3")).isNotEqualTo(box(loss(0, 1), 3));
  }

  @Test
  void besideMixupEveryOtherBatchIsLeftToIt() {
    assertThat(box(loss(0.2, 0), 1)).isEmpty();
    int cut = 0;
    for (int i = 0; i < 2000; i++) {
      cut += box(loss(0.2, 1), i).isPresent() ? 1 : 0;
    }
    assertThat(cut / 2000.0).isCloseTo(0.5, within(0.04));
  }

  @Test
  void theImagesOfAPairShowARectangleOfEachOther() {
    Batch batch = Batch.ofImages(3, 4, 3);
    ByteBuffer pixels = batch.clear();
    for (int image = 0; image < 3; image++) {
      for (int i = 0; i < 3 * 16; i++) {
        pixels.put((byte) (10 * (image + 1)));
      }
      batch.add(image);
    }
    Box box = new Box(1, 2, 3, 2);
    batch.paste(box);
    new Targets(new float[] {1, 1, 1}, 0).write(batch, 1 - box.fractionOf(4));

    for (int image = 0; image < 3; image++) {
      for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 4; x++) {
          int shown = x >= 1 && y >= 2 ? Batch.partner(image, 3) : image;
          assertThat(pixels.get(3 * ((image * 4 + y) * 4 + x)))
              .isEqualTo((byte) (10 * (shown + 1)));
        }
      }
    }
    assertThat(batch.targets().toFloats())
        .containsExactly(0.625f, 0.375f, 0, 0.375f, 0.625f, 0, 0, 0, 1);
  }
}
