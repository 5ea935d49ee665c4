package dev.octavo.report;

import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Platform;
import dev.octavo.bundle.BundleManifest;
import dev.octavo.bundle.QuantizationManifest;
import dev.octavo.report.ReportInputs.Model;
import dev.octavo.results.InputSource;
import dev.octavo.results.InputSource.Folder;
import dev.octavo.results.InputSource.PathList;
import dev.octavo.results.InputSource.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The way from the images to this page: artifacts by hash, settings, versions and machines, and the
 * commands that repeat it.
 */
record ProvenanceSection(ReportInputs inputs, ReportSettings settings) implements Section {
  private static final String MODEL = "model ";

  @Override
  public String title() {
    return "Provenance";
  }

  @Override
  public String body() {
    Manifest manifest = inputs.manifest();
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("scores", inputs.run().scores().toString()));
    lines.addAll(lines(manifest));
    StringBuilder html = new StringBuilder();
    html.append(chain())
        .append(commands())
        .append(Table.words("This run", List.of("setting", "value"), lines).html());
    for (Model model : inputs.models()) {
      String name = model.metrics().name();
      Optional<Manifest> bundle = model.manifest();
      if (bundle.isPresent()) {
        List<List<String>> about = new ArrayList<>();
        about.add(List.of("bundle", model.metrics().path()));
        about.add(List.of("made", bundle.get().createdAt()));
        about.addAll(lines(bundle.get()));
        html.append(
            Html.details(
                "Model " + name,
                Table.words("Model " + name, List.of("setting or figure", "value"), about).html()));
      } else {
        html.append(
            Html.note(
                "The bundle of %s is no longer at %s, so its training is not shown."
                    .formatted(name, model.metrics().path())));
      }
    }
    return html.toString();
  }

  private static List<List<String>> lines(Manifest manifest) {
    List<List<String>> lines = new ArrayList<>();
    Platform platform = manifest.platform();
    lines.add(List.of("id", manifest.id()));
    manifest.settings().forEach((name, value) -> lines.add(List.of(name, String.valueOf(value))));
    manifest.figures().forEach((name, value) -> lines.add(List.of(name, String.valueOf(value))));
    manifest.parents().forEach((role, id) -> lines.add(List.of("made from " + role, id)));
    lines.add(List.of("Octavo", platform.octavo()));
    lines.add(List.of("Java", platform.java()));
    lines.add(List.of("Spark", platform.spark()));
    lines.add(List.of("system", "%s, %d cores".formatted(platform.os(), platform.cores())));
    return lines;
  }

  /** Artifacts in the order in which they were made, each with what it was made from. */
  private String chain() {
    ArtifactChain chain = ArtifactChain.of(inputs);
    return Html.heading("From the images to this page") + chain.graph() + chain.list();
  }

  private String commands() {
    StringBuilder lines = new StringBuilder();
    for (Model model : inputs.models()) {
      model.quantization().ifPresent(made -> lines.append(quantize(model, made)).append('\n'));
    }
    lines.append(score()).append('\n').append(report());
    return Html.heading("Commands that repeat it")
        + "<pre tabindex=\"0\"><code>%s</code></pre>\n".formatted(Html.text(lines.toString()))
        + Html.note(
            "Settings that these commands don't name are in the tables below; a training is"
                + " repeated by --config with its settings.");
  }

  /** The command that made an int8 bundle, if its float model and data are on the page, too. */
  private String quantize(Model model, QuantizationManifest made) {
    String data =
        inputs.run().settings().source() instanceof Split split
            ? split.dataset().toString()
            : "DATASET";
    Manifest manifest = model.manifest().orElseThrow();
    String parent = manifest.parents().getOrDefault("model", "");
    String path =
        inputs.models().stream()
            .filter(m -> parent.equals(inputs.manifest().parents().get(MODEL + m.metrics().name())))
            .map(m -> m.metrics().path())
            .findFirst()
            .orElse("MODEL");
    List<String> words = new ArrayList<>(List.of("jobs/quantize", "--model", path));
    words.addAll(List.of("--data", data, "--calibration-data", made.calibrationData()));
    words.addAll(List.of("--calibration-images", String.valueOf(made.calibrationImages())));
    words.addAll(List.of("--seed", String.valueOf(made.seed())));
    words.addAll(List.of("--max-drop", String.valueOf(made.maxDrop())));
    words.addAll(List.of("--min-agreement", String.valueOf(made.minAgreement())));
    BundleManifest.read(manifest, new Path(model.metrics().path()))
        .int8()
        .ifPresent(int8 -> words.addAll(List.of("--target", int8.target().id())));
    words.addAll(List.of("--out", model.metrics().path()));
    return line(words);
  }

  private String score() {
    List<String> words = new ArrayList<>(List.of("jobs/score"));
    inputs.models().forEach(m -> words.addAll(List.of("--model", m.metrics().path())));
    words.addAll(options(inputs.run().settings().source()));
    words.addAll(List.of("--out", inputs.run().scores().toString()));
    return line(words);
  }

  private static List<String> options(InputSource source) {
    if (source instanceof Split split) {
      return List.of("--data", split.dataset().toString(), "--split", split.split());
    }
    if (source instanceof PathList list) {
      return List.of("--list", list.list().toString(), "--path-column", list.pathColumn());
    }
    if (source instanceof InputSource.Table table) {
      List<String> words =
          new ArrayList<>(List.of("--table", table.table(), "--format", table.format()));
      words.addAll(List.of("--image-column", table.imageColumn()));
      words.addAll(List.of("--path-column", table.pathColumn()));
      table.labelColumn().ifPresent(column -> words.addAll(List.of("--label-column", column)));
      return words;
    }
    return List.of("--images", ((Folder) source).directory().toString());
  }

  private String report() {
    List<String> words = new ArrayList<>(List.of("jobs/report"));
    inputs.runs().forEach(run -> words.addAll(List.of("--scores", run.scores().toString())));
    settings.reference().ifPresent(r -> words.addAll(List.of("--reference", r.toString())));
    settings.valScores().ifPresent(v -> words.addAll(List.of("--val-scores", v.toString())));
    if (settings.images() == ReportSettings.Images.LEFT_OUT) {
      words.add("--no-images");
    }
    settings
        .pricePerCoreHour()
        .ifPresent(p -> words.addAll(List.of("--price-per-core-hour", String.valueOf(p))));
    words.addAll(List.of("--out", settings.out().toString()));
    return line(words);
  }

  /** Words as a shell takes them. */
  private static String line(List<String> words) {
    return String.join(
        " ",
        words.stream()
            .map(w -> w.matches("[A-Za-z0-9_./:=@%+,-]+") ? w : "'" + w.replace("'", "'\\''") + "'")
            .toList());
  }
}
