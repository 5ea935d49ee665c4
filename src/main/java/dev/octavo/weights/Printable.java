package dev.octavo.weights;

import java.util.regex.Pattern;

/** Makes text from files fit for terminals. */
final class Printable {
  /** Control and format characters, what is no character, and separators of lines. */
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

  private Printable() {}

  /** The text with a question mark for each character that a terminal might obey. */
  static String text(String text) {
    return UNPRINTABLE.matcher(text).replaceAll("?");
  }
}
