package dev.octavo.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.image.codec.PixelView;
import dev.octavo.image.codec.RgbImage;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PerceptualHashTest {
  private final PerceptualHash hash = new PerceptualHash();

  @AfterEach
  void close() {
    hash.close();
  }

  @Test
  void hashesOneColourToZeroAndARampToOnes() {
    assertThat(hash.of(PixelView.of(new RgbImage(9, 8, new byte[216])))).isZero();
    byte[] ramp = new byte[216];
    for (int i = 0; i < 72; i++) {
      ByteBuffer.wrap(ramp, 3 * i, 3)
          .put(new byte[] {(byte) (i % 9), (byte) (i % 9), (byte) (i % 9)});
    }
    assertThat(hash.of(PixelView.of(new RgbImage(9, 8, ramp)))).isEqualTo(-1L);
  }

  @Test
  void putsTheUpperLeftComparisonIntoTheHighestBit() {
    byte[] pixels = new byte[216];
    pixels[3] = pixels[4] = pixels[5] = (byte) 200; // (1, 0) is brighter than (0, 0)
    assertThat(hash.of(PixelView.of(new RgbImage(9, 8, pixels)))).isEqualTo(1L << 63);
  }

  @Test
  void survivesScaling() {
    RgbImage large = smooth(400, 300);
    RgbImage small = smooth(120, 90);
    assertThat(Long.bitCount(hash.of(PixelView.of(large)) ^ hash.of(PixelView.of(small))))
        .isLessThanOrEqualTo(4);
    assertThat(hash.of(PixelView.of(large))).isNotZero();
  }

  private static RgbImage smooth(int width, int height) {
    byte[] pixels = new byte[3 * width * height];
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double value = Math.sin(9.0 * x / width) * Math.cos(7.0 * y / height);
        for (int c = 0; c < 3; c++) {
          pixels[i++] = (byte) (128 + 100 * value);
        }
      }
    }
    return new RgbImage(width, height, pixels);
  }
}
