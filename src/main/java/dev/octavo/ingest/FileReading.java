package dev.octavo.ingest;

import dev.octavo.artifact.Hashes;
import dev.octavo.artifact.InputFiles;
import dev.octavo.artifact.ReadFailure;
import dev.octavo.image.PerceptualHash;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.Header;
import dev.octavo.image.codec.ImageInfo;
import dev.octavo.image.codec.UndecodableImageException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A task that reads each of its files once and yields a row, or an entry of the quarantine. No
 * file, whatever it holds, fails the task.
 */
final class FileReading implements FlatMapFunction<List<Source>, Row> {
  private static final long serialVersionUID = 1L;

  private final String root;
  private final long maxPixels;
  private final long maxBytes;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final CollectionAccumulator<Quarantined> quarantine;

  FileReading(
      Path root,
      DecodeLimits limits,
      Broadcast<SerializableConfiguration> hadoop,
      CollectionAccumulator<Quarantined> quarantine) {
    this.root = root.toString();
    this.maxPixels = limits.maxPixels();
    this.maxBytes = limits.maxBytes();
    this.hadoop = hadoop;
    this.quarantine = quarantine;
  }

  /** Lazily: one file's bytes are in memory at a time. */
  @Override
  public Iterator<Row> call(List<Source> sources) {
    DecodeLimits limits = new DecodeLimits(maxPixels, maxBytes);
    return sources.stream().map(source -> row(source, limits)).flatMap(Optional::stream).iterator();
  }

  private Optional<Row> row(Source source, DecodeLimits limits) {
    String sha256 = null;
    try {
      limits.checkBytes(source.bytes());
      byte[] file = read(source, hadoop.value().value());
      sha256 = Hashes.sha256(file);
      Header header = Header.read(file, limits);
      long hash = PerceptualHash.of(file, header);
      ImageInfo info = header.info();
      return Optional.of(
          RowFactory.create(
              source.path(),
              source.label(),
              source.labelId(),
              file,
              info.format().name(),
              info.width(),
              info.height(),
              info.channels(),
              info.orientation(),
              sha256,
              hash,
              info.warning()));
    } catch (UndecodableImageException e) {
      return quarantined(source, e.reason().label(), e.getMessage(), sha256);
    } catch (OutOfMemoryError e) {
      // One array was too large; the rest of the heap is as it was.
      String detail = "%d bytes: use a lower --max-pixels or executors with more memory";
      return quarantined(
          source, Quarantined.OUT_OF_MEMORY, detail.formatted(source.bytes()), sha256);
    } catch (IOException | RuntimeException e) {
      return quarantined(
          source, Quarantined.UNREADABLE, ReadFailure.reason(path(source), e), sha256);
    }
  }

  private Optional<Row> quarantined(Source source, String reason, String detail, String sha256) {
    quarantine.add(new Quarantined(source.path(), source.split(), reason, detail, sha256));
    return Optional.empty();
  }

  private Path path(Source source) {
    // The whole as one string: a relative Path would take a colon in a name for a scheme.
    return new Path(root + "/" + source.file());
  }

  private byte[] read(Source source, Configuration conf) throws IOException {
    Path path = path(source);
    try (InputStream in = InputFiles.open(path.getFileSystem(conf), path)) {
      // A file that has grown since it was listed is read up to the limit, and refused there.
      return in.readNBytes(Math.toIntExact(maxBytes + 1));
    }
  }
}
