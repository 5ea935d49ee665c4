package dev.octavo.image;

import dev.octavo.image.Resampler.Direction;
import dev.octavo.image.Resampler.Region;
import dev.octavo.image.codec.Header;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.OpenCvCodec;
import dev.octavo.image.codec.PixelView;
import dev.octavo.image.codec.UndecodableImageException;
import java.nio.ByteBuffer;

/**
 * The difference hash (dHash; N. Krawetz, "Kind of Like That", 2013): the image is reduced to 9 × 8
 * gray pixels; bit {@code 63 - (8 y + x)} says whether pixel {@code (x + 1, y)} is brighter than
 * {@code (x, y)}. Images that differ in size or compression only differ in few bits. An image of
 * one colour hashes to 0.
 *
 * <p>Reduced by the antialiased bilinear filter of {@link Preprocess}; gray is {@code (299 R + 587
 * G + 114 B) / 1000} (ITU-R BT.601).
 *
 * <p>Holds native and scratch memory: one instance per thread, closed by whoever made it.
 */
public final class PerceptualHash implements AutoCloseable {
  private static final int WIDTH = 9;
  private static final int HEIGHT = 8;

  private final OpenCvCodec codec = new OpenCvCodec();
  private final Resampler resampler = new Resampler(Interpolation.BILINEAR);
  private final byte[] small = new byte[3 * WIDTH * HEIGHT];

  /**
   * The 64 bits of a file's image. A decoder that can reads it smaller, to a side of some 64 pixels
   * at least: most hashes are those of the whole image, the others differ in a bit or two.
   *
   * @throws UndecodableImageException if it can't be decoded
   */
  public long of(byte[] file, Header header) throws UndecodableImageException {
    try {
      return of(ImageDecoder.decode(file, header, codec, 2 * WIDTH));
    } finally {
      codec.trim();
    }
  }

  /** The 64 bits of an image. */
  long of(PixelView image) {
    Region whole = new Region(0, 0, image.width(), image.height());
    Region all = new Region(0, 0, WIDTH, HEIGHT);
    resampler.resample(
        image, whole, WIDTH, HEIGHT, all, Direction.LEFT_TO_RIGHT, ByteBuffer.wrap(small));
    long hash = 0;
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x + 1 < WIDTH; x++) {
        int at = 3 * (y * WIDTH + x);
        hash = hash << 1 | (gray(small, at + 3) > gray(small, at) ? 1 : 0);
      }
    }
    return hash;
  }

  @Override
  public void close() {
    codec.close();
  }

  private static int gray(byte[] rgb, int at) {
    return 299 * (rgb[at] & 0xff) + 587 * (rgb[at + 1] & 0xff) + 114 * (rgb[at + 2] & 0xff);
  }
}
