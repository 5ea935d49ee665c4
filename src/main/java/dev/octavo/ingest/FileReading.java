package dev.octavo.ingest;

import dev.octavo.artifact.InputFiles;
import dev.octavo.image.PerceptualHash;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
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
    PerceptualHash hash = RowMaker.hashOfTask();
    return sources.stream()
        .map(source -> maker.row(source, path(source), this::read, hash))
        .flatMap(Optional::stream)
        .iterator();
  }

  private Path path(Source source) {
    // The whole as one string: a relative Path would take a colon in a name for a scheme.
    return new Path(root + "/" + source.file());
  }

  private byte[] read(Path path, long listedBytes) throws IOException {
    try (InputStream in = InputFiles.open(path.getFileSystem(hadoop.value().value()), path)) {
      byte[] file = new byte[Math.toIntExact(listedBytes)];
      int read = in.readNBytes(file, 0, file.length);
      int more = read < file.length ? -1 : in.read();
      if (more < 0) {
        return read == file.length ? file : Arrays.copyOf(file, read); // it may have shrunk
      }
      // It has grown since it was listed: it is read up to the limit, and refused there.
      byte[] rest = in.readNBytes(Math.toIntExact(maker.limits().maxBytes() - read));
      byte[] whole = Arrays.copyOf(file, read + 1 + rest.length);
      whole[read] = (byte) more;
      System.arraycopy(rest, 0, whole, read + 1, rest.length);
      return whole;
    }
  }
}
