package dev.octavo.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The one way to the terminal. Names of files, classes and tensors come from anywhere: what could
 * steer a terminal, turn text around or feign a line is printed as an escape, such as {@code
 * \\u001B}.
 */
final class Console extends PrintWriter {
  Console(PrintStream out) {
    super(out, true, StandardCharsets.UTF_8);
  }

  /** Formats; line breaks within the arguments are escaped, too. */
  @Override
  public PrintWriter format(String format, Object... args) {
    Object[] safe = new Object[args.length];
    for (int i = 0; i < args.length; i++) {
      boolean text = args[i] != null && !(args[i] instanceof Number || args[i] instanceof Boolean);
      safe[i] = text ? printable(args[i].toString(), "") : args[i];
    }
    return super.format(Locale.ROOT, format, safe);
  }

  @Override
  public void write(String text, int offset, int length) {
    String safe = printable(text.substring(offset, offset + length), "\n\r\t");
    super.write(safe, 0, safe.length());
  }

  /** The text with escapes for all that isn't printed as a sign of its own. */
  static String printable(String text, String allowed) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (isPrintable(c) || allowed.indexOf(c) >= 0) {
                out.appendCodePoint(c);
              } else {
                out.append(c < 0x10000 ? "\\u%04X".formatted(c) : "\\U%08X".formatted(c));
              }
            });
    return out.toString();
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      // Joiners make up signs of some scripts; the others of this kind are invisible.
      case Character.FORMAT -> c == 0x200C || c == 0x200D;
      default -> true;
    };
  }
}
