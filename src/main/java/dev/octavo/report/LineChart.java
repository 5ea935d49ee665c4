package dev.octavo.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Curves over epochs as an SVG figure.
 *
 * @param title what is shown
 * @param unit label of the vertical axis
 * @param series the curves, at most three, all of one length
 * @param start where the vertical axis starts
 */
record LineChart(String title, String unit, List<Series> series, Start start) {
  private static final int WIDTH = 460;
  private static final int HEIGHT = 270;
  private static final int LEFT = 56;
  private static final int RIGHT = 12;
  private static final int TOP = 12;
  private static final int BOTTOM = 44;

  /** The start of the vertical axis. */
  enum Start {
    /** At 0. */
    ZERO,
    /** Below the least value. */
    DATA
  }

  /**
   * One curve.
   *
   * @param name in the legend
   * @param values at epochs 1, 2, …; those that are not finite are left out
   */
  record Series(String name, List<Double> values) {}

  /** The figure with its legend. */
  String toHtml() {
    List<Double> all =
        series.stream().flatMap(s -> s.values().stream()).filter(Double::isFinite).toList();
    double greatest = all.stream().mapToDouble(v -> v).max().orElse(1);
    double least = start == Start.ZERO ? 0 : all.stream().mapToDouble(v -> v).min().orElse(0);
    Axis y = Axis.covering(least, greatest, 5);
    int epochs = series.stream().mapToInt(s -> s.values().size()).max().orElse(0);
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<figure><figcaption>%s</figcaption>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
            .formatted(Html.text(title), WIDTH, HEIGHT, Html.text(title + ": " + summary())));
    for (double tick : y.ticks()) {
      double at = y(y, tick);
      svg.append(
          Html.format(
              "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/><text class=\"end\" x=\"%d\" y=\"%.1f\">%s</text>\n",
              LEFT, at, WIDTH - RIGHT, at, LEFT - 6, at + 4, y.label(tick)));
    }
    int every = Math.max(1, (epochs + 9) / 10);
    for (int epoch = 1; epoch <= epochs; epoch += every) {
      svg.append(
          Html.format(
              "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%d</text>\n",
              x(epoch, epochs), HEIGHT - BOTTOM + 18, epoch));
    }
    svg.append(
        Html.format(
            "<text class=\"middle\" x=\"%d\" y=\"%d\">epoch</text>\n",
            (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6));
    svg.append(
        Html.format(
            "<text class=\"middle\" transform=\"translate(13 %d) rotate(-90)\">%s</text>\n",
            (TOP + HEIGHT - BOTTOM) / 2, Html.text(unit)));
    for (int i = 0; i < series.size(); i++) {
      svg.append(curve(i, y, epochs));
    }
    return svg.append("</svg>\n").append(legend()).append("</figure>\n").toString();
  }

  private String curve(int index, Axis y, int epochs) {
    List<Double> values = series.get(index).values();
    StringBuilder svg = new StringBuilder();
    String points =
        IntStream.range(0, values.size())
            .filter(i -> Double.isFinite(values.get(i)))
            .mapToObj(i -> Html.format("%.1f,%.1f", x(i + 1, epochs), y(y, values.get(i))))
            .collect(Collectors.joining(" "));
    svg.append("<polyline class=\"curve s%d\" points=\"%s\"/>\n".formatted(index, points));
    for (int i = 0; i < values.size(); i++) {
      if (Double.isFinite(values.get(i))) {
        svg.append(
            Html.format(
                "<circle class=\"dot s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%s, epoch %d: %.4g</title></circle>\n",
                index,
                x(i + 1, epochs),
                y(y, values.get(i)),
                Html.text(series.get(index).name()),
                i + 1,
                values.get(i)));
      }
    }
    return svg.toString();
  }

  private static double x(int epoch, int epochs) {
    double share = epochs < 2 ? 0.5 : (epoch - 1.0) / (epochs - 1);
    return LEFT + 10 + share * (WIDTH - RIGHT - LEFT - 20);
  }

  private static double y(Axis axis, double value) {
    return TOP + (1 - axis.position(value)) * (HEIGHT - BOTTOM - TOP);
  }

  private String summary() {
    return series.stream()
        .filter(s -> !s.values().isEmpty())
        .map(
            s ->
                Html.format(
                    "%s from %.4g to %.4g",
                    s.name(), s.values().get(0), s.values().get(s.values().size() - 1)))
        .collect(Collectors.joining(", "));
  }

  private String legend() {
    return IntStream.range(0, series.size())
        .mapToObj(
            i ->
                "<span><i class=\"key s%d\"></i>%s</span>"
                    .formatted(i, Html.text(series.get(i).name())))
        .collect(Collectors.joining("\n", "<p class=\"legend\">", "</p>\n"));
  }
}
