package dev.octavo.score;

import dev.octavo.OctavoException;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.score.InputSource.Folder;
import dev.octavo.score.InputSource.Listed;
import dev.octavo.score.InputSource.Split;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/** Looks through a source on the driver and cuts it into partitions. */
final class InputListing {
  private final SparkSession spark;

  InputListing(SparkSession spark) {
    this.spark = spark;
  }

  /**
   * The inputs of a source.
   *
   * @throws OctavoException if it isn't there or is empty
   */
  Listed list(InputSource source) throws IOException {
    if (source instanceof Folder folder) {
      return folder(folder.directory());
    }
    return split((Split) source);
  }

  private Listed folder(Path directory) throws IOException {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    FileSystem fs = directory.getFileSystem(conf);
    if (!fs.exists(directory)) {
      throw new OctavoException("there is no folder %s (option --images)".formatted(directory));
    }
    Path root = fs.makeQualified(directory);
    List<Input> files = new ArrayList<>();
    RemoteIterator<LocatedFileStatus> listing = fs.listFiles(root, true);
    while (listing.hasNext()) {
      LocatedFileStatus file = listing.next();
      Path path = file.getPath();
      files.add(
          Input.file(
              relative(root, path),
              path.getParent().getName(),
              path.toUri().toString(),
              file.getLen()));
    }
    if (files.isEmpty()) {
      throw new OctavoException("%s holds no files: there is nothing to score".formatted(root));
    }
    files.sort(Comparator.comparing(Input::path));
    List<List<Input>> packs = FilePacker.pack(files, slots());
    JavaRDD<Input> inputs =
        context().parallelize(packs, packs.size()).flatMap(pack -> pack.iterator());
    return new Listed(inputs, files.size(), null);
  }

  private static String relative(Path root, Path file) {
    String base = root.toUri().getPath();
    String prefix = base.endsWith("/") ? base : base + "/";
    String path = file.toUri().getPath();
    return path.startsWith(prefix) ? path.substring(prefix.length()) : path;
  }

  private Listed split(Split source) throws IOException {
    DatasetArtifact dataset = DatasetArtifact.open(spark, source.dataset());
    Dataset<Row> rows =
        dataset
            .split(source.split())
            .select(DatasetSchema.PATH, DatasetSchema.LABEL, DatasetSchema.IMAGE);
    long count = rows.count();
    if (count == 0) {
      throw new OctavoException(
          "the dataset %s has no rows in its split '%s' (options: --split train, val, test, extra)"
              .formatted(source.dataset(), source.split()));
    }
    long weight = stored(rows) + count * FilePacker.BYTES_PER_FILE;
    int partitions = (int) Math.max(1, weight / FilePacker.target(weight, slots()));
    // Parquet is cut at row groups, of which a small dataset has one: spread its rows by name. A
    // large one has enough of them and is not shuffled.
    Dataset<Row> spread =
        partitions <= slots() * FilePacker.PARTITIONS_PER_SLOT
            ? rows.repartition(partitions, functions.col(DatasetSchema.PATH))
            : rows;
    JavaRDD<Input> inputs =
        spread.toJavaRDD().map(r -> Input.row(r.getString(0), r.getString(1), (byte[]) r.get(2)));
    return new Listed(inputs, count, dataset.manifest().id());
  }

  private long stored(Dataset<Row> rows) throws IOException {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    long bytes = 0;
    for (String file : rows.inputFiles()) {
      Path path = new Path(URI.create(file));
      bytes += path.getFileSystem(conf).getFileStatus(path).getLen();
    }
    return bytes;
  }

  /** Tasks that run at the same time. */
  private int slots() {
    int cpus = spark.sparkContext().conf().getInt("spark.task.cpus", 1);
    return Math.max(1, spark.sparkContext().defaultParallelism() / cpus);
  }

  private JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }
}
