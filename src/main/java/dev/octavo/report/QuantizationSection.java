package dev.octavo.report;

import dev.octavo.artifact.Manifest;
import dev.octavo.bundle.BundleManifest;
import dev.octavo.bundle.QuantizationFigures;
import dev.octavo.bundle.QuantizationFigures.OnVal;
import dev.octavo.bundle.QuantizationManifest;
import dev.octavo.report.Bars.Bar;
import dev.octavo.report.ReportInputs.Model;
import dev.octavo.results.ScoreMetrics.Accuracy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;

/** The way in which int8 models were made, and what it did to each layer. */
record QuantizationSection(List<Model> models) implements Section {
  @Override
  public String title() {
    return "What quantization did";
  }

  @Override
  public String body() {
    StringBuilder html = new StringBuilder(sideBySide());
    for (Model model : models) {
      model.quantization().ifPresent(made -> html.append(model(model, made)));
    }
    return html.toString();
  }

  /** All quantized models; random calibration is among them where one was made so. */
  private String sideBySide() {
    List<List<String>> lines = new ArrayList<>();
    for (Model model : models) {
      model.quantization().ifPresent(made -> lines.add(line(model, made)));
    }
    return lines.size() < 2
        ? ""
        : Table.figures(
                "Ways of quantizing, side by side",
                List.of(
                    "model",
                    "calibrated on",
                    "images",
                    "method",
                    "refinements",
                    "float layers",
                    "top-1 here",
                    "top-1 on val",
                    "float’s on val",
                    "same class on val",
                    "SQNR of logits"),
                lines)
            .html();
  }

  private static List<String> line(Model model, QuantizationManifest made) {
    Optional<OnVal> val = model.quantizationFigures().flatMap(QuantizationFigures::val);
    Accuracy accuracy = model.metrics().accuracy();
    return List.of(
        model.metrics().name(),
        made.calibrationData(),
        Html.format("%,d", made.calibrationImages()),
        made.method(),
        words(made.refinements()),
        Html.format("%,d", made.floatLayers().size()),
        accuracy == null ? Html.UNKNOWN : Html.percent(accuracy.top1()),
        val.map(v -> Html.percent(v.valInt8Top1())).orElse(Html.UNKNOWN),
        val.map(v -> Html.percent(v.valFloatTop1())).orElse(Html.UNKNOWN),
        val.map(v -> Html.percent(v.valAgreement())).orElse(Html.UNKNOWN),
        val.map(v -> decibels(v.valLogitsSqnrDecibels())).orElse(Html.UNKNOWN));
  }

  private static String model(Model model, QuantizationManifest made) {
    String name = model.metrics().name();
    Manifest manifest = model.manifest().orElseThrow();
    QuantizationFigures figures = model.quantizationFigures().orElseThrow();
    List<List<String>> settings = new ArrayList<>();
    settings.add(List.of("calibrated on", made.calibrationData()));
    settings.add(List.of("calibration images", String.valueOf(made.calibrationImages())));
    settings.add(List.of("ranges of activations", made.method()));
    settings.add(List.of("refinements", words(made.refinements())));
    settings.add(List.of("layers left in float", words(made.floatLayers())));
    settings.add(List.of("asked for", made.methodAskedFor()));
    BundleManifest.read(manifest, new Path(model.metrics().path()))
        .int8()
        .ifPresent(
            int8 -> {
              settings.add(List.of("made for CPUs", int8.target().id()));
              settings.add(List.of("bits of a weight", String.valueOf(int8.weightBits())));
            });
    settings.add(List.of("gate: points that may be lost", String.valueOf(made.maxDrop())));
    settings.add(List.of("gate: least agreement", String.valueOf(made.minAgreement())));
    settings.add(List.of("gate", figures.gate()));
    String random =
        made.calibrationData().equals(QuantizationManifest.RANDOM)
            ? Html.note(
                "Calibrated on random input, as the original experiment first was: its ranges don't"
                    + " fit photographs. Not for use.")
            : "";
    return Html.heading(name)
        + random
        + Table.words("How %s was quantized".formatted(name), List.of("setting", "value"), settings)
            .html()
        + attempts(name, figures)
        + onVal(name, figures)
        + floatLayers(name, made, figures)
        + figures.val().map(val -> layers(name, val)).orElse("")
        + model.calibration().map(c -> new CalibrationFigures(name, c).html()).orElse("");
  }

