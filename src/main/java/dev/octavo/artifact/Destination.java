package dev.octavo.artifact;

import dev.octavo.OctavoException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * The place where an artifact is to appear, leased for as long as this is open: what stands there
 * is looked at before the work and again before it is replaced.
 */
public final class Destination implements AutoCloseable {
  private static final String NOTHING = "";

  /** The treatment of an artifact that exists already. */
  public enum IfExists {
    /** Refuse before any work is done. */
    FAIL,
    /** Replace it, if it is of the same kind, once the new one is whole. */
    REPLACE
  }

  /** The permitted place of the output relative to an input. */
  public enum Inside {
    /** Not within it. */
    REFUSED,
    /** Within it: artifacts are no inputs there. */
    SKIPPED
  }

  /**
   * Something that is read while the artifact is made.
   *
   * @param option of the command line that named it
   * @param path of a file or directory
   * @param inside whether the artifact may appear within it
   */
  public record Input(String option, Path path, Inside inside) {
    /** An input within which nothing may be written. */
    public static Input of(String option, Path path) {
      return new Input(option, path, Inside.REFUSED);
    }
  }

  private final Configuration conf;
  private final FileSystem fs;
  private final Path target;
  private final String kind;
  private final Lease lease;
  private String found = NOTHING;

  private Destination(Configuration conf, FileSystem fs, Path target, String kind, Lease lease) {
    this.conf = conf;
    this.fs = fs;
    this.target = target;
    this.kind = kind;
    this.lease = lease;
  }

