package dev.octavo.dataset;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * A search for images that others repeat: the same bytes, or nearly the same perceptual hash, as
 * the same image in another size has, or two that look alike.
 */
public final class NearDuplicates {
  /** Bits in which the hashes of nearly the same image differ at most. */
  public static final int MOST_BITS = 3;

  /** In place of a number of bits: the same bytes. */
  public static final int SAME_BYTES = -1;

  /** Two hashes that differ in at most 3 of 64 bits are equal in one quarter or more. */
  private static final int QUARTERS = MOST_BITS + 1;

  private final int mostEqual;
  private final Map<List<Object>, Integer> equal = new HashMap<>();
  private final Map<String, List<Image>> byBytes = new HashMap<>();
  private final Map<Integer, List<Image>> byQuarter = new HashMap<>();

  /**
   * A search among no images yet.
   *
   * @param mostEqual images of a split with the same bytes, or the same hash, that are found; the
   *     first ones. A placeholder that stands for thousands of images is then no work for each
   */
  public NearDuplicates(int mostEqual) {
    this.mostEqual = mostEqual;
  }

  /** An image of a dataset; its class is null where it has none. */
  public record Image(String split, String path, String label, String sha256, long phash) {}

  /** Adds an image that others may repeat. */
  public void add(Image image) {
    if (isWanted(image.split(), image.sha256())) {
      byBytes.computeIfAbsent(image.sha256(), k -> new ArrayList<>()).add(image);
    }
    if (isWanted(image.split(), image.phash())) {
      for (int q = 0; q < QUARTERS; q++) {
        byQuarter.computeIfAbsent(quarter(image, q), k -> new ArrayList<>()).add(image);
      }
    }
  }

  private boolean isWanted(String split, Object content) {
    return equal.merge(List.of(split, content), 1, Integer::sum) <= mostEqual;
  }

  /**
   * Finds the images that were added and are nearly the same as another.
   *
   * @param found gets each once, with the bits in which their hashes differ, or {@link #SAME_BYTES}
   */
  public void of(Image image, BiConsumer<Image, Integer> found) {
    Map<Image, Integer> like = new HashMap<>();
    // An image of one colour has the hash 0, whatever the colour.
    for (int q = 0; q < QUARTERS && image.phash() != 0; q++) {
      for (Image other : byQuarter.getOrDefault(quarter(image, q), List.of())) {
        int bits = Long.bitCount(image.phash() ^ other.phash());
        if (bits <= MOST_BITS) {
          like.put(other, bits);
        }
      }
    }
    byBytes.getOrDefault(image.sha256(), List.of()).forEach(other -> like.put(other, SAME_BYTES));
    like.forEach(found);
  }

  /** Sixteen bits of a hash, told from those of the other quarters. */
  private static int quarter(Image image, int number) {
    return (number << Short.SIZE) | ((int) (image.phash() >>> (Short.SIZE * number)) & 0xffff);
  }
}
