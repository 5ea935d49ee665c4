package dev.octavo.report;

import dev.octavo.metrics.Ratio;
import dev.octavo.results.Csv;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** Small pieces of HTML. */
final class Html {
  /** The sign for a figure that isn't known. */
  static final String UNKNOWN = "–";

  private static final double LEAST_P = 1e-4;

  private Html() {}

  /** Text as it is shown, whatever is in it; also fit for a quoted attribute. */
  static String text(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        // XML, and so HTML that is well-formed, has no other control characters.
        case '\t', '\n', '\r' -> escaped.append(c);
        default -> escaped.append(c < ' ' || c == '\uffff' || c == '\ufffe' ? '\ufffd' : c);
      }
    }
    return escaped.toString();
  }

  /** Numbers as programs write them, whatever the machine's language. */
  static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  /** A share of 0 to 1 as percent with two decimals. */
  static String percent(double share) {
    return Double.isNaN(share) ? UNKNOWN : format("%.2f %%", 100 * share);
  }

  /** A ratio as percent; unknown over nothing. */
  static String percent(Ratio ratio) {
    return percent(ratio.value());
  }

  /** A p-value; a very small one as its bound, since its digits say nothing more. */
  static String pValue(double p) {
    return p < LEAST_P ? "< 0.0001" : format("%.2g", p);
  }

  /** A word with an s unless there is one. */
  static String counted(long number, String word) {
    return format("%,d %s%s", number, word, number == 1 ? "" : "s");
  }

  /** A paragraph of plain text. */
  static String note(String plain) {
    return "<p class=\"note\">%s</p>\n".formatted(text(plain));
  }

  /** A heading within a section. */
  static String heading(String plain) {
    return "<h3>%s</h3>\n".formatted(text(plain));
  }

  /** Something that is closed until the reader opens it. */
  static String details(String summary, String body) {
    return "<details><summary>%s</summary>\n%s</details>\n".formatted(text(summary), body);
  }

  /** Text in small letters without anything that a file name or an id can't hold. */
  static String slug(String text) {
    String slug = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return slug.replaceAll("^-|-$", "");
  }

  /** A link that saves lines, the first of them the header, as a file; needs no JavaScript. */
  static String download(String name, List<List<String>> lines) {
    byte[] csv = Csv.write(lines).getBytes(StandardCharsets.UTF_8);
    return "<a class=\"csv\" download=\"%s.csv\" aria-label=\"%s as CSV\" href=\"data:text/csv;charset=utf-8;base64,%s\">CSV</a>"
        .formatted(slug(name), text(name), Base64.getEncoder().encodeToString(csv));
  }

  /**
   * A figure with its caption and its data to save.
   *
   * @param style of the figure, as in {@code wide}
   * @param body its SVG and legend
   */
  static String figure(String style, String caption, String body, List<List<String>> data) {
    return figure(style, caption, caption, body, data);
  }

  /**
   * The same with another name for the data.
   *
   * @param name of the file, unique on the page
   */
  static String figure(
      String style, String caption, String name, String body, List<List<String>> data) {
    return "<figure class=\"%s\"><figcaption>%s %s</figcaption>\n%s</figure>\n"
        .formatted(style, text(caption), download(name, data), body);
  }

  /** A part that is scrolled where it is wider than the screen, by keyboard, too. */
  static String scroll(String style, String name, String body) {
    return "<div class=\"%s\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">\n%s</div>\n"
        .formatted(style, text(name), body);
  }
}
