package dev.octavo.tensor;

import java.util.regex.Pattern;

/** Makes text from files fit for terminals. */
public final class Printable {
  /** Control and format characters, what is no character, and separators of lines. */
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

  private Printable() {}

  /** The text with a question mark for each character that a terminal might obey. */
  public static String text(String text) {
    return UNPRINTABLE.matcher(text).replaceAll("?");
  }
}
