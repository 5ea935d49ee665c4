package dev.octavo.report;

import dev.octavo.metrics.ClassOrder;
import dev.octavo.metrics.ConfusionMatrix;
import dev.octavo.metrics.ConfusionMatrix.Cell;
import dev.octavo.metrics.Ratio;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A confusion matrix as an SVG figure: a row per true class, a column per class named, neighbours
 * as similar as can be.
 *
 * @param model whose it is
 * @param classes their names
 * @param matrix the counts
 */
record Matrix(String model, List<String> classes, ConfusionMatrix matrix) {
  /** More would be too small to read. */
  private static final int MOST_CLASSES = 120;

  /** Errors are drawn for at most this number of pairs of classes, so that a page stays small. */
  static final int MOST_PAIRS = 2_000;

  private static final int CELL = 13;
  private static final int MARGIN = 148;
  private static final int LONGEST_NAME = 22;

  /** The figure, its reading line, and all cells to save. */
  String html() {
    List<Integer> order = shown();
    Map<Integer, Integer> places = new HashMap<>();
    order.forEach(c -> places.put(c, places.size()));
    int side = MARGIN + CELL * order.size() + 4;
    String title = "Confusion matrix of " + model;
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg class=\"matrix\" viewBox=\"0 0 %d %d\" style=\"min-width:%dpx;max-width:%dpx\" tabindex=\"0\" role=\"img\" aria-label=\"%s\" data-model=\"%s\">\n"
            .formatted(
                side,
                side,
                Math.min(side, 960),
                side,
                Html.text(title + ". " + summary()),
                Html.slug(model)));
    for (int i = 0; i < order.size(); i++) {
      int middle = MARGIN + CELL * i + CELL - 4;
      String name = Html.text(shortened(classes.get(order.get(i))));
      svg.append(
          "<text class=\"end\" x=\"%d\" y=\"%d\">%s</text><text transform=\"translate(%d %d) rotate(-90)\">%s</text>\n"
              .formatted(MARGIN - 5, middle, name, middle, MARGIN - 5, name));
    }
    svg.append(
        "<rect class=\"frame\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n"
            .formatted(MARGIN, MARGIN, CELL * order.size(), CELL * order.size()));
    List<Cell> cells =
        matrix.cells().stream()
            .filter(c -> places.containsKey(c.truth()) && places.containsKey(c.predicted()))
            .toList();
    Set<Cell> drawn = drawn(cells);
    for (Cell cell : cells) {
      if (drawn.contains(cell)) {
        svg.append(cell(cell, places.get(cell.truth()), places.get(cell.predicted())));
      }
    }
    String reading =
        "<p class=\"reading\" aria-live=\"polite\">Rows are true classes, columns what was named; classes that are confused stand together.%s%s</p>\n"
            .formatted(
                order.size() < classes.size()
                    ? Html.format(
                        " The %d of %,d classes with the most errors.",
                        order.size(), classes.size())
                    : "",
                drawn.size() < cells.size()
                    ? Html.format(
                        " Errors of the %,d pairs of classes that are confused most; the CSV has"
                            + " all.",
                        MOST_PAIRS)
                    : "");
    return Html.figure(
        "wide",
        title,
        reading + Html.scroll("scroll", title, svg.append("</svg>\n").toString()),
        csv());
  }

  /** The cells that are drawn: the diagonal, and the errors that happen most. */
  private static Set<Cell> drawn(List<Cell> cells) {
    Set<Cell> drawn =
        cells.stream()
            .filter(cell -> cell.truth() != cell.predicted())
            .sorted(Comparator.comparingLong(Cell::count).reversed())
            .limit(MOST_PAIRS)
            .collect(Collectors.toCollection(HashSet::new));
    cells.stream().filter(cell -> cell.truth() == cell.predicted()).forEach(drawn::add);
    return drawn;
  }

  /** The classes shown, in order: all, or those with the most errors. */
  private List<Integer> shown() {
    List<Integer> order = ClassOrder.bySimilarity(matrix);
    if (order.size() <= MOST_CLASSES) {
      return order;
    }
    Set<Integer> worst =
        new HashSet<>(
            order.stream()
                .sorted(Comparator.comparingLong(c -> -errors(c)))
                .limit(MOST_CLASSES)
                .toList());
    return order.stream().filter(worst::contains).toList();
  }

  private long errors(int index) {
    Ratio recall = matrix.recall(index);
    Ratio precision = matrix.precision(index);
    return recall.total() - recall.hits() + precision.total() - precision.hits();
  }

  private String cell(Cell cell, int row, int column) {
    long all = matrix.recall(cell.truth()).total();
    boolean right = cell.truth() == cell.predicted();
    return Html.format(
        "<rect class=\"cell s%d\" data-r=\"%d\" data-c=\"%d\"%s x=\"%d\" y=\"%d\" width=\"%d\""
            + " height=\"%d\" opacity=\"%.2f\"><title>%s</title></rect>\n",
        right ? 0 : 1,
        row,
        column,
        right
            ? ""
            : " data-t=\"%s\" data-p=\"%s\""
                .formatted(
                    Html.text(classes.get(cell.truth())), Html.text(classes.get(cell.predicted()))),
        MARGIN + CELL * column,
        MARGIN + CELL * row,
        CELL - 1,
        CELL - 1,
        // Seen even where it is one image of many.
        0.35 + 0.65 * cell.count() / all,
        Html.text(
            right
                ? Html.format(
                    "%s: %,d of %,d recognised", classes.get(cell.truth()), cell.count(), all)
                : Html.format(
                    "%s taken for %s: %,d of %,d",
                    classes.get(cell.truth()), classes.get(cell.predicted()), cell.count(), all)));
  }

  private String summary() {
    List<Cell> worst = matrix.mostConfused(3);
    if (worst.isEmpty()) {
      return "Every labelled image was recognised.";
    }
    StringBuilder text = new StringBuilder("Confused most:");
    for (Cell cell : worst) {
      text.append(
          Html.format(
              " %s taken for %s, %s;",
              classes.get(cell.truth()),
              classes.get(cell.predicted()),
              Html.counted(cell.count(), "time")));
    }
    return text.substring(0, text.length() - 1) + ".";
  }

  private static String shortened(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 1) + "…";
  }

  private List<List<String>> csv() {
    List<List<String>> csv = new ArrayList<>();
    csv.add(List.of("true class", "named", "images"));
    for (Cell cell : matrix.cells()) {
      csv.add(
          List.of(
              classes.get(cell.truth()),
              classes.get(cell.predicted()),
              String.valueOf(cell.count())));
    }
    return csv;
  }
}
