package dev.octavo.results;

import dev.octavo.OctavoException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Comma-separated values as RFC 4180 has them, with a line feed at the end of each line. */
public final class Csv {
  private Csv() {}

  /**
   * A line by the names of its columns.
   *
   * @param cells column to value
   * @param source names the file and the line in errors
   */
  public record Row(Map<String, String> cells, String source) {
    /**
     * The text in a column.
     *
     * @throws OctavoException if there is no such column
     */
    public String text(String column) {
      String value = cells.get(column);
      if (value == null) {
        throw new OctavoException("%s has no column '%s'".formatted(source, column));
      }
      return value;
    }

    /**
     * The number in a column.
     *
     * @throws OctavoException if there is no such column or no number in it
     */
    public double number(String column) {
      try {
        return Double.parseDouble(text(column));
      } catch (NumberFormatException e) {
        throw new OctavoException(
            "%s has '%s' in column '%s', where a number belongs"
                .formatted(source, text(column), column),
            e);
      }
    }

    /** The whole number in a column; as {@link #number}. */
    public int integer(String column) {
      return (int) number(column);
    }
  }

  /** The lines, the first of them the header. */
  public static String write(List<List<String>> lines) {
    return lines.stream()
        .map(l -> l.stream().map(Csv::quote).collect(Collectors.joining(",")))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String quote(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }

  /**
   * The lines below the header.
   *
   * @throws OctavoException if a line has another number of cells than the header
   */
  public static List<Row> table(String csv, String source) {
    List<List<String>> lines = parse(csv);
    List<Row> rows = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      List<String> header = lines.get(0);
      String place = "%s, record %d".formatted(source, i);
      if (lines.get(i).size() != header.size()) {
        throw new OctavoException(
            "%s: %d cells under %d columns".formatted(place, lines.get(i).size(), header.size()));
      }
      Map<String, String> cells = new LinkedHashMap<>();
      for (int c = 0; c < header.size(); c++) {
        cells.put(header.get(c), lines.get(i).get(c));
      }
      rows.add(new Row(cells, place));
    }
    return rows;
  }

  private static List<List<String>> parse(String csv) {
    List<List<String>> lines = new ArrayList<>();
    List<String> line = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < csv.length(); i++) {
      char c = csv.charAt(i);
      if (quoted && c == '"' && i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
        cell.append('"');
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && c == ',') {
        line.add(cell.toString());
        cell.setLength(0);
      } else if (!quoted && c == '\n') {
        line.add(cell.toString());
        cell.setLength(0);
        lines.add(line);
        line = new ArrayList<>();
      } else if (quoted || c != '\r') {
        cell.append(c);
      }
    }
    if (!cell.isEmpty() || !line.isEmpty()) {
      line.add(cell.toString());
      lines.add(line);
    }
    return lines;
  }
}
