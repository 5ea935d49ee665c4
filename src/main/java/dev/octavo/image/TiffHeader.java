package dev.octavo.image;

import dev.octavo.image.UndecodableImageException.Reason;
import java.nio.ByteOrder;
import java.util.Map;

/** The first directory of a TIFF. */
final class TiffHeader {
  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int PHOTOMETRIC = 262;
  private static final int SAMPLES = 277;
  private static final int PALETTE = 3;

  private TiffHeader() {}

  static ImageInfo read(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    Map<Integer, Long> tags =
        Exif.firstDirectory(new ByteReader(file, ByteOrder.BIG_ENDIAN, "TIFF"));
    long width = tags.getOrDefault(WIDTH, 0L);
    long height = tags.getOrDefault(HEIGHT, 0L);
    if (width < 1 || height < 1 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the TIFF's header says %d x %d pixels".formatted(width, height));
    }
    limits.checkPixels(width, height);
    boolean palette = tags.getOrDefault(PHOTOMETRIC, 0L) == PALETTE;
    int channels = palette ? 3 : (int) Math.max(1, Math.min(4, tags.getOrDefault(SAMPLES, 1L)));
    int orientation = Exif.valid(tags.getOrDefault(Exif.ORIENTATION, 1L)).orElse(1);
    return new ImageInfo(ImageFormat.TIFF, (int) width, (int) height, channels, orientation);
  }
}
