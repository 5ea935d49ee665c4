package dev.octavo.image;

import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.RgbImage;
import dev.octavo.image.codec.UndecodableImageException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What becomes of a file.
 *
 * @param refusal the reason and message, or "none"
 * @param squares per size, flipped; empty if the file is refused
 */
public record SquareOutcome(String refusal, Map<Preprocessing, ByteBuffer> squares) {

  /** torchvision's preset for each size. */
  public static Set<Preprocessing> sizes(int... sizes) {
    return IntStream.of(sizes).mapToObj(Preprocessing::ofSize).collect(Collectors.toSet());
  }

  /** By a decoder for the given sizes. */
  public static SquareOutcome of(SquareDecoder decoder, byte[] file, Set<Preprocessing> sizes) {
    return of(sizes, squares -> decoder.decode(file, squares));
  }

  /** By a new decoder without unusual limits. */
  public static SquareOutcome of(byte[] file, Set<Preprocessing> sizes) {
    try (SquareDecoder decoder = new SquareDecoder(sizes, DecodeLimits.DEFAULT)) {
      return of(decoder, file, sizes);
    }
  }

  /** By decoding whole and preprocessing for each size. */
  public static SquareOutcome separately(
      byte[] file, Set<Preprocessing> sizes, DecodeLimits limits) {
    return of(
        sizes,
        squares -> {
          RgbImage image = ImageDecoder.decode(file, limits);
          squares.forEach((size, square) -> Preprocess.evaluation(size).apply(image, square));
        });
  }

  /** The same without unusual limits. */
  public static SquareOutcome separately(byte[] file, Set<Preprocessing> sizes) {
    return separately(file, sizes, DecodeLimits.DEFAULT);
  }

  /** Empty buffers, one per size, that hold just one square. */
  static Map<Preprocessing, ByteBuffer> buffers(Set<Preprocessing> sizes) {
    Map<Preprocessing, ByteBuffer> buffers = new HashMap<>();
    sizes.forEach(size -> buffers.put(size, ByteBuffer.allocate(size.bytes())));
    return buffers;
  }

  boolean decoded() {
    return !squares.isEmpty();
  }

  @FunctionalInterface
  private interface Decoding {
    void into(Map<Preprocessing, ByteBuffer> squares) throws UndecodableImageException;
  }

  private static SquareOutcome of(Set<Preprocessing> sizes, Decoding decoding) {
    Map<Preprocessing, ByteBuffer> squares = buffers(sizes);
    try {
      decoding.into(squares);
      squares.values().forEach(ByteBuffer::flip);
      return new SquareOutcome("none", squares);
    } catch (UndecodableImageException e) {
      return new SquareOutcome(e.reason() + ": " + e.getMessage(), Map.of());
    }
  }
}
