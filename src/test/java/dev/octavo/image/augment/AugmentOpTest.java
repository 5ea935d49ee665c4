package dev.octavo.image.augment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.image.TestImages;
import dev.octavo.image.augment.Augmentation.Policy;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class AugmentOpTest {

  /** The expected hashes are Pillow's; make_augmentation_fixtures.py beside them made them. */
  @ParameterizedTest
  @CsvFileSource(resources = "augmentation.csv")
  void equalsPillowToTheBit(
      String image, String space, String operation, String argument, String crc) {
    Canvas canvas = named(image);
    if (space.equals("JITTER")) {
      adjust(canvas, operation, Double.parseDouble(argument));
    } else {
      AugmentOp op = AugmentOp.valueOf(operation);
      int bin = Integer.parseInt(argument.substring(1));
      double magnitude = AutoAugment.magnitude(Policy.valueOf(space), op, bin, canvas);
      op.apply(canvas, argument.startsWith("-") ? -magnitude : magnitude);
    }
    assertThat(hash(canvas)).isEqualTo(crc);
  }

  private static void adjust(Canvas canvas, String operation, double by) {
    switch (operation) {
      case "BRIGHTNESS" -> ToneCurve.brightness(canvas, by);
      case "CONTRAST" -> ToneCurve.contrast(canvas, by);
      case "COLOR" -> Blend.saturation(canvas, by);
      case "HUE" -> Hue.shift(canvas, by);
      default -> throw new IllegalArgumentException(operation);
    }
  }

  private static Canvas named(String image) {
    return switch (image) {
      case "pattern-37x29" -> pattern(37, 29);
      case "muted-40x40" -> muted(40, 40);
      default -> throw new IllegalArgumentException(image);
    };
  }

  private static Canvas pattern(int width, int height) {
    Canvas canvas = new Canvas(width, height);
    canvas.writer().put(TestImages.pattern(width, height).pixels());
    return canvas;
  }

  /** The pattern in narrower ranges of values: 20 to 190, 50 to 177, 80 to 165. */
  static Canvas muted(int width, int height) {
    Canvas canvas = pattern(width, height);
    byte[] pixels = canvas.pixels();
    for (int i = 0; i < pixels.length; i++) {
      int channel = i % 3;
      pixels[i] = (byte) (20 + 30 * channel + (pixels[i] & 0xff) * (4 - channel) / 6);
    }
    return canvas;
  }

  static String hash(Canvas canvas) {
    CRC32 crc = new CRC32();
    crc.update(canvas.pixels());
    return "%08x".formatted(crc.getValue());
  }

  @ParameterizedTest
  @EnumSource
  void worksAtItsExtremesOnTheSmallestImages(AugmentOp op) {
    for (int width = 1; width <= 4; width++) {
      for (int height = 1; height <= 4; height++) {
        for (Policy policy : new Policy[] {Policy.TRIVIAL, Policy.RAND}) {
          Canvas canvas = pattern(width, height);
          double most = AutoAugment.magnitude(policy, op, AutoAugment.BINS - 1, canvas);
          op.apply(canvas, most);
          op.apply(canvas, op.signed() ? -most : most);
          assertThat(canvas.pixels()).hasSize(3 * width * height);
          assertThat(canvas.spare()).hasSize(3 * width * height);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"AUTOCONTRAST", "EQUALIZE", "SOLARIZE"})
  void changesNothingInTheFirstBin(AugmentOp op) {
    Canvas canvas = pattern(20, 20);
    String before = hash(canvas);
    op.apply(canvas, AutoAugment.magnitude(Policy.TRIVIAL, op, 0, canvas));
    assertThat(hash(canvas)).isEqualTo(before);
  }

  /** Largest magnitudes, as torchvision's documentation has them. */
  @ParameterizedTest
  @CsvSource({
    "TRIVIAL, SHEAR_X, 0.99",
    "TRIVIAL, TRANSLATE_Y, 32",
    "TRIVIAL, ROTATE, 135",
    "TRIVIAL, COLOR, 0.99",
    "TRIVIAL, POSTERIZE, 2",
    "TRIVIAL, SOLARIZE, 0",
    "RAND, SHEAR_Y, 0.3",
    "RAND, TRANSLATE_X, 150",
    "RAND, TRANSLATE_Y, 300",
    "RAND, ROTATE, 30",
    "RAND, SHARPNESS, 0.9",
    "RAND, POSTERIZE, 4",
    "RAND, SOLARIZE, 0"
  })
  void theLastBinHoldsTheStrongestMagnitude(Policy policy, AugmentOp op, float strongest) {
    double magnitude =
        AutoAugment.magnitude(policy, op, AutoAugment.BINS - 1, new Canvas(331, 662));
    assertThat((float) magnitude).isEqualTo(strongest);
  }

  @Test
  void aPlainImageHasNoContrastToStretch() {
    Canvas canvas = new Canvas(5, 7);
    canvas.writer().put(new byte[3 * 5 * 7]);
    for (AugmentOp op : new AugmentOp[] {AugmentOp.AUTOCONTRAST, AugmentOp.EQUALIZE}) {
      op.apply(canvas, 0);
      assertThat(canvas.pixels()).containsOnly((byte) 0);
    }
  }
}
