package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;

/**
 * The layout of a TIFF's samples in its file.
 *
 * @param bits of a sample
 * @param samples of a pixel
 * @param columns of a strip or tile, in pixels
 * @param rows of a strip or tile
 * @param planar whether each sample has strips of its own
 */
record TiffLayout(
    int width, int height, int bits, int samples, int columns, int rows, boolean planar) {
  private static final int MAX_SAMPLES = 8;

  static TiffLayout of(TiffDirectory directory, DecodeLimits limits)
      throws UndecodableImageException {
    long width = directory.value(TiffDirectory.WIDTH, 0);
    long height = directory.value(TiffDirectory.HEIGHT, 0);
    if (width < 1 || height < 1 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the TIFF's header says %d x %d pixels".formatted(width, height));
    }
    limits.checkPixels(width, height);
    boolean oldJpeg = directory.value(TiffDirectory.COMPRESSION, 1) == TiffHeader.OLD_JPEG;
    long samples = directory.value(TiffDirectory.SAMPLES_PER_PIXEL, oldJpeg ? 3 : 1);
    if (samples > MAX_SAMPLES) {
      throw new UndecodableImageException(
          Reason.UNSUPPORTED, "the TIFF has %d samples per pixel".formatted(samples));
    }
    long[] bits = directory.values(TiffDirectory.BITS_PER_SAMPLE);
    long first = bits.length > 0 ? bits[0] : oldJpeg ? 8 : 1;
    for (int i = 0; i < Math.min(bits.length, samples); i++) {
      if (bits[i] != first) {
        throw new UndecodableImageException(
            Reason.UNSUPPORTED,
            "the TIFF has samples of %d and of %d bits".formatted(first, bits[i]));
      }
    }
    if (samples < 1 || first < 1) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the TIFF has %d samples of %d bits per pixel".formatted(samples, first));
    }
    long format = 1;
    for (long one : directory.values(TiffDirectory.SAMPLE_FORMAT)) {
      format = Math.max(format, one);
    }
    if (first > 16 || (format != 1 && format != 4)) {
      // Floats and wide integers: measurements, whose range says nothing about brightness.
      throw new UndecodableImageException(
          Reason.UNSUPPORTED,
          "the TIFF has %d bits per sample%s: convert it to 8 or 16 bits, e.g. to PNG"
              .formatted(first, format == 3 ? " (floats)" : format == 2 ? " (signed)" : ""));
    }
    boolean tiled = directory.has(TiffDirectory.TILE_WIDTH);
    long columns = tiled ? directory.value(TiffDirectory.TILE_WIDTH, 0) : width;
    long rows =
        tiled
            ? directory.value(TiffDirectory.TILE_HEIGHT, 0)
            : Math.min(height, directory.value(TiffDirectory.ROWS_PER_STRIP, height));
    if (columns < 1 || rows < 1) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the TIFF's pieces are %d x %d pixels".formatted(columns, rows));
    }
    // A tile that is larger than the image is allocated, too.
    limits.checkPixels(columns, rows);
    if (columns * rows * samples * 2 > Integer.MAX_VALUE - 8L) {
      throw new UndecodableImageException(
          Reason.UNSUPPORTED,
          "the TIFF has a strip or tile of %d x %d pixels".formatted(columns, rows));
    }
    boolean planar = directory.value(TiffDirectory.PLANAR, 1) == 2 && samples > 1;
    return new TiffLayout(
        (int) width, (int) height, (int) first, (int) samples, (int) columns, (int) rows, planar);
  }

  /** Pieces side by side. */
  int across() {
    return (width + columns - 1) / columns;
  }

  /** Pieces one below the other. */
  int down() {
    return (height + rows - 1) / rows;
  }

  long pieces() {
    return (long) across() * down() * (planar ? samples : 1);
  }

  /** Samples of a pixel within a piece. */
  int samplesOfPiece() {
    return planar ? 1 : samples;
  }

  /** Bytes of a row of a piece. */
  int rowBytes() {
    return (int) (((long) columns * samplesOfPiece() * bits + 7) / 8);
  }
}
