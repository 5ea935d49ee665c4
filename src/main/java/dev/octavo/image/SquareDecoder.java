package dev.octavo.image;

import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.Header;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.ImageInfo;
import dev.octavo.image.codec.OpenCvCodec;
import dev.octavo.image.codec.PixelView;
import dev.octavo.image.codec.RgbImage;
import dev.octavo.image.codec.UndecodableImageException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * From a file to the squares that networks are evaluated on, for scoring many images: what {@link
 * ImageDecoder} and {@link Preprocess#evaluation} do, with the same limits and the same refusals,
 * but decoding each file once for all sizes and leaving nothing behind for the garbage collector.
 *
 * <p>Holds scratch memory, part of it native: one instance per thread, closed by whoever made it.
 */
public final class SquareDecoder implements AutoCloseable {
  private final DecodeLimits limits;
  private final SortedMap<Integer, Preprocess> squares = new TreeMap<>();
  private final OpenCvCodec codec = new OpenCvCodec();

  /** The length of an image's shorter side for the largest square. */
  private final int resizedSide;

  /**
   * A decoder to squares of the given sizes.
   *
   * @param imageSizes in pixels, at least one
   */
  public SquareDecoder(SortedSet<Integer> imageSizes, DecodeLimits limits) {
    this.limits = limits;
    imageSizes.forEach(size -> squares.put(size, Preprocess.evaluation(size)));
    this.resizedSide = squares.get(squares.lastKey()).resizedSide();
  }

  /**
   * Decodes a file and writes a square of each size, {@code uint8 [size, size, 3]} (RGB), at the
   * position of that size's buffer, which advances. Nothing is written of a file that is refused.
   *
   * @param into a buffer for each of the sizes, and perhaps others
   * @return what the file's header says
   * @throws UndecodableImageException if the file exceeds a limit, ends early, or can't be decoded
   */
  public ImageInfo decode(byte[] file, Map<Integer, ByteBuffer> into)
      throws UndecodableImageException {
    checkRoom(into);
    try {
      Header header = Header.read(file, limits);
      PixelView image = ImageDecoder.decode(file, header, codec, resizedSide);
      resample(image, into);
      return header.info();
    } finally {
      codec.trim();
    }
  }

  /** The same for an image that came decoded. */
  public void resample(RgbImage image, Map<Integer, ByteBuffer> into) {
    checkRoom(into);
    resample(PixelView.of(image), into);
  }

  private void resample(PixelView image, Map<Integer, ByteBuffer> into) {
    squares.forEach((size, square) -> square.apply(image, 0, into.get(size)));
  }

  private void checkRoom(Map<Integer, ByteBuffer> into) {
    squares.forEach(
        (size, square) -> {
          if (into.get(size).remaining() < square.bytes()) {
            throw new BufferOverflowException();
          }
        });
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    codec.close();
  }
}
