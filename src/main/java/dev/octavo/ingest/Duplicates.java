package dev.octavo.ingest;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.groupingBy;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.struct;

import dev.octavo.dataset.DatasetSchema;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Images that occur more than once among train, val and test. One that is in train and in test
 * makes the test score too good.
 *
 * @param copies rows whose bytes an earlier row has
 * @param acrossSplits images whose very bytes are in more than one split
 * @param similarAcrossSplits perceptual hashes that different files in more than one split have in
 *     common: the same image in another size, or two that look alike
 * @param examples of {@code acrossSplits}, as {@code split/path = split/path}
 */
public record Duplicates(
    long copies, long acrossSplits, long similarAcrossSplits, List<String> examples) {
  private static final int EXAMPLES = 10;

  /** Counts in a dataset's rows; reads no image. */
  static Duplicates in(Dataset<Row> rows) {
    Dataset<Row> used =
        rows.where(col(DatasetSchema.SPLIT).notEqual(DatasetSchema.EXTRA))
            .select(
                DatasetSchema.SHA256, DatasetSchema.PHASH, DatasetSchema.SPLIT, DatasetSchema.PATH);
    // The first and the last by split: two examples, however many copies there are.
    Dataset<Row> repeated =
        used.groupBy(DatasetSchema.SHA256)
            .agg(
                count(lit(1)).as("rows"),
                min(struct(DatasetSchema.SPLIT, DatasetSchema.PATH)).as("a"),
                max(struct(DatasetSchema.SPLIT, DatasetSchema.PATH)).as("b"))
            .where("rows > 1");
    Dataset<Row> across = repeated.where("a.split <> b.split");
    Row sums = repeated.selectExpr("sum(rows - 1)").first();
    List<String> examples =
        across.orderBy("a.path").limit(EXAMPLES).collectAsList().stream()
            .map(row -> example(row.getStruct(2)) + " = " + example(row.getStruct(3)))
            .toList();
    long similar =
        used.groupBy(DatasetSchema.PHASH)
            .agg(
                countDistinct(DatasetSchema.SPLIT).as("splits"),
                countDistinct(DatasetSchema.SHA256).as("files"))
            .where("splits > 1 and files > 1")
            .count();
    return new Duplicates(
        sums.isNullAt(0) ? 0 : sums.getLong(0), across.count(), similar, examples);
  }

  /** Counts in the same columns of rows that were collected. */
  static Duplicates in(List<Described> rows) {
    List<Described> used =
        rows.stream().filter(row -> !row.split().equals(DatasetSchema.EXTRA)).toList();
    List<List<Described>> repeated =
        used.stream().collect(groupingBy(Described::sha256)).values().stream()
            .filter(same -> same.size() > 1)
            .map(same -> same.stream().sorted(Described.ORDER).toList())
            .toList();
    List<List<Described>> across =
        repeated.stream().filter(same -> distinct(same, Described::split) > 1).toList();
    List<String> examples =
        across.stream()
            .sorted(comparing(same -> same.get(0).path()))
            .limit(EXAMPLES)
            .map(same -> same.get(0).name() + " = " + same.get(same.size() - 1).name())
            .toList();
    long similar =
        used.stream().collect(groupingBy(Described::phash)).values().stream()
            .filter(same -> distinct(same, Described::split) > 1)
            .filter(same -> distinct(same, Described::sha256) > 1)
            .count();
    return new Duplicates(
        repeated.stream().mapToLong(same -> same.size() - 1L).sum(),
        across.size(),
        similar,
        examples);
  }

  private static long distinct(List<Described> rows, Function<Described, String> value) {
    return rows.stream().map(value).distinct().count();
  }

  private static String example(Row splitAndPath) {
    return splitAndPath.getString(0) + "/" + splitAndPath.getString(1);
  }
}
