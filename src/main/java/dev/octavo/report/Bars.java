package dev.octavo.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Horizontal bars, each stacked from parts, as an SVG figure.
 *
 * @param title what is shown
 * @param unit label of the horizontal axis
 * @param parts names of the parts, at most five
 * @param bars one per line
 */
record Bars(String title, String unit, List<String> parts, List<Bar> bars) {
  private static final int WIDTH = 940;
  private static final int LEFT = 250;
  private static final int RIGHT = 130;
  private static final int TOP = 6;
  private static final int LINE = 24;
  private static final int BOTTOM = 44;

  /**
   * One bar.
   *
   * @param name to its left
   * @param values of its parts, at least 0
   * @param remark to its right
   */
  record Bar(String name, List<Double> values, String remark) {
    double sum() {
      return values.stream().mapToDouble(v -> v).sum();
    }
  }

  /** The figure with its legend. */
  String html() {
    int bottom = TOP + LINE * bars.size();
    Axis axis = Axis.covering(0, bars.stream().mapToDouble(Bar::sum).max().orElse(1), 6);
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
            .formatted(WIDTH, bottom + BOTTOM, Html.text(title + ", in " + unit + summary())));
    for (double tick : axis.ticks()) {
      svg.append(
          Html.format(
              "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/><text"
                  + " class=\"middle\" x=\"%.1f\" y=\"%d\">%s</text>\n",
              x(axis, tick),
              TOP,
              x(axis, tick),
              bottom,
              x(axis, tick),
              bottom + 18,
              axis.label(tick)));
    }
    svg.append(
        Html.format(
            "<text class=\"middle\" x=\"%d\" y=\"%d\">%s</text>\n",
            (LEFT + WIDTH - RIGHT) / 2, bottom + BOTTOM - 6, Html.text(unit)));
    for (int i = 0; i < bars.size(); i++) {
      svg.append(bar(bars.get(i), TOP + LINE * i, axis));
    }
    return Html.figure(
        "wide",
        title,
        Html.scroll("scroll", title, svg.append("</svg>\n").toString()) + legend(),
        csv());
  }

  private String bar(Bar bar, int top, Axis axis) {
    List<String> svg = new ArrayList<>();
    svg.add(
        Html.format(
            "<text class=\"end\" x=\"%d\" y=\"%d\">%s</text>",
            LEFT - 8, top + 16, Html.text(shortened(bar.name()))));
    double from = 0;
    for (int p = 0; p < bar.values().size(); p++) {
      double to = from + bar.values().get(p);
      svg.add(
          Html.format(
              "<rect class=\"fill s%d\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>%s:"
                  + " %s %.4g %s</title></rect>",
              p,
              x(axis, from),
              top + 4,
              x(axis, to) - x(axis, from),
              LINE - 8,
              Html.text(bar.name()),
              Html.text(parts.get(p)),
              bar.values().get(p),
              Html.text(unit)));
      from = to;
    }
    svg.add(
        Html.format(
            "<text x=\"%.1f\" y=\"%d\">%s</text>\n",
            x(axis, from) + 6, top + 16, Html.text(bar.remark())));
    return String.join("", svg);
  }

  /** Names that are too long for the margin keep their end, which tells them apart. */
  private static String shortened(String name) {
    return name.length() <= 36 ? name : "…" + name.substring(name.length() - 35);
  }

  private static double x(Axis axis, double value) {
    return LEFT + axis.position(value) * (WIDTH - RIGHT - LEFT);
  }

  /** The longest bar in words, for those who can't see the figure. */
  private String summary() {
    return bars.stream()
        .max(Comparator.comparingDouble(Bar::sum))
        .map(bar -> Html.format("; the longest is %s with %.4g", bar.name(), bar.sum()))
        .orElse("");
  }

  private List<List<String>> csv() {
    List<List<String>> csv = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("name"));
    parts.forEach(part -> head.add(part + " in " + unit));
    csv.add(head);
    for (Bar bar : bars) {
      List<String> line = new ArrayList<>(List.of(bar.name()));
      bar.values().forEach(value -> line.add(Html.format("%.6g", value)));
      csv.add(line);
    }
    return csv;
  }

  private String legend() {
    if (parts.size() < 2) {
      return "";
    }
    return IntStream.range(0, parts.size())
        .mapToObj(
            i -> "<span><i class=\"key s%d\"></i>%s</span>".formatted(i, Html.text(parts.get(i))))
        .collect(Collectors.joining("\n", "<p class=\"legend\">", "</p>\n"));
  }
}
