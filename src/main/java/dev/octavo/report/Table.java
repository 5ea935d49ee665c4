package dev.octavo.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A table with a caption, which can be saved as CSV. The first column names the lines; cells are
 * plain text.
 *
 * @param look its style
 * @param order whether readers may sort it
 * @param height how much of it is seen at once
 * @param caption also the name of the saved file
 * @param head names of the columns
 * @param lines each as long as the head
 */
record Table(
    Look look,
    Order order,
    Height height,
    String caption,
    List<String> head,
    List<List<String>> lines) {
  /** As many columns of figures as a phone shows; of the results, which are short, one more. */
  private static final int PHONE = 4;

  Table(Look look, Order order, String caption, List<String> head, List<List<String>> lines) {
    this(look, order, Height.WHOLE, caption, head, lines);
  }

  /** The style of a table. */
  enum Look {
    /** Figures, to the right. */
    FIGURES,
    /** The same, larger. */
    RESULTS,
    /** Words, to the left. */
    TEXT
  }

  /** The order of the lines. */
  enum Order {
    /** As given. */
    FIXED,
    /** A button in each head sorts the lines, where JavaScript runs. */
    SORTABLE
  }

  /** The height of a table. */
  enum Height {
    /** All of it. */
    WHOLE,
    /** Some twenty lines, to scroll. */
    TALL
  }

  /** The same, of which some twenty lines are seen at once. */
  Table tall() {
    return new Table(look, order, Height.TALL, caption, head, lines);
  }

  /** A table of figures. */
  static Table figures(String caption, List<String> head, List<List<String>> lines) {
    return new Table(Look.FIGURES, Order.FIXED, caption, head, lines);
  }

  /** A table of figures to sort. */
  static Table sortable(String caption, List<String> head, List<List<String>> lines) {
    return new Table(Look.FIGURES, Order.SORTABLE, caption, head, lines);
  }

  /** A table of words. */
  static Table words(String caption, List<String> head, List<List<String>> lines) {
    return new Table(Look.TEXT, Order.FIXED, caption, head, lines);
  }

  String html() {
    StringBuilder html = new StringBuilder();
    html.append("<table class=\"").append(String.join(" ", styles())).append("\">\n");
    html.append("<caption>").append(Html.text(caption)).append(' ');
    html.append(Html.download(caption, csv())).append("</caption>\n<thead><tr>");
    for (String name : head) {
      // The corner above names of lines is empty, and no header.
      html.append(name.isEmpty() ? "<td></td>" : "<th scope=\"col\">" + Html.text(name) + "</th>");
    }
    html.append("</tr></thead>\n<tbody>\n");
    for (List<String> line : lines) {
      html.append("<tr><th scope=\"row\">").append(Html.text(line.get(0))).append("</th>");
      for (int i = 1; i < line.size(); i++) {
        html.append(
            stacks() ? "<td data-column=\"%s\">".formatted(Html.text(head.get(i))) : "<td>");
        html.append(Html.text(line.get(i))).append("</td>");
      }
      html.append("</tr>\n");
    }
    return Html.scroll(
        height == Height.TALL ? "scroll tall" : "scroll",
        caption,
        html.append("</tbody></table>\n").toString());
  }

  private List<String> styles() {
    List<String> styles = new ArrayList<>(List.of(look.name().toLowerCase(Locale.ROOT)));
    if (order == Order.SORTABLE) {
      styles.add("sortable");
    }
    if (stacks()) {
      styles.add("stacks");
    }
    return styles;
  }

  /**
   * Returns whether lines become cards, cells beside their columns' names, where space is short.
   */
  private boolean stacks() {
    return switch (look) {
      case FIGURES -> head.size() > PHONE;
      case RESULTS -> head.size() > PHONE + 1;
      case TEXT -> false;
    };
  }

  private List<List<String>> csv() {
    List<List<String>> csv = new ArrayList<>();
    csv.add(head);
    csv.addAll(lines);
    return csv;
  }
}
