package dev.octavo.score;

import dev.octavo.OctavoException;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.inference.Example;
import dev.octavo.inference.ImageItem;
import dev.octavo.score.InputListing.FileEntry;
import dev.octavo.score.InputListing.TableSlice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/** Cuts what has no predictions yet into rounds, and rounds into partitions of about equal work. */
final class Rounds {
  private final SparkSession spark;
  private final int filesPerRound;

  /**
   * For a session.
   *
   * @param filesPerRound how many files are committed together
   */
  Rounds(SparkSession spark, int filesPerRound) {
    this.spark = spark;
    this.filesPerRound = filesPerRound;
  }

  /**
   * Inputs that are scored and committed together.
   *
   * @param inputs in partitions
   * @param count how many
   */
  record Round(JavaRDD<Example<String>> inputs, long count) {}

  /**
   * The rounds, each made when its turn comes; those without inputs are left out by the caller.
   *
   * @param done a column of the paths that have predictions
   */
  List<Supplier<Round>> of(InputListing listed, Dataset<Row> done) {
    return listed instanceof InputListing.Files files
        ? ofFiles(files, done)
        : ((InputListing.Rows) listed)
            .pieces().stream().<Supplier<Round>>map(piece -> () -> ofRows(piece, done)).toList();
  }

  private List<Supplier<Round>> ofFiles(InputListing.Files listed, Dataset<Row> done) {
    List<FileEntry> missing = listed.files();
    Set<String> scored = new HashSet<>();
    // One partition at a time on the driver, which holds the listing as well.
    Iterator<String> paths = done.as(Encoders.STRING()).toLocalIterator();
    paths.forEachRemaining(scored::add);
    if (!scored.isEmpty()) {
      missing = missing.stream().filter(file -> !scored.contains(file.path())).toList();
    }
    List<Supplier<Round>> rounds = new ArrayList<>();
    for (int from = 0; from < missing.size(); from += filesPerRound) {
      List<FileEntry> files = missing.subList(from, Math.min(missing.size(), from + filesPerRound));
      rounds.add(() -> ofFiles(files, listed));
    }
    return rounds;
  }

  private Round ofFiles(List<FileEntry> files, InputListing.Files listed) {
    List<Example<String>> inputs = files.stream().map(listed.input()).toList();
    List<List<Example<String>>> packs = FilePacker.pack(inputs, slots());
    return new Round(
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(packs, packs.size())
            .flatMap(List::iterator),
        files.size());
  }

  private Round ofRows(TableSlice piece, Dataset<Row> done) {
    Dataset<Row> rows = piece.rows();
    if (!done.isEmpty()) {
      Dataset<Row> scored = done.toDF(DatasetSchema.PATH);
      rows =
          rows.join(
              scored,
              rows.col(DatasetSchema.PATH).equalTo(scored.col(DatasetSchema.PATH)),
              "left_anti");
    }
    Row counts =
        rows.agg(
                functions.count(functions.lit(1)),
                functions.count(functions.col(DatasetSchema.PATH)),
                functions.countDistinct(DatasetSchema.PATH))
            .first();
    if (counts.getLong(1) < counts.getLong(0) || counts.getLong(2) < counts.getLong(1)) {
      throw new OctavoException(
          "of %,d rows, %,d have no path and %,d one that another row has; paths name the predictions:"
                  .formatted(
                      counts.getLong(0),
                      counts.getLong(0) - counts.getLong(1),
                      counts.getLong(1) - counts.getLong(2))
              + " choose a column of unique ones with --path-column");
    }
    long weight = piece.bytes() + counts.getLong(0) * FilePacker.BYTES_PER_FILE;
    int partitions = (int) Math.max(1, weight / FilePacker.target(weight, slots()));
    // Parquet is cut at row groups, of which a small table has one: spread its rows by name. A
    // large one has enough of them and is not shuffled.
    Dataset<Row> spread =
        partitions <= slots() * FilePacker.PARTITIONS_PER_SLOT
            ? rows.repartition(partitions, functions.col(DatasetSchema.PATH))
            : rows;
    return new Round(spread.toJavaRDD().map(Rounds::input), counts.getLong(0));
  }

  private static Example<String> input(Row row) {
    byte[] file = row.getAs(2);
    ImageItem image =
        file == null
            ? new ImageItem.Failed("unreadable: the image is NULL")
            : new ImageItem.Bytes(file);
    return new Example<>(row.getString(0), row.getString(1), image);
  }

  /** Tasks that run at the same time. */
  private int slots() {
    int cpus = spark.sparkContext().conf().getInt("spark.task.cpus", 1);
    return Math.max(1, spark.sparkContext().defaultParallelism() / cpus);
  }
}
