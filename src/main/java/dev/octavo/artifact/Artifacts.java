package dev.octavo.artifact;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Reading published artifacts. */
public final class Artifacts {
  private static final long MAX_BYTES = 64L << 20;

  private Artifacts() {}

  /**
   * The manifest of an artifact.
   *
   * @throws OctavoException if {@code directory} holds no whole artifact of that kind, or one whose
   *     manifest isn't as it was written
   */
  public static Manifest manifest(Configuration conf, Path directory, String kind)
      throws IOException {
    FileSystem fs = directory.getFileSystem(conf);
    Path file = new Path(directory, Manifest.FILE_NAME);
    if (!fs.exists(directory)) {
      throw new OctavoException(
          "%s does not exist (%s expected there)%s"
              .formatted(directory, wasExpected(kind), MissingPath.hint(fs, directory)));
    }
    if (!fs.exists(file)) {
      throw new OctavoException(
          "%s is not a whole Octavo %s: it has no %s"
              .formatted(directory, kind, Manifest.FILE_NAME));
    }
    Manifest manifest = manifest(fs, file);
    if (!manifest.kind().equals(kind)) {
      throw new OctavoException(
          "%s is %s, but %s expected"
              .formatted(directory, withArticle(manifest.kind()), wasExpected(kind)));
    }
    return manifest;
  }

  static Manifest manifest(FileSystem fs, Path file) throws IOException {
    long bytes = fs.getFileStatus(file).getLen();
    if (bytes > MAX_BYTES) {
      throw new OctavoException(
          "%s has %d bytes: no manifest of Octavo has more than %d"
              .formatted(file, bytes, MAX_BYTES));
    }
    try (InputStream in = fs.open(file)) {
      return Manifest.fromJson(
          new String(in.readNBytes((int) MAX_BYTES), StandardCharsets.UTF_8), file.toString());
    }
  }

  private static String wasExpected(String kind) {
    return withArticle(kind) + (isPlural(kind) ? " were" : " was");
  }

  static String withArticle(String kind) {
    return isPlural(kind) ? kind : "a " + kind;
  }

  private static boolean isPlural(String kind) {
    return kind.endsWith("s");
  }
}
