package dev.octavo.report;

import dev.octavo.metrics.Interval;
import dev.octavo.metrics.PairedAccuracy;
import dev.octavo.metrics.Quantiles;
import dev.octavo.metrics.TwoSamples;
import dev.octavo.report.EmbeddingDistances.Far;
import dev.octavo.report.LineChart.Point;
import dev.octavo.report.LineChart.Series;
import dev.octavo.report.LineChart.Start;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The difference between the images that were scored and those the model was made for. */
record DriftSection(Optional<Drift> drift, Thumbnails thumbnails) implements Section {
  private static final int STEPS = 50;
  private static final List<Double> QUANTILES = List.of(0.05, 0.25, 0.5, 0.75, 0.95, 1.0);

  @Override
  public String title() {
    return "Data drift";
  }

  @Override
  public String body() {
    return drift.map(this::body).orElse("");
  }

  private String body(Drift measured) {
    return "<p class=\"verdict\">%s</p>\n".formatted(Html.text(sentence(measured)))
        + Html.note(
            "Compared with %s (%s), both as %s sees them."
                .formatted(
                    measured.reference().scores(),
                    Page.source(measured.reference().settings().source()),
                    measured.model()))
        + differences(measured)
        + classes(measured)
        + confidence(measured)
        + measured
            .embeddings()
            .map(this::embeddings)
            .orElseGet(
                () ->
                    Html.note(
                        "What the network sees can't be compared: that takes scores of both with"
                            + " --embeddings."));
  }

  private static String sentence(Drift measured) {
    if (measured.embeddings().isEmpty()) {
      return Html.format(
          "%.1f %% of the images would have to get another class for the classes to be as frequent"
              + " as in the reference; the median probability is %.2f in place of %.2f.",
          100 * measured.classes().statistic(),
          Quantiles.of(measured.now().confidences()).median(),
          Quantiles.of(measured.then().confidences()).median());
    }
    EmbeddingDistances.Summary seen = measured.embeddings().get();
    Interval interval = Interval.wilson(seen.beyond(), PairedAccuracy.LEVEL);
    return Html.format(
        "%.1f %% of %s are unlike anything in the reference (%.1f to %.1f %% of such images, with"
            + " 95 %% confidence), where %.0f %% would be if nothing had changed.",
        100 * seen.beyond().value(),
        Html.counted(seen.beyond().total(), "image"),
        100 * interval.low(),
        100 * interval.high(),
        100 * EmbeddingDistances.FAR);
  }

  private static String differences(Drift measured) {
    TwoSamples.Difference classes = measured.classes();
    TwoSamples.Difference confidence = measured.confidence();
    return Table.figures(
                "Distances between the answers",
                List.of("of", "distance", "p", "images", "of the reference"),
                List.of(
                    line("the classes named (total variation, chi-squared)", classes, measured),
                    line("their probabilities (Kolmogorov–Smirnov)", confidence, measured)))
            .html()
        + Html.note(
            "Both distances go from 0 (alike) to 1 (nothing in common). p is the probability of"
                + " such a distance by chance; of many images it is small for differences that"
                + " don’t matter, too.");
  }

  private static List<String> line(String name, TwoSamples.Difference difference, Drift measured) {
    return List.of(
        name,
        Html.format("%.3f", difference.statistic()),
        Html.pValue(difference.p()),
        Html.format("%,d", measured.now().images()),
        Html.format("%,d", measured.then().images()));
  }

  private static String classes(Drift measured) {
    List<List<String>> lines =
        measured.names().stream()
            .sorted(
                Comparator.comparingDouble((String name) -> -Math.abs(change(measured, name)))
                    .thenComparing(Comparator.naturalOrder()))
            .map(
                name ->
                    List.of(
                        name,
                        Html.format("%.2f", 100 * share(measured.then(), name)),
                        Html.format("%.2f", 100 * share(measured.now(), name)),
                        Html.format("%+.2f", 100 * change(measured, name)).replace('-', '−')))
            .toList();
    return Table.sortable(
            "Classes named, in percent of the images",
            List.of("class", "in the reference", "here", "difference in points"),
            lines)
        .tall()
        .html();
  }

  private static double change(Drift measured, String name) {
    return share(measured.now(), name) - share(measured.then(), name);
  }

  private static double share(Drift.Answers answers, String name) {
    return (double) answers.labels().getOrDefault(name, 0L) / answers.images();
  }

  private static String confidence(Drift measured) {
    return new LineChart(
            "Probability of the class named",
            "percent of the images",
            "probability at most",
            List.of(curve("reference", measured.then()), curve("here", measured.now())),
            Start.ZERO)
        .html();
  }

  private static Series curve(String name, Drift.Answers answers) {
    Quantiles quantiles = Quantiles.of(answers.confidences());
    return new Series(
        name,
        IntStream.rangeClosed(0, STEPS)
            .mapToObj(i -> (double) i / STEPS)
            .map(share -> new Point(100 * share, quantiles.at(share)))
            .toList());
  }

  private String embeddings(EmbeddingDistances.Summary seen) {
    List<List<String>> lines =
        QUANTILES.stream()
            .map(
                q ->
                    List.of(
                        q == 1 ? "the farthest" : Html.format("%.0f %% are within", 100 * q),
                        Html.format("%.3f", seen.among().at(q)),
                        Html.format("%.3f", seen.to().at(q))))
            .toList();
    return Html.heading("What the network sees")
        + Table.figures(
                "Distance to the nearest image of the reference",
                List.of("", "from another of the reference", "from here"),
                lines)
            .html()
        + Html.note(
            "Between embeddings scaled to length 1: 0 is the same direction. “Unlike” is farther"
                + " than 95 % of the reference’s images are from each other. Of more than 10,000"
                + " images, and 2,000 of the reference, a sample is compared.")
        + Html.heading("Farthest from the reference")
        + Gallery.farthest(seen, thumbnails)
        + Html.details(
            "The %d farthest images".formatted(seen.farthest().size()),
            Table.sortable(
                    "Images farthest from the reference",
                    List.of(
                        "image", "distance", "named", "probability", "nearest of the reference"),
                    seen.farthest().stream().map(DriftSection::line).toList())
                .html());
  }

  private static List<String> line(Far far) {
    return List.of(
        far.answer().path(),
        Html.format("%.3f", far.distance()),
        far.answer().label(),
        Html.format("%.1f %%", 100 * far.answer().probability()),
        far.nearest());
  }
}
