package dev.octavo.report;

import dev.octavo.bundle.CalibrationRecord;
import dev.octavo.bundle.CalibrationRecord.Activation;
import dev.octavo.bundle.CalibrationRecord.ChosenRange;
import dev.octavo.metrics.Quantiles;
import dev.octavo.metrics.SignalToNoise;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The ranges that calibration chose, beside those of the other methods. */
record CalibrationFigures(String model, CalibrationRecord calibration) {
  String html() {
    return calibration.activations().isEmpty() ? "" : methods() + charts() + layers();
  }

  private List<String> methodIds() {
    return calibration.activations().get(0).ranges().stream().map(ChosenRange::method).toList();
  }

  private static double decibels(Activation activation, ChosenRange range) {
    return new SignalToNoise(activation.signal(), range.noise()).decibels();
  }

  /** The methods over all activations. */
  private String methods() {
    List<List<String>> lines = new ArrayList<>();
    for (String method : methodIds()) {
      List<Activation> measured =
          calibration.activations().stream()
              .filter(a -> a.range(method).isPresent())
              .filter(a -> Double.isFinite(decibels(a, a.range(method).get())))
              .toList();
      if (!measured.isEmpty()) {
        Activation worst =
            measured.stream()
                .min(Comparator.comparingDouble(a -> decibels(a, a.range(method).get())))
                .orElseThrow();
        double[] all =
            measured.stream().mapToDouble(a -> decibels(a, a.range(method).get())).toArray();
        lines.add(
            List.of(
                method,
                method.equals(calibration.method()) ? "chosen" : "",
                Html.format("%.1f", Quantiles.of(all).median()),
                Html.format("%.1f", decibels(worst, worst.range(method).get())),
                worst.layer()));
      }
    }
    return lines.isEmpty()
        ? ""
        : Table.figures(
                    "Calibration methods for %s, by the activations alone".formatted(model),
                    List.of("method", "", "median SQNR, dB", "least SQNR, dB", "in the layer"),
                    lines)
                .html()
            + Html.note(
                "Signal to noise of quantizing each layer’s observed values to the range that a"
                    + " method chooses and back: what the range alone costs, before errors add up"
                    + " and weights are rounded.");
  }

  private String charts() {
    String figures =
        calibration.activations().stream()
            .filter(a -> a.range(calibration.method()).isPresent())
            .map(a -> new RangeChart(model, a, a.range(calibration.method()).get()).html())
            .collect(Collectors.joining());
    return Html.details(
        "Ranges of %s in the observed histograms, layer by layer".formatted(model),
        Html.note(
                "Counts as logarithms; the band is the range whose 256 codes the layer’s output"
                    + " gets, and what lies outside is clipped.")
            + "<div class=\"ranges\">\n%s</div>\n".formatted(figures));
  }

  private String layers() {
    List<String> head = new ArrayList<>(List.of("layer", "observed to"));
    for (String method : methodIds()) {
      head.add(method + " to");
      head.add(method + ", dB");
    }
    List<List<String>> lines = new ArrayList<>();
    for (Activation activation : calibration.activations()) {
      List<String> line = new ArrayList<>();
      line.add(activation.layer());
      line.add(Html.format("%.3g", activation.high()));
      for (String method : methodIds()) {
        line.add(
            activation.range(method).map(r -> Html.format("%.3g", r.high())).orElse(Html.UNKNOWN));
        line.add(
            activation
                .range(method)
                .map(r -> decibels(activation, r))
                .filter(Double::isFinite)
                .map(d -> Html.format("%.1f", d))
                .orElse(Html.UNKNOWN));
      }
      lines.add(line);
    }
    return Html.details(
        "Ranges of all methods for %s, layer by layer".formatted(model),
        Table.sortable("Upper ends of the ranges for " + model, head, lines).html());
  }
}
