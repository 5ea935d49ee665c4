package dev.octavo.report;

import dev.octavo.results.InputSource;
import dev.octavo.results.InputSource.Folder;
import dev.octavo.results.InputSource.PathList;
import dev.octavo.results.InputSource.Split;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The page: its head, a table of contents, and the sections. */
final class Page {
  private Page() {}

  /** The whole HTML document; it refers to nothing outside of itself. */
  static String of(ReportInputs inputs, ReportSettings settings) {
    List<Section> sections =
        List.of(
            new VerdictSection(inputs.metrics(), inputs.predictions()),
            new RunsSection(inputs.runs(), inputs.comparisons()),
            new DriftSection(inputs.drift(), inputs.thumbnails()),
            new ErrorsSection(
                inputs.metrics(),
                inputs.predictions(),
                inputs.repeated(),
                inputs.checked(),
                inputs.thumbnails()),
            new ConfidenceSection(inputs.predictions().models()),
            new QuantizationSection(inputs.models()),
            new TrainingSection(inputs.models()),
            new ThroughputSection(inputs, settings.pricePerCoreHour()),
            new ProvenanceSection(inputs, settings));
    Map<Section, String> shown = new LinkedHashMap<>();
    sections.forEach(section -> shown.put(section, section.html()));
    shown.values().removeIf(String::isEmpty);
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <title>%s</title>
    <style>
    %s</style>
    </head>
    <body>
    %s<main>
    %s</main>
    <script>
    %s</script>
    </body>
    </html>
    """
        .formatted(
            Html.text(title(inputs)),
            resource("page.css"),
            header(inputs) + contents(shown.keySet()),
            String.join("", shown.values()),
            resource("page.js"));
  }

  private static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String title(ReportInputs inputs) {
    return Html.format(
        "%s, scored with %s",
        Html.counted(inputs.metrics().inputs(), "image"),
        inputs.metrics().models().stream()
            .map(ModelMetrics::name)
            .collect(Collectors.joining(" and ")));
  }

  /** The images that were scored, as a heading. */
  static String source(InputSource source) {
    if (source instanceof Split split) {
      return "Split %s of %s".formatted(split.split(), split.dataset());
    }
    if (source instanceof PathList list) {
      return "Files listed in %s".formatted(list.list());
    }
    if (source instanceof InputSource.Table table) {
      return "Table %s".formatted(table.table());
    }
    return "Folder %s".formatted(((Folder) source).directory());
  }

  private static String header(ReportInputs inputs) {
    return "<header>\n<h1>%s</h1>\n<p class=\"lead\">%s<br/>Octavo %s, %s</p>\n</header>\n"
        .formatted(
            Html.text(title(inputs)),
            Html.text(source(inputs.run().settings().source())),
            Html.text(inputs.manifest().platform().octavo()),
            Html.text(inputs.manifest().createdAt()));
  }

  private static String contents(Iterable<Section> sections) {
    StringBuilder html = new StringBuilder("<nav aria-label=\"Sections\"><ul>\n");
    for (Section section : sections) {
      html.append(
          "<li><a href=\"#%s\">%s</a></li>\n"
              .formatted(Html.slug(section.title()), Html.text(section.title())));
    }
    return html.append("</ul></nav>\n").toString();
  }
}
