package dev.octavo.image.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class RandomErasingTest {
  private static final int SIDE = 32;
  private static final byte[] COLOUR = {124, 116, 104};

  @Test
  void rectanglesHaveTorchvisionsAreasAndRatiosAndLieWithin() {
    SplitMix random = new SplitMix(5);
    double areas = 0;
    int n = 20_000;
    for (int i = 0; i < n; i++) {
      Box box = RandomErasing.box(224, random).orElseThrow();
      assertThat(box.x()).isBetween(0, 224 - box.width());
      assertThat(box.y()).isBetween(0, 224 - box.height());
      assertThat(box.fractionOf(224)).isBetween(0.018, 0.335);
      assertThat((double) box.height() / box.width()).isBetween(0.28, 3.4);
      areas += box.fractionOf(224);
    }
    // torchvision 0.28: the mean of 200,000 calls of RandomErasing.get_params on this square.
    assertThat(areas / n).isCloseTo(0.1747, within(0.002));
  }

  @Test
  void aRectangleGetsTheColourAndNothingElseChanges() {
    ByteBuffer pixels = ByteBuffer.allocate(2 * 3 * SIDE * SIDE);
    new RandomErasing(1, COLOUR).apply(pixels, 3 * SIDE * SIDE, SIDE, new SplitMix(9));
    SplitMix same = new SplitMix(9);
    same.nextDouble(); // whether
    Box box = RandomErasing.box(SIDE, same).orElseThrow();
    for (int image = 0; image < 2; image++) {
      for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
          boolean within =
              image == 1
                  && x >= box.x()
                  && x < box.x() + box.width()
                  && y >= box.y()
                  && y < box.y() + box.height();
          byte[] pixel = new byte[3];
          pixels.get(3 * ((image * SIDE + y) * SIDE + x), pixel);
          assertThat(pixel).isEqualTo(within ? COLOUR : new byte[3]);
        }
      }
    }
  }

  @Test
  void erasesAsOftenAsAsked() {
    RandomErasing erasing = new RandomErasing(0.25, COLOUR);
    SplitMix random = new SplitMix(1);
    int erased = 0;
    for (int i = 0; i < 4000; i++) {
      ByteBuffer pixels = ByteBuffer.allocate(3 * SIDE * SIDE);
      erasing.apply(pixels, 0, SIDE, random);
      erased += pixels.equals(ByteBuffer.allocate(3 * SIDE * SIDE)) ? 0 : 1;
    }
    assertThat(erased / 4000.0).isCloseTo(0.25, within(0.03));
  }
}
