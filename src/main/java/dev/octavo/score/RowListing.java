package dev.octavo.score;

import static org.apache.spark.sql.functions.col;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Paths;
import dev.octavo.bundle.ImageClassifier;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.results.InputSource.Split;
import dev.octavo.results.InputSource.Table;
import dev.octavo.score.InputListing.TableSlice;
import dev.octavo.table.SourceTables;
import dev.octavo.table.TableColumns;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
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

  /** Formats whose every file may be read alone. */
  private static final Set<String> FILE_FORMATS = Set.of("parquet", "orc", "avro", "binaryFile");

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
  InputListing.Rows list(Table source, List<ImageClassifier> models) throws IOException {
    Dataset<Row> rows = SourceTables.read(spark, source.table(), source.format());
    TableColumns columns = new TableColumns(rows);
    Column image = columns.image(source.imageColumn());
    Column path = columns.path(source.pathColumn(), source.imageColumn());
    Column label = TrueLabels.of(columns, source.labelColumn().orElse(null), models);
    // Which rows of a file belong to a table of the catalog, or of Delta's, is theirs to say.
    boolean ofFiles =
        FILE_FORMATS.contains(source.format()) && !SourceTables.isInCatalog(spark, source.table());
    List<String> files = ofFiles ? List.of(rows.inputFiles()) : List.of();
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
