package dev.octavo.tensor;

import dev.octavo.OctavoException;
import java.io.IOException;

/**
 * A defect inside of a file. Readers throw it without knowing the file's name; {@link #naming}
 * turns it into a message for the user that has it.
 */
public final class MalformedFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final int MAX_LENGTH = 1500;

  /** Reads one format; knows nothing of the file's name. */
  @FunctionalInterface
  public interface Reading {
    StateDict read() throws IOException;
  }

  public MalformedFileException(String message) {
    super(printable(message));
  }

  public MalformedFileException(String message, Throwable cause) {
    super(printable(message), cause);
  }

  /** Names come from the file: a terminal must neither obey them nor drown in them. */
  private static String printable(String message) {
    String clean = Printable.text(message);
    return clean.length() <= MAX_LENGTH ? clean : clean.substring(0, MAX_LENGTH) + "…";
  }

  /** Puts the file's name before what is wrong with it. */
  public static StateDict naming(Object file, Reading reading) throws IOException {
    try {
      return reading.read();
    } catch (MalformedFileException e) {
      throw new OctavoException(
          "cannot read weights from %s: %s".formatted(file, e.getMessage()), e);
    }
  }
}
