package dev.octavo.report;

import dev.octavo.bundle.CalibrationRecord.Activation;
import dev.octavo.bundle.CalibrationRecord.ChosenRange;
import java.util.ArrayList;
import java.util.List;

/**
 * The histogram of an activation, with the range that was chosen in it, as an SVG figure. Heights
 * are logarithms: a handful of outliers beside millions of values is what ranges are chosen about.
 *
 * @param model whose it is
 * @param activation observed
 * @param chosen the model's range
 */
record RangeChart(String model, Activation activation, ChosenRange chosen) {
  private static final int WIDTH = 300;
  private static final int HEIGHT = 124;
  private static final int SIDE = 12;
  private static final int TOP = 6;
  private static final int BOTTOM = 38;

  String html() {
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
            .formatted(WIDTH, HEIGHT, Html.text(summary())));
    int base = HEIGHT - BOTTOM;
    double from = x(chosen.low());
    double to = x(chosen.high());
    svg.append(
        Html.format(
            "<rect class=\"chosen\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
            from, TOP, Math.max(1, to - from), base - TOP));
    svg.append("<path class=\"fill s0\" d=\"").append(outline(base)).append("\"/>\n");
    for (double end : new double[] {from, to}) {
      svg.append(
          Html.format(
              "<line class=\"mark\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n",
              end, TOP, end, base));
    }
    svg.append(label(SIDE, "start", base + 16, activation.low()))
        .append(label(WIDTH - SIDE, "end", base + 16, activation.high()));
    svg.append(
        Html.format(
            "<text class=\"middle\" x=\"%d\" y=\"%d\">range %s to %s</text>\n",
            WIDTH / 2, base + 32, number(chosen.low()), number(chosen.high())));
    return Html.figure(
        "range",
        activation.layer(),
        "Histogram of %s of %s".formatted(activation.layer(), model),
        svg.append("</svg>\n").toString(),
        csv());
  }

  private String outline(int base) {
    List<Long> counts = activation.counts();
    double most = Math.log1p((double) counts.stream().mapToLong(c -> c).max().orElse(0));
    StringBuilder path = new StringBuilder("M%d,%d".formatted(SIDE, base));
    double width = (double) (WIDTH - 2 * SIDE) / counts.size();
    for (int i = 0; i < counts.size(); i++) {
      double height = most == 0 ? 0 : Math.log1p((double) counts.get(i)) / most * (base - TOP);
      path.append(Html.format("V%.1fH%.1f", base - height, SIDE + (i + 1) * width));
    }
    return path.append("V%dZ".formatted(base)).toString();
  }

  private double x(double value) {
    double share = (value - activation.low()) / (activation.high() - activation.low());
    return SIDE + Math.max(0, Math.min(1, share)) * (WIDTH - 2 * SIDE);
  }

  private static String label(int x, String anchor, int y, double value) {
    return "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n"
        .formatted(anchor, x, y, number(value));
  }

  private static String number(double value) {
    return Html.format("%.3g", value + 0.0).replace('-', '−');
  }

  private String summary() {
    return "Values of %s of %s from %s to %s, as logarithms of their counts; range chosen: %s to %s"
        .formatted(
            activation.layer(),
            model,
            number(activation.low()),
            number(activation.high()),
            number(chosen.low()),
            number(chosen.high()));
  }

  private List<List<String>> csv() {
    List<List<String>> csv = new ArrayList<>();
    csv.add(List.of("from", "to", "values"));
    List<Long> counts = activation.counts();
    double width = (activation.high() - activation.low()) / counts.size();
    for (int i = 0; i < counts.size(); i++) {
      csv.add(
          List.of(
              Html.format("%.6g", activation.low() + i * width),
              Html.format("%.6g", activation.low() + (i + 1) * width),
              String.valueOf(counts.get(i))));
    }
    return csv;
  }
}
