package dev.octavo.report;

import dev.octavo.metrics.ConfusionMatrix;
import dev.octavo.metrics.Ratio;
import dev.octavo.report.PairAnswers.Differing;
import dev.octavo.results.ScoreMetrics;
import dev.octavo.results.ScoreMetrics.Accuracy;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The models' errors: by class, in pairs of classes, and image by image. */
record ErrorsSection(
    ScoreMetrics metrics,
    Predictions predictions,
    RepeatedImages repeated,
    CheckedData checked,
    Thumbnails thumbnails)
    implements Section {
  private static final int MOST_CONFUSED = 15;

  @Override
  public String title() {
    return "Where it errs";
  }

  @Override
  public String body() {
    StringBuilder html = new StringBuilder();
    List<ModelMetrics> labelled =
        metrics.models().stream().filter(model -> model.accuracy() != null).toList();
    if (!labelled.isEmpty()) {
      html.append(classes(labelled));
    }
    for (ModelMetrics model : labelled) {
      Accuracy accuracy = model.accuracy();
      String matrix =
          new Matrix(model.name(), accuracy.classes(), accuracy.matrix()).html()
              + mostConfused(model.name(), accuracy);
      html.append(
          model.equals(labelled.get(0))
              ? matrix
              : Html.details("Confusion matrix of " + model.name(), matrix));
    }
    predictions.pairs().forEach(pair -> html.append(differing(pair)));
    labelled.forEach(model -> html.append(mistakes(model.name())));
    html.append(new DoubtfulData(predictions.models(), repeated, thumbnails).html());
    html.append(checked.html());
    return html.toString();
  }

  /** Recall and precision of all classes, the least recognised first, models side by side. */
  private static String classes(List<ModelMetrics> models) {
    Accuracy first = models.get(0).accuracy();
    ConfusionMatrix matrix = first.matrix();
    List<String> head = new ArrayList<>(List.of("class", "images"));
    List<ModelMetrics> alike =
        models.stream().filter(m -> m.accuracy().classes().equals(first.classes())).toList();
    for (ModelMetrics model : alike) {
      head.add("recall, " + model.name());
      head.add("precision, " + model.name());
    }
    List<ConfusionMatrix> matrices = alike.stream().map(m -> m.accuracy().matrix()).toList();
    List<List<String>> lines =
        IntStream.range(0, matrix.classes())
            .boxed()
            .filter(
                c ->
                    matrices.stream()
                        .anyMatch(m -> m.recall(c).total() + m.precision(c).total() > 0))
            .sorted(
                Comparator.comparingDouble((Integer c) -> recallOrLast(matrix.recall(c)))
                    .thenComparing(first.classes()::get))
            .map(c -> line(first.classes().get(c), c, matrices))
            .toList();
    return Table.sortable("Recall and precision by class", head, lines).tall().html();
  }

  private static double recallOrLast(Ratio recall) {
    return recall.total() == 0 ? 2 : recall.value();
  }

  private static List<String> line(String name, int index, List<ConfusionMatrix> matrices) {
    List<String> cells = new ArrayList<>();
    cells.add(name);
    cells.add(Html.format("%,d", matrices.get(0).recall(index).total()));
    for (ConfusionMatrix matrix : matrices) {
      cells.add(share(matrix.recall(index)));
      cells.add(share(matrix.precision(index)));
    }
    return cells;
  }

  private static String mostConfused(String model, Accuracy accuracy) {
    ConfusionMatrix matrix = accuracy.matrix();
    List<ConfusionMatrix.Cell> cells = matrix.mostConfused(MOST_CONFUSED);
    if (cells.isEmpty()) {
      return Html.note("%s recognised every labelled image.".formatted(model));
    }
    return Table.figures(
            "Classes confused most by " + model,
            List.of("true class", "taken for", "images", "of its class"),
            cells.stream()
                .map(
                    cell ->
                        List.of(
                            accuracy.classes().get(cell.truth()),
                            accuracy.classes().get(cell.predicted()),
                            Html.format("%,d", cell.count()),
                            share(new Ratio(cell.count(), matrix.recall(cell.truth()).total()))))
                .toList())
        .html();
  }

  private String differing(PairAnswers pair) {
    if (pair.differing().isEmpty()) {
      return pair.agreement().total() == 0
          ? ""
          : Html.note(
              "%s and %s name the same class for every image."
                  .formatted(pair.first(), pair.other()));
    }
    List<List<String>> lines = pair.differing().stream().map(ErrorsSection::line).toList();
    return Html.heading("Images on which %s and %s differ".formatted(pair.first(), pair.other()))
        + (pair.accuracy().images() == 0
            ? ""
            : Html.note(
                "Lost are images that only %s recognises, gained those that only %s does."
                    .formatted(pair.first(), pair.other())))
        + Gallery.differing(pair, thumbnails)
        + Html.details(
            listed("images on which the models differ", lines.size(), pair.differingCount()),
            Table.sortable(
                    "Different answers of %s and %s".formatted(pair.first(), pair.other()),
                    List.of(
                        "image",
                        "true class",
                        "difference",
                        pair.first(),
                        "its probability",
                        pair.other(),
                        "probability of that"),
                    lines)
                .html());
  }

  private static List<String> line(Differing differing) {
    Answer first = differing.first();
    return List.of(
        first.path(),
        first.isLabelled() ? first.truth() : Html.UNKNOWN,
        differing.kind(),
        first.label(),
        probability(first),
        differing.other().label(),
        probability(differing.other()));
  }

  private String mistakes(String model) {
    ModelAnswers answers = predictions.models().get(model);
    if (answers.mistakes().isEmpty()) {
      return "";
    }
    List<List<String>> lines =
        answers.mistakes().stream()
            .map(a -> List.of(a.path(), a.truth(), a.label(), probability(a)))
            .toList();
    return Html.heading("Mistakes of " + model)
        + Html.note(
            "The most confident first: where a label is wrong, the image shows up here, too.")
        + Gallery.mistakes(answers, thumbnails)
        + "<div class=\"mistakes\" id=\"mistakes-%s\">\n%s</div>\n"
            .formatted(
                Html.slug(model),
                Html.details(
                    listed("mistakes", lines.size(), answers.mistakeCount()),
                    Table.sortable(
                            "All mistakes of " + model,
                            List.of("image", "true class", "named", "probability"),
                            lines)
                        .html()));
  }

  private static String listed(String what, int listed, long all) {
    return listed == all
        ? Html.format("All %,d %s", all, what)
        : Html.format("The first %,d of %,d %s", listed, all, what);
  }

  private static String probability(Answer answer) {
    return Html.format("%.1f %%", 100 * answer.probability());
  }

  private static String share(Ratio ratio) {
    return ratio.total() == 0 ? Html.UNKNOWN : Html.format("%.1f %%", 100 * ratio.value());
  }
}
