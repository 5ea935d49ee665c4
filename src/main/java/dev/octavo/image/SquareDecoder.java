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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * From a file to the squares that networks are evaluated on, for scoring many images: what {@link
 * ImageDecoder} and {@link Preprocess#evaluation} do, with the same limits and the same refusals,
 * but decoding each file once for all models and leaving nothing behind for the garbage collector.
 *
 * <p>Holds scratch memory, part of it native: one instance per thread, closed by whoever made it.
 */
public final class SquareDecoder implements AutoCloseable {
  private final DecodeLimits limits;
  private final Map<Preprocessing, Preprocess> squares = new LinkedHashMap<>();
  private final OpenCvCodec codec = new OpenCvCodec();

  /** The greatest length that an image's shorter side is resized to. */
  private final int resizeSize;

  /**
   * A decoder to squares by the given rules.
   *
   * @param rules at least one
   */
  public SquareDecoder(Set<Preprocessing> rules, DecodeLimits limits) {
    this.limits = limits;
    rules.forEach(rule -> squares.put(rule, Preprocess.evaluation(rule)));
    this.resizeSize = rules.stream().mapToInt(Preprocessing::resizeSize).max().orElseThrow();
  }

  /**
   * Decodes a file and writes a square by each rule, {@code uint8 [cropSize, cropSize, 3]} (RGB),
   * at the position of that rule's buffer, which advances. Nothing is written of a file that is
   * refused.
   *
   * @param into a buffer for each of the rules, and perhaps others
   * @return what the file's header says
   * @throws UndecodableImageException if the file exceeds a limit, ends early, or can't be decoded
   */
  public ImageInfo decode(byte[] file, Map<Preprocessing, ByteBuffer> into)
      throws UndecodableImageException {
    checkRoom(into);
    try {
      Header header = Header.read(file, limits);
      PixelView image = ImageDecoder.decode(file, header, codec, resizeSize);
      resample(image, into);
      return header.info();
    } finally {
      codec.trim();
    }
  }

  /** The same for an image that came decoded. */
  public void resample(RgbImage image, Map<Preprocessing, ByteBuffer> into) {
    checkRoom(into);
    resample(PixelView.of(image), into);
  }

  private void resample(PixelView image, Map<Preprocessing, ByteBuffer> into) {
    squares.forEach((rule, square) -> square.apply(image, 0, into.get(rule)));
  }

  private void checkRoom(Map<Preprocessing, ByteBuffer> into) {
    squares.forEach(
        (rule, square) -> {
          if (into.get(rule).remaining() < square.bytes()) {
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
