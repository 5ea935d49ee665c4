package dev.octavo.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Artifacts and what each was made from, as an SVG figure: from left to right, each to the right of
 * all that it was made from.
 */
final class ArtifactGraph {
  private static final int BOX = 196;
  private static final int LINE = 16;
  private static final int GAP_X = 44;
  private static final int GAP_Y = 18;
  private static final int LONGEST = 27;

  private final Map<String, Node> nodes = new LinkedHashMap<>();

  /**
   * One artifact.
   *
   * @param lines its name and what there is to say of it
   * @param parents ids of what it was made from
   */
  private record Node(List<String> lines, Set<String> parents) {
    int height() {
      return LINE * lines.size() + 14;
    }
  }

  private record Place(int x, int y) {}

  /** Adds an artifact, after those that it was made from. */
  ArtifactGraph add(String id, Set<String> parents, String... lines) {
    nodes.putIfAbsent(id, new Node(List.of(lines), parents));
    return this;
  }

  /** The figure; the list of artifacts beside it says the same in words. */
  String html(String title) {
    Map<String, Integer> columns = new LinkedHashMap<>();
    List<List<String>> csv = new ArrayList<>();
    csv.add(List.of("artifact", "id", "made from"));
    nodes.forEach(
        (id, node) -> {
          columns.put(
              id,
              1
                  + node.parents().stream()
                      .mapToInt(p -> columns.getOrDefault(p, -1))
                      .max()
                      .orElse(-1));
          csv.add(List.of(node.lines().get(0), id, String.join(" ", node.parents())));
        });
    Map<String, Place> places = new LinkedHashMap<>();
    Map<Integer, Integer> filled = new LinkedHashMap<>();
    columns.forEach(
        (id, column) -> {
          int y = filled.getOrDefault(column, 2);
          places.put(id, new Place(2 + column * (BOX + GAP_X), y));
          filled.put(column, y + nodes.get(id).height() + GAP_Y);
        });
    int width = 4 + filled.keySet().stream().mapToInt(c -> c).max().orElse(0) * (BOX + GAP_X) + BOX;
    int height = filled.values().stream().mapToInt(y -> y).max().orElse(0);
    StringBuilder svg =
        new StringBuilder(
            "<svg class=\"graph\" viewBox=\"0 0 %d %d\" style=\"width:%dpx\" role=\"img\" aria-label=\"%s; the list below says the same\">\n"
                .formatted(width, height, width, Html.text(title)));
    nodes.forEach(
        (id, node) ->
            node.parents().stream()
                .filter(places::containsKey)
                .forEach(parent -> svg.append(arrow(parent, id, places))));
    nodes.forEach((id, node) -> svg.append(box(node, places.get(id))));
    return Html.figure(
        "graph", title, Html.scroll("scroll", title, svg.append("</svg>\n").toString()), csv);
  }

  private String arrow(String from, String to, Map<String, Place> places) {
    int x = places.get(from).x() + BOX;
    int y = places.get(from).y() + nodes.get(from).height() / 2;
    int endX = places.get(to).x();
    int endY = places.get(to).y() + nodes.get(to).height() / 2;
    int middle = endX - GAP_X / 2;
    return "<path class=\"arrow\" d=\"M%d,%d C%d,%d %d,%d %d,%d\"/><path class=\"head\" d=\"M%d,%d l-8,-4 v8 z\"/>\n"
        .formatted(x, y, x + GAP_X / 2, y, middle, endY, endX - 7, endY, endX, endY);
  }

  private static String box(Node node, Place place) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<rect class=\"box\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>\n"
            .formatted(place.x(), place.y(), BOX, node.height()));
    for (int i = 0; i < node.lines().size(); i++) {
      svg.append(
          "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n"
              .formatted(
                  i == 0 ? "name" : "fact",
                  place.x() + 8,
                  place.y() + LINE * (i + 1) + 2,
                  Html.text(shortened(node.lines().get(i)))));
    }
    return svg.toString();
  }

  private static String shortened(String line) {
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST - 1) + "…";
  }
}
