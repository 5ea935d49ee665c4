package dev.octavo.artifact;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Destination.IfExists;
import dev.octavo.artifact.Destination.Input;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
  private final Destination destination;
  private final FileSystem fs;
  private final Path directory;
  private boolean handedOver;

  private Staging(Destination destination, Path directory) {
    this.destination = destination;
    this.fs = destination.fileSystem();
    this.directory = directory;
  }

  /**
   * Starts an artifact.
   *
   * @param kind of the artifact, as in its manifest
   * @param inputs what is read meanwhile, and must not be overwritten
   * @throws OctavoException if something stands at {@code target} and {@code ifExists} is {@link
   *     IfExists#FAIL}, if it would replace anything but an artifact of the same kind and its own
   *     files, or if another driver is writing there
   */
  public static Staging open(
      Configuration conf, Path target, String kind, IfExists ifExists, List<Input> inputs)
      throws IOException {
    Destination destination = Destination.take(conf, target, kind, inputs);
    try {
      destination.check(ifExists);
      if (ifExists == IfExists.REPLACE) {
        destination.requireNothingForeign();
      }
      FileSystem fs = destination.fileSystem();
      Path directory = destination.beside("staging-" + UUID.randomUUID());
      fs.mkdirs(directory);
      // For a JVM that is told to end in the middle of the work; what one leaves that is killed is
      // removed by the next.
      fs.deleteOnExit(directory);
      return new Staging(destination, directory);
    } catch (IOException | RuntimeException e) {
      destination.close();
      throw e;
    }
  }

  /** The directory to write to. */
  public Path directory() {
    return directory;
  }

  /** The file system that the artifact is on. */
  public FileSystem fileSystem() {
    return fs;
  }

  /**
   * Writes the manifest and moves the artifact to its place; returns that place.
   *
   * @throws OctavoException if something else appeared there, or a rename is refused; the message
   *     says where the artifact is kept
   */
  public Path publish(Manifest manifest) throws IOException {
    Manifest whole = manifest.withFiles(ArtifactFiles.record(fs, directory));
    try (OutputStream out = fs.create(new Path(directory, Manifest.FILE_NAME))) {
      out.write(whole.toJson().getBytes(StandardCharsets.UTF_8));
    }
    fs.cancelDeleteOnExit(directory);
    handedOver = true;
    destination.fill(directory);
    return destination.target();
  }

  /** Removes what was not to be published. */
  @Override
  public void close() throws IOException {
    try {
      if (!handedOver) {
        fs.delete(directory, true);
        fs.cancelDeleteOnExit(directory);
      }
    } finally {
      destination.close();
    }
  }
}
