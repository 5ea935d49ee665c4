package dev.octavo.report;

import dev.octavo.report.PairAnswers.Differing;
import java.util.ArrayList;
import java.util.List;

/** Images with what the models said of them. */
final class Gallery {
  private static final int MOST_DIFFERING = 150;
  private static final int MOST_MISTAKES = 24;

  private Gallery() {}

  /** The images that galleries show, in the order in which they matter. */
  static List<String> paths(Predictions predictions) {
    List<String> paths = new ArrayList<>();
    for (PairAnswers pair : predictions.pairs()) {
      pair.differing().stream()
          .limit(MOST_DIFFERING)
          .forEach(differing -> paths.add(differing.first().path()));
    }
    for (ModelAnswers model : predictions.models().values()) {
      model.mistakes().stream().limit(MOST_MISTAKES).forEach(answer -> paths.add(answer.path()));
    }
    return paths;
  }

  /** The mistakes that a model is most sure of; empty without an image. */
  static String mistakes(ModelAnswers answers, Thumbnails thumbnails) {
    StringBuilder items = new StringBuilder();
    answers.mistakes().stream()
        .limit(MOST_MISTAKES)
        .forEach(
            answer ->
                items.append(
                    item(
                        answer.path(),
                        thumbnails,
                        List.of("true: " + answer.truth(), "named: " + said(answer)))));
    return gallery("Most confident mistakes", items, thumbnails);
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
      items.append(item(differing.first().path(), thumbnails, lines));
    }
    return gallery("Images on which the models differ", items, thumbnails);
  }

  private static String said(Answer answer) {
    return Html.format("%s %.1f %%", answer.label(), 100 * answer.probability());
  }

  private static String gallery(String name, StringBuilder items, Thumbnails thumbnails) {
    return items.isEmpty() || thumbnails.isEmpty()
        ? ""
        : "<ul class=\"gallery\" aria-label=\"%s\">\n%s</ul>\n".formatted(Html.text(name), items);
  }

  private static String item(String path, Thumbnails thumbnails, List<String> lines) {
    StringBuilder html = new StringBuilder("<li>");
    String name = path.substring(path.lastIndexOf('/', path.lastIndexOf('/') - 1) + 1);
    thumbnails
        .image(path)
        .ifPresentOrElse(
            image ->
                html.append(
                    "<img src=\"%s\" width=\"%d\" height=\"%d\" alt=\"%s\"/>"
                        .formatted(
                            image, Thumbnails.SIDE, Thumbnails.SIDE, Html.text("image " + name))),
            () -> html.append("<span class=\"missing\">not shown</span>"));
    html.append(
        "<p><span class=\"path\" title=\"%s\">%s</span>"
            .formatted(Html.text(path), Html.text(name)));
    lines.forEach(line -> html.append("<br/>").append(Html.text(line)));
    return html.append("</p></li>\n").toString();
  }
}
