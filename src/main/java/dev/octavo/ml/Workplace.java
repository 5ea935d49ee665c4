package dev.octavo.ml;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Paths;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;

/**
 * The directory of one call of {@code fit}: of what it holds only the model stays, and of a call
 * that fails nothing.
 */
final class Workplace implements AutoCloseable {
  private final FileSystem fs;
  private final Path directory;
  private boolean whole;

  private Workplace(FileSystem fs, Path directory) {
    this.fs = fs;
    this.directory = directory;
  }

  /**
   * Makes a directory of its own in the one that the user chose, else in the checkpoint directory,
   * else, where all executors are on this machine, in that of temporary files.
   *
   * @throws OctavoException.Usage if there is none of them
   */
  static Workplace open(SparkContext spark, Optional<String> chosen, String uid)
      throws IOException {
    Configuration conf = spark.hadoopConfiguration();
    Path parent = chosen.map(Paths::of).orElseGet(() -> usual(spark));
    FileSystem fs = parent.getFileSystem(conf);
    Path directory = new Path(fs.makeQualified(parent), uid + "-" + UUID.randomUUID());
    fs.mkdirs(directory);
    return new Workplace(fs, directory);
  }

  private static Path usual(SparkContext spark) {
    if (spark.getCheckpointDir().isDefined()) {
      return new Path(spark.getCheckpointDir().get());
    }
    if (!spark.master().startsWith("local")) {
      throw new OctavoException.Usage(
          "there is no place for the model: give a directory that all executors see with setWorkDir, or to SparkContext.setCheckpointDir");
    }
    try {
      return new Path(Files.createTempDirectory("octavo-").toUri());
    } catch (IOException e) {
      throw new OctavoException("no temporary directory can be made: " + e.getMessage(), e);
    }
  }

  Path data() {
    return new Path(directory, "data");
  }

  Path run() {
    return new Path(directory, "run");
  }

  Path model() {
    return new Path(directory, "model");
  }

  /** The model is there. */
  void keepModel() {
    whole = true;
  }

  @Override
  public void close() throws IOException {
    if (whole) {
      fs.delete(data(), true);
      fs.delete(run(), true);
    } else {
      fs.delete(directory, true);
    }
  }
}
