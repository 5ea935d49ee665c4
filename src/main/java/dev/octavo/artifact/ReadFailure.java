package dev.octavo.artifact;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.Path;

/** The reason why a file can't be read. */
public final class ReadFailure {
  private ReadFailure() {}

  /**
   * Returns the reason in words. A JVM in a locale without the letters of a local file's name asks
   * the system for another name, and is told that there is no such file.
   */
  public static String reason(Path file, Exception failure) {
    String encoding = System.getProperty("sun.jnu.encoding");
    boolean known = encoding != null && Charset.isSupported(encoding);
    return reason(file, failure, known ? Charset.forName(encoding) : StandardCharsets.UTF_8);
  }

  static String reason(Path file, Exception failure, Charset names) {
    String scheme = file.toUri().getScheme();
    boolean local = scheme == null || scheme.equals("file");
    if (local && !names.newEncoder().canEncode(file.toUri().getPath())) {
      return ("the locale of this JVM (%s) can't write the name: set LC_ALL=C.UTF-8, for executors"
              + " with --conf spark.executorEnv.LC_ALL=C.UTF-8")
          .formatted(names);
    }
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }
}
