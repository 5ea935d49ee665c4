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
  private Artifacts() {}

  /**
   * The manifest of an artifact.
   *
   * @throws OctavoException if {@code directory} holds no whole artifact of that kind
   */
  public static Manifest manifest(Configuration conf, Path directory, String kind)
      throws IOException {
    FileSystem fs = directory.getFileSystem(conf);
    Path file = new Path(directory, Manifest.FILE_NAME);
    if (!fs.exists(directory)) {
      throw new OctavoException(
          "%s does not exist (%s expected there)".formatted(directory, wasExpected(kind)));
    }
    if (!fs.exists(file)) {
      throw new OctavoException(
          "%s is not a whole Octavo %s: it has no %s"
              .formatted(directory, kind, Manifest.FILE_NAME));
    }
    Manifest manifest;
    try (InputStream in = fs.open(file)) {
      manifest =
          Manifest.fromJson(new String(in.readAllBytes(), StandardCharsets.UTF_8), file.toString());
    }
    if (!manifest.kind().equals(kind)) {
      throw new OctavoException(
          "%s is %s, but %s expected"
              .formatted(directory, withArticle(manifest.kind()), wasExpected(kind)));
    }
    return manifest;
  }

  private static String wasExpected(String kind) {
    return withArticle(kind) + (isPlural(kind) ? " were" : " was");
  }

  private static String withArticle(String kind) {
    return isPlural(kind) ? kind : "a " + kind;
  }

  private static boolean isPlural(String kind) {
    return kind.endsWith("s");
  }
}
