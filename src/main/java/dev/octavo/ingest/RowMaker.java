package dev.octavo.ingest;

import dev.octavo.artifact.Hashes;
import dev.octavo.artifact.ReadFailure;
import dev.octavo.image.PerceptualHash;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.Header;
import dev.octavo.image.codec.ImageInfo;
import dev.octavo.image.codec.UndecodableImageException;
import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Makes a row of an image's file, or an entry of the quarantine.
 *
 * @param limits beyond which a file is quarantined
 * @param quarantine gets the entries
 */
record RowMaker(DecodeLimits limits, CollectionAccumulator<Quarantined> quarantine)
    implements Serializable {

  /** The way to a file's bytes. */
  @FunctionalInterface
  interface Reader {
    byte[] read(Path path, long listedBytes) throws IOException;
  }

  /** A hash of images for as long as the running task runs. */
  static PerceptualHash hashOfTask() {
    PerceptualHash hash = new PerceptualHash();
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> hash.close());
    return hash;
  }

  /** The values of {@link RowFiles#COLUMNS}. Nothing that a file holds makes this fail. */
  Optional<Row> row(Source source, Path path, Reader reader, PerceptualHash hash) {
    String sha256 = null;
    try {
      limits.checkBytes(source.bytes());
      byte[] file = reader.read(path, source.bytes());
      sha256 = Hashes.sha256(file);
      Header header = Header.read(file, limits);
      long bits = hash.of(file, header);
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
              bits,
              info.warning()));
    } catch (UndecodableImageException e) {
      return quarantined(source, e.reason().label(), e.getMessage(), sha256);
    } catch (OutOfMemoryError e) {
      // One array was too large; the rest of the heap is as it was.
      String detail = "%d bytes: use a lower --max-pixels or executors with more memory";
      return quarantined(
          source, Quarantined.OUT_OF_MEMORY, detail.formatted(source.bytes()), sha256);
    } catch (IOException | RuntimeException e) {
      return quarantined(source, Quarantined.UNREADABLE, ReadFailure.reason(path, e), sha256);
    }
  }

  Optional<Row> quarantined(Source source, String reason, String detail, String sha256) {
    quarantine.add(new Quarantined(source.path(), source.split(), reason, detail, sha256));
    return Optional.empty();
  }
}
