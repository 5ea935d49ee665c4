package dev.octavo.bundle;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.ParentRole;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.image.Preprocessing;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * The {@code MODEL_CARD.md} of a bundle: what the model is, how it was made, how good it is and
 * what it is not for. It starts with the metadata block that the Hugging Face Hub reads (its "Model
 * Cards" specification: YAML between two lines of dashes, results as a {@code model-index}). All of
 * it comes from the manifest, so the same bundle has the same card.
 *
 * @param about what model it is
 * @param manifest of the bundle, but for its files
 */
record ModelCard(BundleWriter.Description about, Manifest manifest) {
  /** The file's name within the bundle. */
  static final String FILE_NAME = "MODEL_CARD.md";

  private static final String VAL = "val";

  /** A figure on the val split: as the Hub names the metric, in words, and its value. */
  private record Metric(String type, String name, double value) {}

  /** The card. */
  String text() {
    return metadata()
        + "\n# %s\n\n".formatted(title())
        + description()
        + use()
        + results()
        + limits()
        + making();
  }

  private boolean quantized() {
    return about.int8().isPresent();
  }

  private String precision() {
    return quantized() ? "int8" : "fp32";
  }

  private String title() {
    return "%s, %s, %d classes".formatted(about.network().name(), precision(), classes());
  }

  private int classes() {
    return about.classes().size();
  }

  private String metadata() {
    List<String> lines = new ArrayList<>();
    lines.add("---");
    lines.add("library_name: djl");
    lines.add("pipeline_tag: image-classification");
    lines.add("tags:");
    List<String> tags =
        List.of("image-classification", "torchscript", "djl", about.network().name(), precision());
    tags.forEach(tag -> lines.add("- " + quoted(tag)));
    List<Metric> metrics = metrics();
    if (!metrics.isEmpty()) {
      lines.add("metrics:");
      lines.add("- accuracy");
      lines.add("model-index:");
      lines.add("- name: " + quoted(title()));
      lines.add("  results:");
      lines.add("  - task:");
      lines.add("      type: image-classification");
      lines.add("    dataset:");
      lines.add("      type: imagefolder");
      lines.add("      name: " + quoted(dataset()));
      lines.add("      split: " + VAL);
      lines.add("    metrics:");
      for (Metric metric : metrics) {
        lines.add("    - type: " + metric.type());
        lines.add("      name: " + quoted(metric.name()));
        lines.add("      value: " + number(metric.value()));
      }
    }
    lines.add("---");
    return String.join("\n", lines) + "\n";
  }

  /** A YAML scalar in double quotes, whose escapes are JSON's. */
  private static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.6f", value);
  }

  private String dataset() {
    return "dataset %s, %d classes"
        .formatted(manifest.parents().getOrDefault(ParentRole.DATA, "unknown"), classes());
  }

  /** The figures on val that are finite. */
  private List<Metric> metrics() {
    Path here = new Path(".");
    List<Metric> metrics =
        quantized()
            ? QuantizationFigures.read(manifest, here)
                .flatMap(QuantizationFigures::val)
                .map(ModelCard::metrics)
                .orElse(List.of())
            : TrainingFigures.read(manifest, here)
                .flatMap(TrainingFigures::val)
                .map(ModelCard::metrics)
                .orElse(List.of());
    return metrics.stream().filter(metric -> Double.isFinite(metric.value())).toList();
  }

  private static List<Metric> metrics(TrainingFigures.OnVal val) {
    return List.of(
        new Metric("accuracy", "top-1 accuracy", val.valTop1()),
        new Metric("accuracy", "top-5 accuracy", val.valTop5()),
        new Metric("recall", "mean per-class accuracy", val.valMeanPerClass()));
  }

  private static List<Metric> metrics(QuantizationFigures.OnVal val) {
    return List.of(
        new Metric("accuracy", "top-1 accuracy", val.valInt8Top1()),
        new Metric("recall", "mean per-class accuracy", val.valInt8MeanPerClass()),
        new Metric("accuracy", "top-1 accuracy of the float model", val.valFloatTop1()),
        new Metric("accuracy", "agreement with the float model", val.valAgreement()));
  }

  private String description() {
    Preprocessing rule = about.preprocessing();
    return """
    Names one of %d classes (`%s`, a line each in the order of the logits) for an image.

    - Network: `%s`, a TorchScript program in `%s`.
    - Input: the shorter side resized to %d pixels (%s, antialiased), the centre of %d × %d pixels, RGB.
      The program takes `uint8 [N, %d, %d, 3]`%s; normalization is part of it.
    - Output: logits, `float32 [N, %d]`.
    """
            .formatted(
                classes(),
                ModelBundle.CLASSES_FILE,
                about.network().name(),
                ModelBundle.MODEL_FILE,
                rule.resizeSize(),
                rule.interpolation().name().toLowerCase(Locale.ROOT),
                rule.cropSize(),
                rule.cropSize(),
                rule.cropSize(),
                rule.cropSize(),
                quantized()
                    ? ""
                    : " or `float32 [N, 3, %1$d, %1$d]` from 0 to 1".formatted(rule.cropSize()),
                classes())
        + about.int8().map(ModelCard::int8).orElse("");
  }

  private static String int8(BundleManifest.Int8 int8) {
    return "- Made for CPUs of the kind `%s`, with weights of %d bits%s.\n"
        .formatted(
            int8.target().id(),
            int8.weightBits(),
            int8.variant() ? "; `%s` is for other CPUs".formatted(ModelBundle.VARIANT_FILE) : "");
  }

  private String use() {
    return """

    ## Use

        jobs/score --model THIS_DIRECTORY --images IMAGES --out SCORES

    DJL loads the directory as it stands (`serving.properties`), and so does PyTorch:

        import torch
        model = torch.jit.load("%s")
        logits = model(torch.zeros(1, %2$d, %2$d, 3, dtype=torch.uint8))
    """
        .formatted(ModelBundle.MODEL_FILE, about.preprocessing().cropSize());
  }

  private String results() {
    List<Metric> metrics = metrics();
    if (metrics.isEmpty()) {
      return "\n## Results\n\nNothing was measured on a val split.\n";
    }
    StringBuilder text = new StringBuilder("\n## Results\n\n| on the val split | |\n|---|---:|\n");
    for (Metric metric : metrics) {
      text.append(
          String.format(Locale.ROOT, "| %s | %.2f %% |\n", metric.name(), 100 * metric.value()));
    }
    return text
        + "\n%s was chosen on val: quote figures on a test split, which `jobs/report` shows.\n"
            .formatted(quantized() ? "The way of quantizing" : "The epoch");
  }

  private String limits() {
    return """

    ## Limits

    - It names a class for every image, also for one that shows none of them. Probabilities are
      those of the softmax, %s
    - It knows what the dataset shows and no more: other cameras, places or times need a new
      measurement (`jobs/report --reference`).
    - No licence is stated here. That of the images and of the weights the training started from
      decides what may be done with it: add `license` above before you publish it.
    %s"""
        .formatted(
            about
                .temperature()
                .map(
                    t ->
                        String.format(
                            Locale.ROOT,
                            "whose logits `jobs/score` divides by a temperature of %.4f, fitted on val.",
                            t.value()))
                .orElse("not calibrated; `jobs/report --val-scores` fits a temperature."),
            random() ? "- Calibrated on random input, to show what that does. Not for use.\n" : "");
  }

  private boolean random() {
    return quantized()
        && RecordEntries.readIfAny(
                QuantizationManifest.class, manifest.settings(Manifest.FILE_NAME))
            .filter(made -> made.calibrationData().equals(QuantizationManifest.RANDOM))
            .isPresent();
  }

  private String making() {
    StringBuilder text = new StringBuilder("\n## How it was made\n\n");
    manifest.parents().forEach((role, id) -> text.append(line("from " + role, id)));
    Map<String, Object> described = RecordEntries.of(about.manifest());
    manifest
        .settings()
        .forEach(
            (key, value) -> {
              if (!described.containsKey(key)) {
                text.append(line(key, value));
              }
            });
    text.append(line("octavo", manifest.platform().octavo()));
    text.append(line("libtorch", manifest.platform().libtorch()));
    return text + "\n`manifest.json` has all of it, with hashes of the files.\n";
  }

  /** A line of an indented code block, in which no character means anything. */
  private static String line(String name, Object value) {
    return "    %s: %s\n".formatted(name, String.valueOf(value).replaceAll("\\R", " "));
  }
}
