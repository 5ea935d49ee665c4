package dev.octavo.artifact;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * An artifact in the making. It is written beside its place and moved there by {@link #publish};
 * closed without that, it leaves nothing behind.
 *
 * <p>{@code manifest.json} is the last file written before the move. Where a file system moves a
 * directory file by file (object stores), a reader that finds no manifest knows that the artifact
 * is not whole.
 */
public final class Staging implements AutoCloseable {
  /** What to do with an artifact that stands at the target already. */
  public enum IfExists {
    /** Refuse before any work is done. */
    FAIL,
    /** Replace it once the new one is whole. */
    REPLACE
  }

  private final FileSystem fs;
  private final Path target;
  private final Path directory;
  private boolean published;

  private Staging(FileSystem fs, Path target, Path directory) {
    this.fs = fs;
    this.target = target;
    this.directory = directory;
  }

  /**
   * Checks that an artifact may be written.
   *
   * @throws OctavoException if something stands at {@code target} and {@code ifExists} is {@link
   *     IfExists#FAIL}, or if it would replace a directory that is no artifact
   */
  public static void check(Configuration conf, Path target, IfExists ifExists) throws IOException {
    FileSystem fs = target.getFileSystem(conf);
    Path qualified = fs.makeQualified(target);
    if (fs.exists(qualified)) {
      if (ifExists == IfExists.FAIL) {
        throw new OctavoException(
            "%s exists already: choose another --out, or pass --overwrite to replace it"
                .formatted(qualified));
      }
      boolean artifact = fs.exists(new Path(qualified, Manifest.FILE_NAME));
      boolean empty =
          fs.getFileStatus(qualified).isDirectory() && fs.listStatus(qualified).length == 0;
      if (!artifact && !empty) {
        throw new OctavoException(
            "%s is not an Octavo artifact (it has no %s), so --overwrite will not delete it"
                .formatted(qualified, Manifest.FILE_NAME));
      }
    }
    if (qualified.getParent() == null) {
      throw new OctavoException(
          "%s is the root of a file system: choose a directory below it".formatted(qualified));
    }
  }

  /**
   * Starts an artifact.
   *
   * @throws OctavoException if something stands at {@code target} and {@code ifExists} is {@link
   *     IfExists#FAIL}, or if it would replace a directory that is no artifact
   */
  public static Staging open(Configuration conf, Path target, IfExists ifExists)
      throws IOException {
    check(conf, target, ifExists);
    FileSystem fs = target.getFileSystem(conf);
    Path qualified = fs.makeQualified(target);
    Path parent = qualified.getParent();
    Path directory = new Path(parent, "." + qualified.getName() + ".staging-" + UUID.randomUUID());
    fs.mkdirs(directory);
    // For a JVM that is told to end in the middle of the work; one that is killed leaves the
    // directory.
    fs.deleteOnExit(directory);
    return new Staging(fs, qualified, directory);
  }

  /** Where to write. */
  public Path directory() {
    return directory;
  }

  /** The file system that the artifact is on. */
  public FileSystem fileSystem() {
    return fs;
  }

  /** Writes the manifest and moves the artifact to its place; returns that place. */
  public Path publish(Manifest manifest) throws IOException {
    try (OutputStream out = fs.create(new Path(directory, Manifest.FILE_NAME))) {
      out.write(manifest.toJson().getBytes(StandardCharsets.UTF_8));
    }
    if (fs.exists(target)) {
      Path old =
          new Path(target.getParent(), "." + target.getName() + ".replaced-" + UUID.randomUUID());
      move(target, old);
      move(directory, target);
      fs.delete(old, true);
    } else {
      move(directory, target);
    }
    published = true;
    fs.cancelDeleteOnExit(directory);
    return target;
  }

  private void move(Path from, Path to) throws IOException {
    if (!fs.rename(from, to)) {
      throw new IOException("could not move %s to %s".formatted(from, to));
    }
  }

  /** Removes what was not published. */
  @Override
  public void close() throws IOException {
    if (!published) {
      fs.delete(directory, true);
      fs.cancelDeleteOnExit(directory);
    }
  }
}
