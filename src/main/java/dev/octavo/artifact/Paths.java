package dev.octavo.artifact;

import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Paths whose names may hold a colon, which Hadoop's own constructors take for a URI's scheme. */
public final class Paths {
  private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:/.*");

  private static final Pattern GLOB = Pattern.compile("[\\[\\]{}*?\\\\]");

  private Paths() {}

  /** A path as a user writes it: a URI with a scheme and a slash, or else a plain path. */
  public static Path of(String text) {
    return URI.matcher(text).matches() || text.isEmpty()
        ? new Path(text)
        : new Path(null, null, text);
  }

  /** The whole path, without the slash that one made of a directory's URI has at its end. */
  static Path qualified(FileSystem fs, Path path) {
    return of(fs.makeQualified(path).toString());
  }

  /** Another name in the directory that a path lies in. */
  public static Path sibling(Path path, String name) {
    return new Path(path.getParent(), of(name));
  }

  /** The path as Spark's readers take it, which would expand brackets, braces and stars. */
  public static String literal(Path path) {
    return GLOB.matcher(path.toString()).replaceAll("\\\\$0");
  }
}
