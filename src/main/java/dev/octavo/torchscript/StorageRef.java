package dev.octavo.torchscript;

import dev.octavo.tensor.DType;
import dev.octavo.tensor.MalformedFileException;

/**
 * A storage as a pickle names it: the bytes lie in the archive's entry {@code data/<key>}.
 *
 * @param dtype the element type
 * @param key the entry's name below {@code data/}
 * @param elements how many elements the pickle claims; not yet checked against the entry
 */
record StorageRef(DType dtype, String key, long elements) {
  StorageRef {
    if (elements < 0 || elements > Long.MAX_VALUE / dtype.bytes()) {
      throw new MalformedFileException(
          "storage '%s' claims an impossible number of elements: %d".formatted(key, elements));
    }
  }

  /** The size that the entry must have. */
  long bytes() {
    return elements * dtype.bytes();
  }
}
