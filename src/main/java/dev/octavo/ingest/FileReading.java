package dev.octavo.ingest;

import dev.octavo.artifact.InputFiles;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A task that reads each of its files once and yields a row, or an entry of the quarantine. No
 * file, whatever it holds, fails the task.
 */
final class FileReading implements FlatMapFunction<List<Source>, Row> {
  private static final long serialVersionUID = 1L;

  private final String root;
  private final RowMaker maker;
  private final Broadcast<SerializableConfiguration> hadoop;

  FileReading(Path root, RowMaker maker, Broadcast<SerializableConfiguration> hadoop) {
    this.root = root.toString();
    this.maker = maker;
    this.hadoop = hadoop;
  }

  /** Lazily: one file's bytes are in memory at a time. */
  @Override
  public Iterator<Row> call(List<Source> sources) {
    return sources.stream()
        .map(source -> maker.row(source, path(source), path -> read(path)))
        .flatMap(Optional::stream)
        .iterator();
  }

  private Path path(Source source) {
    // The whole as one string: a relative Path would take a colon in a name for a scheme.
    return new Path(root + "/" + source.file());
  }

  private byte[] read(Path path) throws IOException {
    try (InputStream in = InputFiles.open(path.getFileSystem(hadoop.value().value()), path)) {
      // A file that has grown since it was listed is read up to the limit, and refused there.
      return in.readNBytes(Math.toIntExact(maker.limits().maxBytes() + 1));
    }
  }
}
