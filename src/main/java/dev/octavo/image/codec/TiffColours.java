package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;

/** From the samples of a TIFF's pixel to 8-bit RGB, as Pillow converts them (16 bits excepted). */
final class TiffColours {
  static final int WHITE_IS_ZERO = 0;
  static final int BLACK_IS_ZERO = 1;
  static final int RGB = 2;
  static final int PALETTE = 3;
  static final int CMYK = 5;
  static final int YCBCR = 6;
  static final int CIELAB = 8;

  private static final int ASSOCIATED_ALPHA = 1;

  private final int photometric;
  private final int bits;
  private final int alphaAt;
  private final long[] palette;
  private final byte[] rgb = new byte[3];

  /**
   * A converter.
   *
   * @throws UndecodableImageException if the colours are of another kind, or samples are missing
   */
  TiffColours(TiffDirectory directory, TiffLayout layout) throws UndecodableImageException {
    photometric = (int) directory.value(TiffDirectory.PHOTOMETRIC, WHITE_IS_ZERO);
    bits = layout.bits();
    palette = directory.values(TiffDirectory.COLOR_MAP);
    int colours =
        switch (photometric) {
          case WHITE_IS_ZERO, BLACK_IS_ZERO, PALETTE -> 1;
          case RGB, CIELAB -> 3;
          case CMYK -> 4;
          default ->
              throw new UndecodableImageException(
                  Reason.UNSUPPORTED,
                  "the TIFF's colours are of kind %s: convert it, e.g. to PNG"
                      .formatted(name(photometric)));
        };
    if (layout.samples() < colours) {
      throw new UndecodableImageException(
          Reason.CORRUPT,
          "the TIFF has %d samples per pixel for %s"
              .formatted(layout.samples(), name(photometric)));
    }
    if (photometric == PALETTE && (bits > 8 || palette.length < (3 << bits))) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the TIFF's palette has %d values".formatted(palette.length));
    }
    if (photometric == CIELAB && bits != 8) {
      throw new UndecodableImageException(
          Reason.UNSUPPORTED,
          "the TIFF has CIELab of %d bits: convert it, e.g. to PNG".formatted(bits));
    }
    boolean associated = directory.value(TiffDirectory.EXTRA_SAMPLES, 0) == ASSOCIATED_ALPHA;
    alphaAt = associated && layout.samples() > colours && photometric <= RGB ? colours : -1;
  }

  static String name(int photometric) {
    return switch (photometric) {
      case WHITE_IS_ZERO -> "gray (white is zero)";
      case BLACK_IS_ZERO -> "gray";
      case RGB -> "RGB";
      case PALETTE -> "palette";
      case 4 -> "transparency mask (4)";
      case CMYK -> "CMYK";
      case YCBCR -> "YCbCr (6)";
      case CIELAB -> "CIELab";
      case 9 -> "ICCLab (9)";
      case 10 -> "ITULab (10)";
      case 32803 -> "colour filter array (32803), a camera's raw data";
      case 32844, 32845 -> "LogLuv (" + photometric + ")";
      case 34892 -> "linear raw (34892), a camera's raw data";
      default -> String.valueOf(photometric);
    };
  }

  /** The pixel's colour, valid until the next call. */
  byte[] of(int[] samples) {
    switch (photometric) {
      case WHITE_IS_ZERO, BLACK_IS_ZERO -> {
        int level = level(samples[0]);
        put(photometric == WHITE_IS_ZERO ? 255 - level : level);
      }
      case PALETTE -> {
        for (int c = 0; c < 3; c++) {
          rgb[c] = (byte) (palette[(c << bits) + samples[0]] >> 8);
        }
      }
      case CMYK -> {
        int light = 255 - level(samples[3]);
        for (int c = 0; c < 3; c++) {
          rgb[c] = (byte) Math.max(0, light - product(level(samples[c]), light));
        }
      }
      case CIELAB -> CieLab.toRgb(samples, rgb);
      default -> {
        for (int c = 0; c < 3; c++) {
          rgb[c] = (byte) level(samples[c]);
        }
      }
    }
    if (alphaAt >= 0) {
      divideBy(level(samples[alphaAt]));
    }
    return rgb;
  }

  private void put(int level) {
    rgb[0] = rgb[1] = rgb[2] = (byte) level;
  }

  /** 0 to 255: wide samples keep their high byte, narrow ones are stretched. */
  private int level(int sample) {
    return bits >= 8 ? sample >> (bits - 8) : sample * 255 / ((1 << bits) - 1);
  }

  /** a × b / 255, rounded. */
  private static int product(int a, int b) {
    int t = a * b + 128;
    return ((t >> 8) + t) >> 8;
  }

  /** Colours that were multiplied by alpha get back what they were. */
  private void divideBy(int alpha) {
    for (int c = 0; c < 3; c++) {
      rgb[c] = alpha == 0 ? 0 : (byte) Math.min(255, (rgb[c] & 0xff) * 255 / alpha);
    }
  }
}
