package dev.octavo.image.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class OpenCvPixelsTest {
  private static RgbImage toRgb(int width, int height, int type, int... samples)
      throws UndecodableImageException {
    byte[] bytes = new byte[samples.length];
    for (int i = 0; i < samples.length; i++) {
      bytes[i] = (byte) samples[i];
    }
    return OpenCvPixels.toRgb(width, height, type, bytes, DecodeLimits.DEFAULT);
  }

  @Test
  void blueGreenRedBecomesRedGreenBlue() throws UndecodableImageException {
    RgbImage image = toRgb(2, 1, 16, 1, 2, 3, 4, 5, 6);
    assertThat(image.pixels()).containsExactly(3, 2, 1, 6, 5, 4);
    assertThat(image.width()).isEqualTo(2);
  }

  @Test
  void alphaIsDropped() throws UndecodableImageException {
    assertThat(toRgb(1, 2, 24, 1, 2, 3, 0, 4, 5, 6, 255).pixels())
        .containsExactly(3, 2, 1, 6, 5, 4);
  }

  @Test
  void grayBecomesEqualColours() throws UndecodableImageException {
    assertThat(toRgb(2, 1, 0, 7, 200).pixels())
        .containsExactly(7, 7, 7, (byte) 200, (byte) 200, (byte) 200);
  }

  @Test
  void refusesWhatIsNoImage() {
    assertThatThrownBy(() -> toRgb(-1, -1, -1)).hasMessage("an image of -1 x -1 pixels");
    assertThatThrownBy(() -> toRgb(1, 1, 5, 1, 2, 3, 4))
        .hasMessage("OpenCV's type 5 is none of CV_8UC1 (0), CV_8UC3 (16) and CV_8UC4 (24)");
    assertThatThrownBy(() -> toRgb(2, 2, 16, 1, 2, 3))
        .hasMessage("2 x 2 pixels of OpenCV's type 16 are 12 bytes, not 3");
  }

  @Test
  void refusesMorePixelsThanTheLimitBeforeItAllocatesThem() {
    assertThatThrownBy(() -> toRgb(100_000, 100_000, 16))
        .isInstanceOf(UndecodableImageException.class)
        .hasMessage("100000 x 100000 pixels exceed the limit of 89478485");
  }
}
