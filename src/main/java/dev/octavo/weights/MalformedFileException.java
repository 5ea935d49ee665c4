package dev.octavo.weights;

/**
 * A defect inside of a file. Readers throw it without knowing the file's name; {@link WeightFiles}
 * turns it into a message for the user that has it.
 */
final class MalformedFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final int MAX_LENGTH = 1500;

  MalformedFileException(String message) {
    super(printable(message));
  }

  MalformedFileException(String message, Throwable cause) {
    super(printable(message), cause);
  }

  /** Names come from the file: a terminal must neither obey them nor drown in them. */
  private static String printable(String message) {
    String clean = Printable.text(message);
    return clean.length() <= MAX_LENGTH ? clean : clean.substring(0, MAX_LENGTH) + "…";
  }
}
