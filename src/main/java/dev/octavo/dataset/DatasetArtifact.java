package dev.octavo.dataset;

import static org.apache.spark.sql.functions.col;

import dev.octavo.OctavoException;
import dev.octavo.artifact.ArtifactFiles;
import dev.octavo.artifact.Artifacts;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Paths;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A dataset that {@code ingest} published.
 *
 * <pre>
 *   manifest.json
 *   images/split=train/*.parquet   (val, test, extra)   {@link DatasetSchema#ROWS}
 *   quarantine/*.parquet                                {@link DatasetSchema#QUARANTINE}
 *   near-duplicates/*.parquet                           {@link DatasetSchema#NEAR_DUPLICATES}
 * </pre>
 */
public final class DatasetArtifact {
  /** The kind in the manifest. */
  public static final String KIND = "dataset";

  /** The directory of the rows. */
  public static final String IMAGES = "images";

  /** The directory of what could not become a row. */
  public static final String QUARANTINE = "quarantine";

  /** The directory of what is nearly the same in two splits; not of very large datasets. */
  public static final String NEAR_DUPLICATES = "near-duplicates";

  private final SparkSession session;
  private final Path directory;
  private final Manifest manifest;
  private final List<String> classes;

  private DatasetArtifact(
      SparkSession session, Path directory, Manifest manifest, List<String> classes) {
    this.session = session;
    this.directory = directory;
    this.manifest = manifest;
    this.classes = List.copyOf(classes);
  }

  /**
   * Opens a dataset. The session should be one of {@link dev.octavo.spark.OctavoSession}, which
   * reads few rows at a time, because each holds an image.
   *
   * @throws OctavoException if there is no whole dataset at that place
   */
  public static DatasetArtifact open(SparkSession session, Path directory) {
    try {
      var conf = session.sparkContext().hadoopConfiguration();
      Manifest manifest = Artifacts.manifest(conf, directory, KIND);
      ArtifactFiles.requireLengths(conf, directory, manifest);
      return new DatasetArtifact(
          session, directory, manifest, DatasetManifest.read(manifest, directory).classes());
    } catch (IOException e) {
      throw new OctavoException(
          "the dataset at %s can't be read: %s".formatted(directory, e.getMessage()), e);
    }
  }

  /**
   * The class names of a dataset, read without a session.
   *
   * @throws OctavoException if there is no dataset at that place
   */
  public static List<String> classes(Configuration conf, Path directory) throws IOException {
    return DatasetManifest.read(Artifacts.manifest(conf, directory, KIND), directory).classes();
  }

  /** All rows, as {@link DatasetSchema#ROWS}. */
  public Dataset<Row> rows() {
    return session
        .read()
        .schema(DatasetSchema.ROWS)
        .parquet(Paths.literal(new Path(directory, IMAGES)));
  }

  /** The rows of one split; only its files are read. */
  public Dataset<Row> split(String split) {
    return rows().where(col(DatasetSchema.SPLIT).equalTo(Objects.requireNonNull(split, "split")));
  }

  /** Maps a row within a task; an empty result leaves the row out. */
  @FunctionalInterface
  public interface RowMapper<T> extends Serializable {
    /**
     * Maps a row.
     *
     * @param split that it is in
     * @param row with the columns that were asked for
     */
    Optional<T> map(String split, Group row);
  }

  /**
   * The rows of some splits without Spark SQL, whose first query alone takes seconds to plan.
   *
   * @param splits names of splits; one that the dataset hasn't is empty
   * @param columns of {@link DatasetSchema#ROWS}, without the split
   */
  public <T> JavaRDD<T> read(List<String> splits, List<String> columns, RowMapper<T> mapper) {
    try {
      return DatasetRows.read(
          JavaSparkContext.fromSparkContext(session.sparkContext()),
          new Path(directory, IMAGES),
          splits,
          columns,
          mapper);
    } catch (IOException e) {
      throw new OctavoException(
          "the dataset at %s can't be read: %s".formatted(directory, e.getMessage()), e);
    }
  }

  /** The files that could not become rows, as {@link DatasetSchema#QUARANTINE}. */
  public Dataset<Row> quarantine() {
    return session
        .read()
        .schema(DatasetSchema.QUARANTINE)
        .parquet(Paths.literal(new Path(directory, QUARANTINE)));
  }

  /**
   * The images that are nearly the same in two splits, as {@link DatasetSchema#NEAR_DUPLICATES}.
   */
  public Dataset<Row> nearDuplicates() {
    return session
        .read()
        .schema(DatasetSchema.NEAR_DUPLICATES)
        .parquet(Paths.literal(new Path(directory, NEAR_DUPLICATES)));
  }

  /** The class names, sorted: {@code label_id} is the index in this list. */
  public List<String> classes() {
    return classes;
  }

  /** The dataset's settings and figures. */
  public Manifest manifest() {
    return manifest;
  }
}
