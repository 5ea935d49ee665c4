package dev.octavo.report;

import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Platform;
import dev.octavo.report.ReportInputs.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The way from the images to this page: artifacts by hash, settings, versions and machines, and the
 * commands that repeat it.
 */
record ProvenanceSection(ReportInputs inputs, ReportSettings settings) implements Section {
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
        .append(new Commands(inputs, settings).html())
        .append(Table.words("This run", List.of("setting", "value"), lines).html());
    inputs
        .dataset()
        .ifPresent(dataset -> html.append(details("Dataset", lines(dataset.manifest()))));
    for (Model model : inputs.models()) {
      String name = model.metrics().name();
      Optional<Manifest> bundle = model.manifest();
      if (bundle.isPresent()) {
        List<List<String>> about = new ArrayList<>();
        about.add(List.of("bundle", model.metrics().path()));
        about.add(List.of("made", bundle.get().createdAt()));
        about.addAll(lines(bundle.get()));
        html.append(details("Model " + name, about));
      } else {
        html.append(
            Html.note(
                "The bundle of %s is no longer at %s, so its training is not shown."
                    .formatted(name, model.metrics().path())));
      }
    }
    return html.toString();
  }

  private static String details(String title, List<List<String>> lines) {
    return Html.details(
        title, Table.words(title, List.of("setting or figure", "value"), lines).html());
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
    lines.add(List.of("DJL", platform.djl()));
    lines.add(List.of("libtorch", platform.libtorch()));
    lines.add(
        List.of(
            "machine",
            "%s, %d cores, %s"
                .formatted(platform.os(), platform.cores(), String.join(" ", platform.cpu()))));
    return lines;
  }

  /** Artifacts in the order in which they were made, each with what it was made from. */
  private String chain() {
    ArtifactChain chain = ArtifactChain.of(inputs);
    return Html.heading("From the images to this page") + chain.graph() + chain.list();
  }
}
