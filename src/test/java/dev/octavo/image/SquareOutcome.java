package dev.octavo.image;

import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.RgbImage;
import dev.octavo.image.codec.UndecodableImageException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * What becomes of a file.
 *
 * @param refusal the reason and message, or "none"
 * @param squares per size, flipped; empty if the file is refused
 */
public record SquareOutcome(String refusal, Map<Integer, ByteBuffer> squares) {

  /** By a decoder for the given sizes. */
  public static SquareOutcome of(SquareDecoder decoder, byte[] file, SortedSet<Integer> sizes) {
    return of(sizes, squares -> decoder.decode(file, squares));
  }

  /** By a new decoder without unusual limits. */
  public static SquareOutcome of(byte[] file, SortedSet<Integer> sizes) {
    try (SquareDecoder decoder = new SquareDecoder(sizes, DecodeLimits.DEFAULT)) {
      return of(decoder, file, sizes);
    }
  }

  /** By decoding whole and preprocessing for each size. */
  public static SquareOutcome separately(
      byte[] file, SortedSet<Integer> sizes, DecodeLimits limits) {
    return of(
        sizes,
        squares -> {
          RgbImage image = ImageDecoder.decode(file, limits);
          squares.forEach((size, square) -> Preprocess.evaluation(size).apply(image, square));
        });
  }

  /** The same without unusual limits. */
  public static SquareOutcome separately(byte[] file, SortedSet<Integer> sizes) {
    return separately(file, sizes, DecodeLimits.DEFAULT);
  }

  /** Empty buffers, one per size, that hold just one square. */
  static Map<Integer, ByteBuffer> buffers(SortedSet<Integer> sizes) {
    Map<Integer, ByteBuffer> buffers = new TreeMap<>();
    sizes.forEach(size -> buffers.put(size, ByteBuffer.allocate(3 * size * size)));
    return buffers;
  }

  boolean decoded() {
    return !squares.isEmpty();
  }

  @FunctionalInterface
  private interface Decoding {
    void into(Map<Integer, ByteBuffer> squares) throws UndecodableImageException;
  }

  private static SquareOutcome of(SortedSet<Integer> sizes, Decoding decoding) {
    Map<Integer, ByteBuffer> squares = buffers(sizes);
    try {
      decoding.into(squares);
      squares.values().forEach(ByteBuffer::flip);
      return new SquareOutcome("none", squares);
    } catch (UndecodableImageException e) {
      return new SquareOutcome(e.reason() + ": " + e.getMessage(), Map.of());
    }
  }
}
