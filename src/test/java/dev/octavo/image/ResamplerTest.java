package dev.octavo.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.image.Resampler.Direction;
import dev.octavo.image.Resampler.Region;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.PixelView;
import dev.octavo.image.codec.RgbImage;
import java.nio.ByteBuffer;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ResamplerTest {
  @ParameterizedTest
  @CsvSource({"61,47,13,9", "7,5,19,11", "61,5,13,11", "5,47,5,9", "300,2,7,3"})
  void resamplesAsPillowDoesToTheBit(int w, int h, int width, int height) throws Exception {
    String sizes = "%dx%d-to-%dx%d.png".formatted(w, h, width, height);
    RgbImage image = TestImages.pattern(w, h);
    assertThat(resample(image, width, height, Interpolation.BILINEAR))
        .isEqualTo(pixels("resample-" + sizes));
    assertThat(resample(image, width, height, Interpolation.BICUBIC))
        .isEqualTo(pixels("resample-bicubic-" + sizes));
  }

  private static byte[] pixels(String resource) throws Exception {
    return ImageDecoder.decode(TestImages.resource(resource), DecodeLimits.DEFAULT).pixels();
  }

  @Property(tries = 100)
  void aCropOfTheResultIsTheSameWithoutTheRest(
      @ForAll @IntRange(min = 1, max = 60) int w,
      @ForAll @IntRange(min = 1, max = 60) int h,
      @ForAll @IntRange(min = 2, max = 40) int width,
      @ForAll @IntRange(min = 2, max = 40) int height) {
    RgbImage image = TestImages.pattern(w, h);
    byte[] whole = resample(image, width, height);
    Region crop = new Region(width / 3, height / 2, width / 2, height / 2);
    ByteBuffer part = ByteBuffer.allocate(3 * crop.width() * crop.height());
    new Resampler(Interpolation.BILINEAR)
        .resample(
            PixelView.of(image),
            new Region(0, 0, w, h),
            width,
            height,
            crop,
            Direction.LEFT_TO_RIGHT,
            part);
    for (int y = 0; y < crop.height(); y++) {
      int row = 3 * ((crop.y() + y) * width + crop.x());
      assertThat(part.slice(3 * y * crop.width(), 3 * crop.width()))
          .isEqualTo(ByteBuffer.wrap(whole, row, 3 * crop.width()));
    }
  }

  @Property(tries = 50)
  void onePlainColourStaysThatColour(
      @ForAll @IntRange(min = 1, max = 300) int w,
      @ForAll @IntRange(min = 1, max = 300) int h,
      @ForAll byte value) {
    byte[] pixels = new byte[3 * w * h];
    Arrays.fill(pixels, value);
    assertThat(resample(new RgbImage(w, h, pixels), 31, 17)).containsOnly(value);
  }

  @Test
  void mirroringIsTheResultFromRightToLeft() {
    RgbImage image = TestImages.pattern(23, 9);
    byte[] plain = resample(image, 10, 4);
    ByteBuffer mirrored = ByteBuffer.allocate(120);
    new Resampler(Interpolation.BILINEAR)
        .resample(
            PixelView.of(image),
            new Region(0, 0, 23, 9),
            10,
            4,
            new Region(0, 0, 10, 4),
            Direction.MIRRORED,
            mirrored);
    for (int i = 0; i < 40; i++) {
      int other = i / 10 * 10 + 9 - i % 10;
      assertThat(mirrored.slice(3 * i, 3)).isEqualTo(ByteBuffer.wrap(plain, 3 * other, 3));
    }
  }

  static byte[] resample(RgbImage image, int width, int height) {
    return resample(image, width, height, Interpolation.BILINEAR);
  }

  private static byte[] resample(RgbImage image, int width, int height, Interpolation filter) {
    ByteBuffer out = ByteBuffer.allocate(3 * width * height);
    new Resampler(filter)
        .resample(
            PixelView.of(image),
            new Region(0, 0, image.width(), image.height()),
            width,
            height,
            new Region(0, 0, width, height),
            Direction.LEFT_TO_RIGHT,
            out);
    return out.array();
  }
}
