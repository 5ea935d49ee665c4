package dev.octavo.report;

import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Platform;
import dev.octavo.report.Html.Look;
import dev.octavo.report.ReportInputs.Model;
import dev.octavo.results.ResultsTable;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page: its head, the results, and what the other classes of the package add. */
final class Page {
  private final ReportInputs inputs;

  private Page(ReportInputs inputs) {
    this.inputs = inputs;
  }

  /** The whole HTML document; it refers to nothing outside of itself. */
  static String of(ReportInputs inputs) {
    Page page = new Page(inputs);
    String body =
        page.header()
            + page.results()
            + TrainingCurves.html(inputs.models())
            + Confusions.html(inputs.metrics())
            + ThroughputSection.html(inputs)
            + page.provenance();
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%s</title>
    <style>
    %s</style>
    </head>
    <body>
    %s</body>
    </html>
    """
        .formatted(Html.text(page.title()), style(), body);
  }

  private static String style() {
    try (InputStream css = Page.class.getResourceAsStream("page.css")) {
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String title() {
    return Html.format(
        "%,d images, scored with %s",
        inputs.metrics().inputs(),
        inputs.metrics().models().stream().map(ModelMetrics::name).collect(joined()));
  }

  private static java.util.stream.Collector<CharSequence, ?, String> joined() {
    return Collectors.joining(" and ");
  }

  /** The images that were scored, as a heading. */
  static String source(Map<String, Object> settings) {
    if (settings.containsKey("data")) {
      return "Split %s of %s".formatted(settings.get("split"), settings.get("data"));
    }
    if (settings.containsKey("list")) {
      return "Files listed in %s".formatted(settings.get("list"));
    }
    if (settings.containsKey("table")) {
      return "Table %s".formatted(settings.get("table"));
    }
    return "Folder %s".formatted(settings.get("images"));
  }

  private String header() {
    Map<String, Object> settings = inputs.manifest().settings();
    return "<header>\n<h1>%s</h1>\n<p class=\"lead\">%s<br>Octavo %s, %s</p>\n</header>\n"
        .formatted(
            Html.text(title()),
            Html.text(source(settings)),
            Html.text(inputs.manifest().platform().octavo()),
            Html.text(inputs.manifest().createdAt()));
  }

  private String results() {
    ResultsTable table = ResultsTable.of(inputs.metrics());
    List<List<String>> lines =
        table.lines().stream()
            .map(l -> Stream.concat(Stream.of(l.name()), l.values().stream()).toList())
            .toList();
    String threads =
        inputs.metrics().models().stream()
            .flatMap(m -> m.latency().stream())
            .findFirst()
            .map(
                r ->
                    Html.format(
                        " Milliseconds per image are the median of calls on one executor with %d"
                            + " thread%s (%s), the models taking turns.",
                        r.threads(),
                        r.threads() == 1 ? "" : "s",
                        String.join(" ", r.cpuFeatures())))
            .orElse("");
    return Html.section(
        "Results",
        Html.table(
                Look.RESULTS,
                "The same images, one column per model",
                Stream.concat(Stream.of(""), table.models().stream()).toList(),
                lines)
            + Html.note(
                "Top-1 weighs images alike, mean per-class accuracy classes. MB are millions of"
                    + " bytes."
                    + threads));
  }

  private String provenance() {
    List<List<String>> lines = new ArrayList<>();
    Manifest manifest = inputs.manifest();
    lines.add(List.of("scores", inputs.scores().toString()));
    lines.add(List.of("id", manifest.id()));
    manifest.settings().forEach((name, value) -> lines.add(List.of(name, String.valueOf(value))));
    manifest.parents().forEach((role, id) -> lines.add(List.of("made from " + role, id)));
    lines.addAll(platform(manifest.platform()));
    StringBuilder html = new StringBuilder();
    html.append(Html.table(Look.TEXT, "This run", List.of("setting", "value"), lines));
    for (Model model : inputs.models()) {
      model.manifest().ifPresent(m -> html.append(bundle(model.metrics(), m)));
      if (model.manifest().isEmpty()) {
        html.append(
            Html.note(
                "The bundle of %s is no longer at %s, so its training is not shown."
                    .formatted(model.metrics().name(), model.metrics().path())));
      }
    }
    return Html.section("Settings and platform", html.toString());
  }

  private static String bundle(ModelMetrics metrics, Manifest manifest) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("bundle", metrics.path()));
    lines.add(List.of("id", manifest.id()));
    lines.add(List.of("made", manifest.createdAt()));
    manifest.settings().forEach((name, value) -> lines.add(List.of(name, String.valueOf(value))));
    manifest.figures().forEach((name, value) -> lines.add(List.of(name, String.valueOf(value))));
    manifest.parents().forEach((role, id) -> lines.add(List.of("made from " + role, id)));
    lines.addAll(platform(manifest.platform()));
    return Html.table(
        Look.TEXT, "Model " + metrics.name(), List.of("setting or figure", "value"), lines);
  }

  private static List<List<String>> platform(Platform platform) {
    return List.of(
        List.of("Octavo", platform.octavo()),
        List.of("Java", platform.java()),
        List.of("Spark", platform.spark()),
        List.of("system", "%s, %d cores".formatted(platform.os(), platform.cores())));
  }
}
