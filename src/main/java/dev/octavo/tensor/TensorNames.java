package dev.octavo.tensor;

/** Bounds what a file may call its tensors: names are searched, compared and shown. */
public final class TensorNames {
  /** PyTorch's have some 50 letters. */
  private static final int MOST_LETTERS = 1000;

  private TensorNames() {}

  /**
   * The name.
   *
   * @throws MalformedFileException if it is very long or can't be printed as it is
   */
  public static String checked(String name) {
    if (name.length() > MOST_LETTERS) {
      throw new MalformedFileException(
          "a tensor's name has %,d letters, of which at most %,d are read"
              .formatted(name.length(), MOST_LETTERS));
    }
    if (!Printable.text(name).equals(name)) {
      throw new MalformedFileException(
          "the tensor's name '%s' has characters that can't be printed: refused".formatted(name));
    }
    return name;
  }
}
