package dev.octavo.image;

import dev.octavo.image.UndecodableImageException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The first directory of a TIFF (revision 6.0). */
record TiffHeader(ImageInfo info) implements Header {
  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int BITS_PER_SAMPLE = 258;
  private static final int PHOTOMETRIC = 262;
  private static final int SAMPLES_PER_PIXEL = 277;
  private static final int EXTRA_SAMPLES = 338;

  private static final int PALETTE = 3;
  private static final int ASSOCIATED_ALPHA = 1;

  static TiffHeader read(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    var tags = Exif.firstDirectory(new ByteReader(file, ByteOrder.BIG_ENDIAN, "TIFF"));
    long width = tags.getOrDefault(WIDTH, 0L);
    long height = tags.getOrDefault(HEIGHT, 0L);
    if (width < 1 || height < 1 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the TIFF's header says %d x %d pixels".formatted(width, height));
    }
    long bits = tags.getOrDefault(BITS_PER_SAMPLE, 1L);
    if (bits > 16) {
      // Floats and wide integers: measurements, whose range says nothing about brightness.
      throw new UndecodableImageException(
          Reason.UNSUPPORTED, "the TIFF has %d bits per sample".formatted(bits));
    }
    limits.checkPixels(width, height);
    boolean palette = tags.getOrDefault(PHOTOMETRIC, 0L) == PALETTE;
    long samples = tags.getOrDefault(SAMPLES_PER_PIXEL, 1L);
    int channels = palette ? 3 : (int) Math.max(1, Math.min(4, samples));
    int orientation = Exif.valid(tags.getOrDefault(Exif.ORIENTATION, 1L)).orElse(1);
    return new TiffHeader(
        new ImageInfo(ImageFormat.TIFF, (int) width, (int) height, channels, orientation));
  }

  /**
   * OpenCV turns a TIFF by its orientation whatever it is told, and multiplies colours by straight
   * alpha. Both are tags; it gets a copy that has them set to "as stored".
   */
  @Override
  public PixelView decodePixels(byte[] file, OpenCvCodec codec, int side)
      throws UndecodableImageException {
    byte[] plain = file.clone();
    ByteBuffer tiff =
        ByteBuffer.wrap(plain)
            .order(plain[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int directory = tiff.getInt(4); // in range, as read() has found
    int entries = tiff.getShort(directory) & 0xffff;
    for (int i = 0; i < entries; i++) {
      int entry = directory + 2 + 12 * i;
      int tag = tiff.getShort(entry) & 0xffff;
      if (tag == Exif.ORIENTATION) {
        tiff.putShort(entry + 8, (short) 1);
      } else if (tag == EXTRA_SAMPLES && tiff.getInt(entry + 4) == 1) {
        tiff.putShort(entry + 8, (short) ASSOCIATED_ALPHA);
      }
    }
    return codec.decode(plain, info);
  }
}
