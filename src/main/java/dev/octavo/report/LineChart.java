package dev.octavo.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Curves as an SVG figure.
 *
 * @param title what is shown
 * @param across label of the horizontal axis
 * @param up label of the vertical axis, with its unit
 * @param series the curves, at most five
 * @param start where the vertical axis starts
 */
record LineChart(String title, String across, String up, List<Series> series, Start start) {
  /** Curves that are told apart. */
  static final int MOST_SERIES = 5;

  private static final int WIDTH = 460;
  private static final int HEIGHT = 280;
  private static final int LEFT = 62;
  private static final int RIGHT = 14;
  private static final int TOP = 12;
  private static final int BOTTOM = 48;

  /** Dots on a curve of more points would hide it. */
  private static final int MOST_DOTS = 60;

  /** The start of the vertical axis. */
  enum Start {
    /** At 0. */
    ZERO,
    /** Below the least value. */
    DATA
  }

  /** A value at a place. */
  record Point(double x, double y) {
    boolean isFinite() {
      return Double.isFinite(x) && Double.isFinite(y);
    }
  }

  /**
   * One curve.
   *
   * @param name in the legend
   * @param points from left to right; those that are not finite are left out
   */
  record Series(String name, List<Point> points) {
    /** Leaves out what isn't finite. */
    Series {
      points = points.stream().filter(Point::isFinite).toList();
    }

    /** Values at 1, 2, … */
    static Series of(String name, List<Double> values) {
      return new Series(
          name,
          IntStream.range(0, values.size())
              .mapToObj(i -> new Point(i + 1, values.get(i)))
              .toList());
    }
  }

  /** The figure with its legend; empty without a point. */
  String html() {
    List<Point> all = series.stream().flatMap(s -> s.points().stream()).toList();
    if (all.isEmpty()) {
      return "";
    }
    double least = start == Start.ZERO ? 0 : all.stream().mapToDouble(Point::y).min().orElse(0);
    Axis y = Axis.covering(least, all.stream().mapToDouble(Point::y).max().orElse(1), 5);
    Axis x =
        Axis.between(
            all.stream().mapToDouble(Point::x).min().orElse(0),
            all.stream().mapToDouble(Point::x).max().orElse(1),
            8);
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
            .formatted(WIDTH, HEIGHT, Html.text(title + ", " + up + ": " + summary())));
    svg.append(axes(x, y));
    for (int i = 0; i < series.size(); i++) {
      svg.append(curve(i, x, y));
    }
    return Html.figure("chart", title, svg.append("</svg>\n") + legend(), csv());
  }

  private String axes(Axis x, Axis y) {
    StringBuilder svg = new StringBuilder();
    for (double tick : y.ticks()) {
      double at = up(y, tick);
      svg.append(
          Html.format(
              "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/><text"
                  + " class=\"end\" x=\"%d\" y=\"%.1f\">%s</text>\n",
              LEFT, at, WIDTH - RIGHT, at, LEFT - 6, at + 4, y.label(tick)));
    }
    for (double tick : x.ticks()) {
      svg.append(
          Html.format(
              "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%s</text>\n",
              across(x, tick), HEIGHT - BOTTOM + 18, x.label(tick)));
    }
    svg.append(
        Html.format(
            "<text class=\"middle\" x=\"%d\" y=\"%d\">%s</text>\n",
            (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, Html.text(across)));
    return svg.append(
            Html.format(
                "<text class=\"middle\" transform=\"translate(14 %d) rotate(-90)\">%s</text>\n",
                (TOP + HEIGHT - BOTTOM) / 2, Html.text(up)))
        .toString();
  }

  private String curve(int index, Axis x, Axis y) {
    Series curve = series.get(index);
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<polyline class=\"curve s%d\" points=\"%s\"/>\n"
            .formatted(
                index,
                curve.points().stream()
                    .map(p -> Html.format("%.1f,%.1f", across(x, p.x()), up(y, p.y())))
                    .collect(Collectors.joining(" "))));
    if (curve.points().size() <= MOST_DOTS) {
      for (Point p : curve.points()) {
        svg.append(
            Html.format(
                "<circle class=\"dot s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%s, %s %s:"
                    + " %.4g</title></circle>\n",
                index,
                across(x, p.x()),
                up(y, p.y()),
                Html.text(curve.name()),
                Html.text(across),
                plain(p.x()),
                p.y()));
      }
    }
    return svg.toString();
  }

  /** Whole numbers, as epochs are, without decimals. */
  private static String plain(double x) {
    return x == Math.rint(x) ? Html.format("%.0f", x) : Html.format("%.4g", x);
  }

  private static double across(Axis axis, double x) {
    return LEFT + 10 + axis.position(x) * (WIDTH - RIGHT - LEFT - 20);
  }

  private static double up(Axis axis, double value) {
    return HEIGHT - BOTTOM - axis.position(value) * (HEIGHT - BOTTOM - TOP);
  }

  /** The ends of the curves in words, for those who can't see the figure. */
  private String summary() {
    return series.stream()
        .filter(s -> !s.points().isEmpty())
        .map(
            s -> {
              Point first = s.points().get(0);
              Point last = s.points().get(s.points().size() - 1);
              return Html.format(
                  "%s %.4g at %s %s, %.4g at %s",
                  s.name(), first.y(), across, plain(first.x()), last.y(), plain(last.x()));
            })
        .collect(Collectors.joining("; "));
  }

  private String legend() {
    if (series.size() < 2) {
      return "";
    }
    return IntStream.range(0, series.size())
        .mapToObj(
            i ->
                "<span><i class=\"key s%d\"></i>%s</span>"
                    .formatted(i, Html.text(series.get(i).name())))
        .collect(Collectors.joining("\n", "<p class=\"legend\">", "</p>\n"));
  }

  private List<List<String>> csv() {
    Map<Double, Map<String, Double>> lines = new TreeMap<>();
    for (Series curve : series) {
      for (Point p : curve.points()) {
        lines.computeIfAbsent(p.x(), x -> new LinkedHashMap<>()).put(curve.name(), p.y());
      }
    }
    List<List<String>> csv = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of(across));
    series.forEach(s -> head.add(s.name()));
    csv.add(head);
    lines.forEach(
        (x, values) -> {
          List<String> line = new ArrayList<>(List.of(Html.format("%.6g", x)));
          series.forEach(
              s -> {
                Double value = values.get(s.name());
                line.add(value == null ? "" : Html.format("%.6g", value));
              });
          csv.add(line);
        });
    return csv;
  }
}
