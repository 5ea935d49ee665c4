package dev.octavo.report;

import dev.octavo.report.EmbeddingDistances.Far;
import dev.octavo.report.PairAnswers.Differing;
import dev.octavo.report.RepeatedImages.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Images with what the models said of them. */
final class Gallery {
  private static final int MOST_DIFFERING = 150;
  private static final int MOST_SHOWN = 24;

  private Gallery() {}

  /** The images that galleries show, in the order in which they matter. */
  static List<String> paths(
      Predictions predictions, RepeatedImages repeated, Optional<Drift> drift) {
    List<String> paths = new ArrayList<>();
    for (PairAnswers pair : predictions.pairs()) {
      pair.differing().stream()
          .limit(MOST_DIFFERING)
          .forEach(differing -> paths.add(differing.first().path()));
    }
    for (ModelAnswers model : predictions.models().values()) {
      model.mistakes().stream().limit(MOST_SHOWN).forEach(answer -> paths.add(answer.path()));
      model.suspects().stream().limit(MOST_SHOWN).forEach(answer -> paths.add(answer.path()));
    }
    for (Pair pair : repeated.pairs().stream().limit(MOST_SHOWN).toList()) {
      paths.add(pair.scored().path());
      paths.add(pair.other().path());
    }
    drift
        .flatMap(Drift::embeddings)
        .ifPresent(
            seen ->
                seen.farthest().stream()
                    .limit(MOST_SHOWN)
                    .forEach(far -> paths.add(far.answer().path())));
    return paths;
  }

  /** The mistakes that a model is most sure of; empty without an image. */
  static String mistakes(ModelAnswers answers, Thumbnails thumbnails) {
    return answers("Most confident mistakes", answers.mistakes(), thumbnails);
  }

  /** The images whose labels are likeliest wrong; empty without an image. */
  static String suspects(ModelAnswers answers, Thumbnails thumbnails) {
    return answers("Labels that may be wrong", answers.suspects(), thumbnails);
  }

  private static String answers(String name, List<Answer> answers, Thumbnails thumbnails) {
    StringBuilder items = new StringBuilder();
    answers.stream()
        .limit(MOST_SHOWN)
        .forEach(
            answer ->
                items.append(
                    item(
                        List.of(answer.path()),
                        thumbnails,
                        List.of("true: " + answer.truth(), "named: " + said(answer)))));
    return gallery(name, items, thumbnails);
  }

  /** The images on which two models differ; empty without an image. */
  static String differing(PairAnswers pair, Thumbnails thumbnails) {
    StringBuilder items = new StringBuilder();
    for (Differing differing : pair.differing().stream().limit(MOST_DIFFERING).toList()) {
      List<String> lines = new ArrayList<>();
      if (differing.first().isLabelled()) {
        lines.add(differing.kind() + "; true: " + differing.first().truth());
      }
      lines.add(pair.first() + ": " + said(differing.first()));
      lines.add(pair.other() + ": " + said(differing.other()));
      items.append(item(List.of(differing.first().path()), thumbnails, lines));
    }
    return gallery("Images on which the models differ", items, thumbnails);
  }

  /** Images in two splits, side by side; empty without an image. */
  static String repeated(RepeatedImages repeated, Thumbnails thumbnails) {
    StringBuilder items = new StringBuilder();
    for (Pair pair : repeated.pairs().stream().limit(MOST_SHOWN).toList()) {
      items.append(
          item(
              List.of(pair.scored().path(), pair.other().path()),
              thumbnails,
              List.of(
                  "%s: %s".formatted(pair.other().split(), shortened(pair.other().path())),
                  DoubtfulData.likeness(pair))));
    }
    return gallery("Images in more than one split", items, thumbnails);
  }

  /** The images farthest from the reference; empty without an image. */
  static String farthest(EmbeddingDistances.Summary seen, Thumbnails thumbnails) {
    StringBuilder items = new StringBuilder();
    for (Far far : seen.farthest().stream().limit(MOST_SHOWN).toList()) {
      items.append(
          item(
              List.of(far.answer().path()),
              thumbnails,
              List.of(
                  Html.format("distance %.3f", far.distance()), "named: " + said(far.answer()))));
    }
    return gallery("Images farthest from the reference", items, thumbnails);
  }

  private static String said(Answer answer) {
    return Html.format("%s %.1f %%", answer.label(), 100 * answer.probability());
  }

  private static String gallery(String name, StringBuilder items, Thumbnails thumbnails) {
    return items.isEmpty() || thumbnails.isEmpty()
        ? ""
        : "<ul class=\"gallery\" aria-label=\"%s\">\n%s</ul>\n".formatted(Html.text(name), items);
  }

  /** A file with the directory that it lies in. */
  private static String shortened(String path) {
    return path.substring(path.lastIndexOf('/', path.lastIndexOf('/') - 1) + 1);
  }

  private static String item(List<String> paths, Thumbnails thumbnails, List<String> lines) {
    StringBuilder html = new StringBuilder("<li>");
    for (String path : paths) {
      thumbnails
          .image(path)
          .ifPresentOrElse(
              image ->
                  html.append(
                      "<img src=\"%s\" width=\"%d\" height=\"%d\" alt=\"%s\"/>"
                          .formatted(
                              image,
                              Thumbnails.SIDE,
                              Thumbnails.SIDE,
                              Html.text("image " + shortened(path)))),
              () -> html.append("<span class=\"missing\">not shown</span>"));
    }
    html.append(
        "<p><span class=\"path\" title=\"%s\">%s</span>"
            .formatted(Html.text(paths.get(0)), Html.text(shortened(paths.get(0)))));
    lines.forEach(line -> html.append("<br/>").append(Html.text(line)));
    return html.append("</p></li>\n").toString();
  }
}
