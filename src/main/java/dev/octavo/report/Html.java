package dev.octavo.report;

import java.util.List;
import java.util.Locale;

/** Small pieces of HTML. */
final class Html {
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
        default -> escaped.append(c);
      }
    }
    return escaped.toString();
  }

  /** Numbers as programs write them, whatever the machine's language. */
  static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  /** A section with a heading. */
  static String section(String heading, String body) {
    return "<section>\n<h2>%s</h2>\n%s\n</section>\n".formatted(text(heading), body);
  }

  /** A paragraph of plain text. */
  static String note(String plain) {
    return "<p class=\"note\">%s</p>\n".formatted(text(plain));
  }

  /** The style of a table. */
  enum Look {
    /** Figures, to the right. */
    FIGURES,
    /** The same, larger. */
    RESULTS,
    /** Words, to the left. */
    TEXT;

    private String style() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A table whose first column names the lines; cells are plain text. */
  static String table(Look look, String caption, List<String> head, List<List<String>> lines) {
    StringBuilder html = new StringBuilder("<div class=\"scroll\"><table class=\"");
    html.append(look.style()).append("\">\n");
    html.append("<caption>").append(text(caption)).append("</caption>\n<thead><tr>");
    head.forEach(h -> html.append("<th scope=\"col\">").append(text(h)).append("</th>"));
    html.append("</tr></thead>\n<tbody>\n");
    for (List<String> line : lines) {
      html.append("<tr><th scope=\"row\">").append(text(line.get(0))).append("</th>");
      for (String cell : line.subList(1, line.size())) {
        html.append("<td>").append(text(cell)).append("</td>");
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody></table></div>\n").toString();
  }
}