  /** The layers left in float, with what quantizing each of them alone does. */
  private static String floatLayers(
      String name, QuantizationManifest made, QuantizationFigures figures) {
    if (made.floatLayers().isEmpty()) {
      return "";
    }
    Map<String, Double> alone = figures.layerAloneLogitsSqnrDecibels().orElse(Map.of());
    return Table.figures(
                "Layers of %s left in float32".formatted(name),
                List.of("layer", "SQNR of the logits if it alone is quantized"),
                made.floatLayers().stream()
                    .map(layer -> List.of(layer, decibels(alone.getOrDefault(layer, Double.NaN))))
                    .toList())
            .html()
        + Html.note(
            "No way of quantizing all layers passed the gate, so those that disturb the logits"
                + " most, quantized alone, were left out.");
  }

  private static String words(List<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names);
  }

  /** The ways that were tried before the gate let one through. */
  private static String attempts(String name, QuantizationFigures figures) {
    List<String> log = figures.gateAttempts();
    return log.isEmpty()
        ? ""
        : Table.words(
                "Attempts to quantize %s, each measured on val".formatted(name),
                List.of("attempt", "outcome"),
                IntStream.range(0, log.size())
                    .mapToObj(i -> List.of(String.valueOf(i + 1), log.get(i)))
                    .toList())
            .html();
  }

  private static String onVal(String name, QuantizationFigures figures) {
    if (figures.val().isEmpty()) {
      return Html.note("The dataset has no val split, so %s was not measured.".formatted(name));
    }
    OnVal val = figures.val().get();
    return Table.figures(
            "Float and %s on val".formatted(name),
            List.of("", "float", "int8"),
            List.of(
                List.of("top-1", Html.percent(val.valFloatTop1()), Html.percent(val.valInt8Top1())),
                List.of(
                    "mean per class",
                    Html.percent(val.valFloatMeanPerClass()),
                    Html.percent(val.valInt8MeanPerClass())),
                List.of("same class as float", Html.UNKNOWN, Html.percent(val.valAgreement())),
                List.of("SQNR of the logits", Html.UNKNOWN, decibels(val.valLogitsSqnrDecibels()))))
        .html();
  }

  private static String decibels(double value) {
    return Double.isFinite(value) ? Html.format("%.1f dB", value) : Html.UNKNOWN;
  }

  private static String layers(String name, OnVal val) {
    if (val.valLayerSqnrDecibels().isEmpty()) {
      return "";
    }
    List<Bar> bars = new ArrayList<>();
    val.valLayerSqnrDecibels()
        .forEach(
            (layer, decibels) -> {
              if (Double.isFinite(decibels)) {
                bars.add(new Bar(layer, List.of(Math.max(0, decibels)), decibels(decibels)));
              }
            });
    bars.sort(Comparator.comparing(Bar::name, QuantizationSection::inOrder));
    return new Bars(
                "Signal to quantization noise of the layers of " + name,
                "decibels",
                List.of("SQNR"),
                bars)
            .html()
        + Html.note(
            "Each layer’s output in the int8 network beside that in the float network, on val, each"
                + " on its own inputs: errors add up from layer to layer. 6 dB are half the"
                + " noise.");
  }

  /** The stem before the stages, the classifier after them; numbers as numbers. */
  private static int inOrder(String a, String b) {
    return Comparator.comparing(
            (String layer) -> layer.startsWith("layer") ? 1 : layer.startsWith("fc") ? 2 : 0)
        .thenComparing(layer -> padded(layer))
        .compare(a, b);
  }

  private static String padded(String layer) {
    return Pattern.compile("\\d+")
        .matcher(layer)
        .replaceAll(m -> Html.format("%06d", Long.parseLong(m.group())));
  }
}
