package dev.octavo.score;

import static org.apache.spark.sql.functions.col;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Paths;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.results.InputSource.Split;
import dev.octavo.results.InputSource.Table;
import dev.octavo.score.InputListing.TableSlice;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Finds the rows of a dataset's split or of a table. */
final class RowListing {
  /**
   * Files of a table that are scored and committed together. What is lost when a run is killed is
   * at most the work on one piece.
   */
  private static final long PIECE_BYTES = 4L << 30;

  private final SparkSession spark;

  RowListing(SparkSession spark) {
    this.spark = spark;
  }

  /**
   * The rows of a split.
   *
   * @throws OctavoException if there is no such dataset, or it has no such rows
   */
  InputListing.Rows list(Split source) throws IOException {
    DatasetArtifact dataset = DatasetArtifact.open(spark, source.dataset());
    Dataset<Row> rows = dataset.split(source.split());
    if (rows.isEmpty()) {
      throw new OctavoException(
          "the dataset %s has no rows in its split '%s' (options: --split train, val, test, extra)"
              .formatted(source.dataset(), source.split()));
    }
    // The plan names the files of all splits; those of one lie in its directory.
    String directory = "/%s=%s/".formatted(DatasetSchema.SPLIT, source.split());
    List<String> files =
        Arrays.stream(rows.inputFiles()).filter(file -> file.contains(directory)).toList();
    return new InputListing.Rows(
        pieces(
            rows,
            files,
            group -> spark.read().schema(DatasetSchema.ROWS).parquet(literal(group)),
            col(DatasetSchema.PATH),
            col(DatasetSchema.LABEL),
            col(DatasetSchema.IMAGE)),
        dataset.manifest().id());
  }

  /**
   * The rows of a table.
   *
   * @param models whose classes integer labels are the numbers of
   * @throws OctavoException if Spark finds no such table, or it has no such columns
   */
  InputListing.Rows list(Table source, List<ModelBundle> models) throws IOException {
    boolean named = isName(source.table()) && spark.catalog().tableExists(source.table());
    Dataset<Row> rows = named ? spark.table(source.table()) : read(source);
    TableColumns columns = new TableColumns(rows);
    Column image = columns.image(source.imageColumn());
    Column path = columns.path(source.pathColumn(), source.imageColumn());
    Column label = columns.label(source.labelColumn().orElse(null), models);
    // Which rows of a file belong to a table of the catalog is the catalog's to say.
    List<String> files = named ? List.of() : List.of(rows.inputFiles());
    return new InputListing.Rows(
        pieces(
            rows,
            files,
            group ->
                spark
                    .read()
                    .format(source.format())
                    .schema(rows.schema())
                    .option("basePath", source.table())
                    .load(literal(group)),
            path,
            label,
            image),
        null);
  }

  /** As in {@code photos} or {@code lake.db.photos}; a path has a slash. */
  private static boolean isName(String table) {
    return !table.contains("/");
  }

  private Dataset<Row> read(Table source) {
    try {
      return spark.read().format(source.format()).load(location(source.table()));
    } catch (Exception e) { // AnalysisException is checked, but Scala does not declare it
      if (e instanceof AnalysisException || e instanceof ClassNotFoundException) {
        throw new OctavoException(
            "%s is neither a table in Spark's catalog nor a path that Spark reads as %s: %s"
                .formatted(
                    source.table(), source.format(), e.getMessage().lines().findFirst().orElse("")),
            e);
      }
      throw e;
    }
  }

  /** A path that is there stands for itself; others may be patterns. */
  private String location(String table) {
    Path path = Paths.of(table);
    try {
      return path.getFileSystem(spark.sparkContext().hadoopConfiguration()).exists(path)
          ? Paths.literal(path)
          : table;
    } catch (IOException e) {
      return table;
    }
  }

  private static String[] literal(List<String> files) {
    return files.stream()
        .map(file -> Paths.literal(new Path(URI.create(file))))
        .toArray(String[]::new);
  }

  /** The rows, cut at files where there are many bytes of them. */
  private List<TableSlice> pieces(
      Dataset<Row> rows,
      List<String> files,
      Function<List<String>, Dataset<Row>> reader,
      Column path,
      Column label,
      Column image)
      throws IOException {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    List<TableSlice> pieces = new ArrayList<>();
    List<String> group = new ArrayList<>();
    long bytes = 0;
    for (String file : files) {
      Path location = new Path(URI.create(file));
      group.add(file);
      bytes += location.getFileSystem(conf).getFileStatus(location).getLen();
      if (bytes >= PIECE_BYTES) {
        pieces.add(new TableSlice(reader.apply(group), bytes));
        group = new ArrayList<>();
        bytes = 0;
      }
    }
    if (pieces.isEmpty()) {
      pieces.add(new TableSlice(rows, bytes));
    } else if (!group.isEmpty()) {
      pieces.add(new TableSlice(reader.apply(group), bytes));
    }
    return pieces.stream()
        .map(
            piece ->
                new TableSlice(
                    piece
                        .rows()
                        .select(
                            path.as(DatasetSchema.PATH),
                            label.as(DatasetSchema.LABEL),
                            image.as(DatasetSchema.IMAGE)),
                    piece.bytes()))
        .toList();
  }
}
