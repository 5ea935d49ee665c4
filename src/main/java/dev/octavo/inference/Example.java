package dev.octavo.inference;

import java.io.Serializable;

/**
 * An image to predict.
 *
 * @param key the caller's name for it, which its predictions come back with
 * @param label the class that it is said to show; null where unknown
 * @param image where its pixels come from
 * @param <K> the caller's; serializable where Spark moves examples
 */
public record Example<K>(K key, String label, ImageItem image) implements Serializable {
  /** An image of an unknown class. */
  public static <K> Example<K> unlabelled(K key, ImageItem image) {
    return new Example<>(key, null, image);
  }
}
