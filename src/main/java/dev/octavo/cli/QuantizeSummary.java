package dev.octavo.cli;

import dev.octavo.quantize.Comparison;
import dev.octavo.quantize.LayerError;
import dev.octavo.quantize.LayerSensitivity;
import dev.octavo.quantize.QuantizeResult;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The summary that {@code quantize} prints at its end. */
record QuantizeSummary(QuantizeResult result) {
  private static final double PERCENT = 100;
  private static final double MEGABYTE = 1e6;
  private static final int WORST_LAYERS = 10;
  private static final int MOST_SENSITIVE = 3;

  void print(PrintWriter console) {
    if (!result.sensitivity().isEmpty()) {
      sensitivity(console, result.sensitivity());
    }
    if (!result.layers().isEmpty()) {
      worstLayers(console);
    }
    console.printf(
        "quantized with  %s, %d-bit weights for %s%n",
        result.approach(), result.target().weightBits(), result.target().id());
    console.printf(
        "model file      %,.1f MB -> %,.1f MB (%.1f %%)%n",
        result.floatBytes() / MEGABYTE,
        result.int8Bytes() / MEGABYTE,
        PERCENT * result.int8Bytes() / result.floatBytes());
    comparison(console, result.validation());
    if (result.target().isFullRange()) {
      console.printf("7-bit variant   %s%n", variant());
    }
    console.printf(
        "quality gate    %s%n",
        switch (result.gate()) {
          case PASSED -> "passed";
          case NOT_MEASURED -> "NOT MEASURED: the dataset has no val split";
          case EXEMPT -> "EXEMPT: calibrated on random input, not for use";
        });
    console.printf("int8 model in %s%n", result.bundle());
  }

  private String variant() {
    return result
        .variant()
        .map(
            v ->
                v.isEmpty()
                    ? "carried for CPUs without VNNI"
                    : "carried for CPUs without VNNI: top-1 %.2f %%, same class for %.2f %%, SQNR of the logits %.1f dB"
                        .formatted(
                            PERCENT * v.int8Top1().value(),
                            PERCENT * v.agreement().value(),
                            v.logits().decibels()))
        .orElse("NONE: it does not pass the gate, so CPUs without VNNI refuse this model");
  }

  private static void comparison(PrintWriter console, Comparison val) {
    if (val.isEmpty()) {
      console.println("top-1 on val    not measured: the dataset has no val split");
      return;
    }
    console.printf(
        "top-1 on val    fp32 %.2f %% -> int8 %.2f %% (%d images; same class for %.2f %%, SQNR of the logits %.1f dB)%n",
        PERCENT * val.floatTop1().value(),
        PERCENT * val.int8Top1().value(),
        val.agreement().total(),
        PERCENT * val.agreement().value(),
        val.logits().decibels());
    console.printf(
        "mean per class  fp32 %.2f %% -> int8 %.2f %%%n",
        PERCENT * val.floatMatrix().meanPerClassAccuracy(),
        PERCENT * val.int8Matrix().meanPerClassAccuracy());
  }

  private void worstLayers(PrintWriter console) {
    console.printf("the layers with the largest errors on val%n  %-22s  SQNR%n", "layer");
    result.layers().stream()
        .sorted(Comparator.comparingDouble((LayerError layer) -> layer.output().decibels()))
        .limit(WORST_LAYERS)
        .forEach(
            layer ->
                console.printf("  %-22s  %5.1f dB%n", layer.layer(), layer.output().decibels()));
  }

  private static void sensitivity(PrintWriter console, List<LayerSensitivity> layers) {
    console.printf(
        "with only this layer quantized%n  %-22s  SQNR of the logits  same class%n", "layer");
    for (LayerSensitivity layer : layers) {
      console.printf(
          "  %-22s  %15.2f dB  %8.2f %%%n",
          layer.layer(), layer.logits().decibels(), PERCENT * layer.agreement().value());
    }
    console.printf(
        "to keep the most sensitive in float32: --float-layers %s%n",
        layers.stream()
            .limit(MOST_SENSITIVE)
            .map(LayerSensitivity::layer)
            .collect(Collectors.joining(",")));
  }
}
