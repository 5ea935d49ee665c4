package dev.octavo.ingest;

import dev.octavo.OctavoException;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.dataset.SplitFractions;
import dev.octavo.dataset.StratifiedSplit;
import dev.octavo.ingest.IngestSettings.ByTable;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;

/**
 * The split of each row of a table, decided before an image is read.
 *
 * @param classes sorted, by value where all of them are numbers
 * @param splits by path
 * @param words on what decided the splits
 */
record TablePlan(List<String> classes, SortedMap<String, String> splits, String words) {
  /**
   * Decides.
   *
   * @param rows path, label or null, and what the column of splits holds
   * @throws OctavoException.Usage if a row has no path, or another's, if no row has a class, or if
   *     a class or a split is unknown
   */
  static TablePlan of(List<Row> rows, ByTable by, long seed) {
    SortedMap<String, String> labels = new TreeMap<>();
    SortedMap<String, String> splits = new TreeMap<>();
    boolean column = by.columns().split().isPresent();
    for (Row row : rows) {
      String path = row.getString(0);
      String split = row.isNullAt(1) || !column ? DatasetSchema.EXTRA : split(row.getString(2), by);
      if (path == null || splits.put(path, split) != null) {
        throw new OctavoException.Usage(
            "the column '%s' must name each row, and each by another name: %s"
                .formatted(
                    by.columns().path().orElse(""),
                    path == null ? "there is a null" : "several rows are called " + path));
      }
      if (!row.isNullAt(1)) {
        labels.put(path, row.getString(1));
      }
    }
    if (labels.isEmpty()) {
      throw new OctavoException.Usage(
          "no row has a class: the column '%s' is null or empty throughout"
              .formatted(by.columns().label()));
    }
    List<String> classes = classes(labels, by);
    String words;
    if (!column) {
      SplitFractions fractions = by.fractions().orElse(SplitFractions.DEFAULT);
      splits.putAll(StratifiedSplit.assign(labels, fractions, seed));
      words =
          "split by chance: train %s, val %s, test %s"
              .formatted(fractions.train(), fractions.val(), fractions.test());
    } else {
      words = "split by the column '%s'".formatted(by.columns().split().get());
      if (!splits.containsValue(DatasetSchema.VAL) && by.valFraction() > 0) {
        SortedMap<String, String> train = new TreeMap<>(labels);
        train.keySet().removeIf(path -> !splits.get(path).equals(DatasetSchema.TRAIN));
        splits.putAll(
            StratifiedSplit.assign(train, SplitFractions.valOnly(by.valFraction()), seed));
        words += ", with %s of each class of train as val".formatted(by.valFraction());
      }
    }
    return new TablePlan(classes, splits, words);
  }

  private static String split(String name, ByTable by) {
    if (name == null || name.equals(DatasetSchema.EXTRA)) {
      return DatasetSchema.EXTRA;
    }
    return SplitFolders.split(name)
        .orElseThrow(
            () ->
                new OctavoException.Usage(
                    "the column '%s' says '%s', but a split is train, val, test or extra"
                        .formatted(by.columns().split().orElse(""), name)));
  }

  private static List<String> classes(SortedMap<String, String> labels, ByTable by) {
    TreeSet<String> found = new TreeSet<>(labels.values());
    if (by.classes().isEmpty()) {
      boolean numbers = found.stream().allMatch(label -> label.matches("-?\\d+(\\.\\d+)?"));
      return numbers
          ? found.stream().sorted(Comparator.comparing(BigDecimal::new)).toList()
          : List.copyOf(found);
    }
    by.classes().forEach(found::remove);
    if (!found.isEmpty()) {
      throw new OctavoException.Usage(
          "the column '%s' has classes that the model doesn't know: %s"
              .formatted(by.columns().label(), String.join(", ", found)));
    }
    return by.classes();
  }

  Map<String, Long> rowsPerSplit() {
    return splits.values().stream()
        .collect(Collectors.groupingBy(split -> split, TreeMap::new, Collectors.counting()));
  }
}