  /**
   * Takes a place, and removes what killed runs left beside it.
   *
   * @param kind of the artifact, as in its manifest
   * @throws OctavoException if {@code out} is, contains or lies within an input, or if another
   *     driver is writing there
   */
  public static Destination take(Configuration conf, Path out, String kind, List<Input> inputs)
      throws IOException {
    FileSystem fs = out.getFileSystem(conf);
    Path target = Paths.qualified(fs, out);
    requireApart(conf, target, inputs);
    Lease lease = Lease.take(conf, target, "--out");
    Destination destination = new Destination(conf, fs, target, kind, lease);
    try {
      destination.removeLeftovers();
      return destination;
    } catch (IOException | RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  /**
   * Checks that an artifact may be written, without taking the place: what can be said at once.
   *
   * @throws OctavoException as {@link #take} and {@link #check(IfExists)}
   */
  public static void check(
      Configuration conf, Path out, String kind, IfExists ifExists, List<Input> inputs)
      throws IOException {
    FileSystem fs = out.getFileSystem(conf);
    Path target = Paths.qualified(fs, out);
    requireApart(conf, target, inputs);
    requireAbsentOr(ifExists, target, look(fs, target, kind));
  }

  private static void requireApart(Configuration conf, Path target, List<Input> inputs)
      throws IOException {
    for (Input input : inputs) {
      requireApart(conf, target, input);
    }
  }

  private static void requireApart(Configuration conf, Path target, Input input)
      throws IOException {
    FileSystem fs = input.path().getFileSystem(conf);
    Path path = Paths.qualified(fs, input.path());
    boolean sameSystem =
        Objects.equals(path.toUri().getScheme(), target.toUri().getScheme())
            && Objects.equals(path.toUri().getAuthority(), target.toUri().getAuthority());
    if (!sameSystem) {
      return;
    }
    String out = real(target) + "/";
    String in = real(path) + "/";
    if (in.startsWith(out)) {
      throw new OctavoException(
          "--out %s %s %s %s: nothing is written over what is read; choose another --out"
              .formatted(target, in.equals(out) ? "is" : "contains", input.option(), path));
    }
    if (out.startsWith(in) && input.inside() == Inside.REFUSED) {
      throw new OctavoException(
          "--out %s lies within %s %s: choose a place outside of it"
              .formatted(target, input.option(), path));
    }
  }

  /** The path without links, as far as it exists. */
  private static String real(Path path) throws IOException {
    if (!"file".equals(path.toUri().getScheme())) {
      return path.toUri().getPath();
    }
    java.nio.file.Path local = java.nio.file.Path.of(path.toUri().getPath()).normalize();
    for (java.nio.file.Path there = local; there != null; there = there.getParent()) {
      if (java.nio.file.Files.exists(there)) {
        return there.toRealPath().resolve(there.relativize(local)).toString();
      }
    }
    return local.toString();
  }

  /** Runs that were killed leave directories; nobody else is at work here now. */
  private void removeLeftovers() throws IOException {
    String name = Pattern.quote("." + target.getName());
    Pattern staging = Pattern.compile(name + "\\.staging-[0-9a-f-]{36}");
    Pattern replaced = Pattern.compile(name + "\\.replaced-[0-9a-f-]{36}");
    for (FileStatus file : fs.listStatus(target.getParent())) {
      Path path = file.getPath();
      if (staging.matcher(path.getName()).matches()) {
        fs.delete(path, true);
      } else if (replaced.matcher(path.getName()).matches()) {
        // Killed after the old artifact had been moved aside, and before the new one was there.
        if (fs.exists(target)) {
          fs.delete(path, true);
        } else {
          move(path, target);
        }
      }
    }
  }

  /**
   * Looks at what stands there, before any work is done.
   *
   * @throws OctavoException if something does and {@code ifExists} is {@link IfExists#FAIL}, or if
   *     it is no artifact of this kind
   */
  public void check(IfExists ifExists) throws IOException {
    found = look(fs, target, kind);
    requireAbsentOr(ifExists, target, found);
  }

  private static void requireAbsentOr(IfExists ifExists, Path target, String found) {
    if (!found.equals(NOTHING) && ifExists == IfExists.FAIL) {
      throw new OctavoException(
          "%s exists already: choose another --out, or pass --overwrite to replace it"
              .formatted(target));
    }
  }

  /** The id of the artifact that stands there; empty if nothing does, or an empty directory. */
  private static String look(FileSystem fs, Path target, String kind) throws IOException {
    FileStatus status;
    try {
      status = fs.getFileStatus(target);
    } catch (FileNotFoundException e) {
      return NOTHING;
    }
    if (status.isDirectory() && fs.listStatus(target).length == 0) {
      return NOTHING;
    }
    Path file = new Path(target, Manifest.FILE_NAME);
    if (status.isFile() || !fs.exists(file)) {
      throw new OctavoException(
          "%s exists and is not an Octavo artifact (it has no %s), so nothing will be written over it: choose another --out"
              .formatted(target, Manifest.FILE_NAME));
    }
    Manifest manifest = Artifacts.manifest(fs, file);
    if (!manifest.kind().equals(kind)) {
      throw new OctavoException(
          "%s is %s, and only %s would be replaced: choose another --out"
              .formatted(
                  target, Artifacts.withArticle(manifest.kind()), Artifacts.withArticle(kind)));
    }
    return manifest.id();
  }

  /** The place. */
  public Path target() {
    return target;
  }

  /** The file system that it is on. */
  public FileSystem fileSystem() {
    return fs;
  }

  /** A hidden sibling, on the same file system. */
  Path beside(String what) {
    return Paths.sibling(target, "." + target.getName() + "." + what);
  }

  /**
   * Checks that this is still the only driver that writes here.
   *
   * @throws OctavoException if it isn't
   */
  public void verify() throws IOException {
    lease.verify();
  }

  /**
   * Moves a whole artifact to the place.
   *
   * @throws OctavoException if what stands there isn't what {@link #check} saw; the artifact is
   *     then kept beside it, under the name in the message
   */
  public void fill(Path artifact) throws IOException {
    try {
      lease.verify();
      requireUnchanged();
    } catch (OctavoException e) {
      Path kept = Paths.sibling(target, target.getName() + "-kept-" + UUID.randomUUID());
      move(artifact, kept);
      throw new OctavoException(
          "%s. What was made is kept in %s: move it to where you want it"
              .formatted(e.getMessage(), kept),
          e);
    }
    if (fs.exists(target)) {
      Path old = beside("replaced-" + UUID.randomUUID());
      move(target, old);
      try {
        move(artifact, target);
      } catch (IOException | RuntimeException e) {
        move(old, target);
        throw e;
      }
      fs.delete(old, true);
    } else {
      move(artifact, target);
    }
  }

  private void requireUnchanged() throws IOException {
    if (!look(fs, target, kind).equals(found)) {
      throw new OctavoException(
          "%s was written by another while this ran, and is left as it is".formatted(target));
    }
  }

  /**
   * Renames a directory to where nothing stands.
   *
   * @throws OctavoException if something does
   */
  public void move(Path from, Path to) throws IOException {
    try {
      FileContext.getFileContext(fs.getUri(), conf).rename(from, to, Options.Rename.NONE);
    } catch (FileAlreadyExistsException | FileNotFoundException e) {
      throw new OctavoException(
          "%s could not be moved to %s: does the same command run twice?".formatted(from, to), e);
    }
  }

  /** Gives the place back. */
  @Override
  public void close() throws IOException {
    lease.close();
  }
}
