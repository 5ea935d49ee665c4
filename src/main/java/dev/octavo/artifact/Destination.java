package dev.octavo.artifact;

import dev.octavo.OctavoException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
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
  private Standing found = Standing.NOTHING;

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
    requireAbsentOr(ifExists, target, Standing.at(fs, target, target, kind));
  }

  private static void requireApart(Configuration conf, Path target, List<Input> inputs)
      throws IOException {
    requireApart(conf, "--out", target, inputs);
  }

  /**
   * Checks that a place that is written to neither is, contains nor lies within what is read.
   *
   * @param option that names the place
   * @throws OctavoException naming the input
   */
  public static void requireApart(Configuration conf, String option, Path place, List<Input> inputs)
      throws IOException {
    Path target = Paths.qualified(place.getFileSystem(conf), place);
    Optional<String> overlap = Overlap.find(conf, option, target, inputs);
    if (overlap.isPresent()) {
      throw new OctavoException(overlap.get());
    }
  }

  /**
   * Checks that a single file may be written, in place of one that is there.
   *
   * @throws OctavoException.Usage if it is a directory, or overlaps with an input
   */
  public static void checkFile(Configuration conf, Path out, List<Input> inputs)
      throws IOException {
    FileSystem fs = out.getFileSystem(conf);
    Path target = Paths.qualified(fs, out);
    if (fs.exists(target) && fs.getFileStatus(target).isDirectory()) {
      throw new OctavoException.Usage(
          "%s is a directory: name the file that --out is to be".formatted(target));
    }
    Optional<String> overlap = Overlap.find(conf, "--out", target, inputs);
    if (overlap.isPresent()) {
      throw new OctavoException.Usage(overlap.get());
    }
  }

  /** Runs that were killed leave directories; nobody else is at work here now. */
  private void removeLeftovers() throws IOException {
    String name = Pattern.quote("." + target.getName());
    Pattern staging = Pattern.compile(name + "\\.staging-[0-9a-f-]{36}");
    Pattern replaced = Pattern.compile(name + "\\.replaced-by-[0-9a-f]{64}");
    for (FileStatus file : fs.listStatus(target.getParent())) {
      Path path = file.getPath();
      if (staging.matcher(path.getName()).matches()) {
        fs.delete(path, true);
      } else if (replaced.matcher(path.getName()).matches()) {
        if (!fs.exists(target)) {
          // Killed after the old artifact had been moved aside, and before the new one was there.
          move(path, target);
        } else if (fs.exists(new Path(target, Manifest.FILE_NAME))
            && path.getName().equals(aside(target).getName())) {
          fs.delete(path, true);
        }
        // Else it could not be moved back, because something else stands there now.
      }
    }
  }

  /** The name of what an artifact replaces: it may be deleted once that artifact stands there. */
  private Path aside(Path artifact) throws IOException {
    String id = Artifacts.manifest(fs, new Path(artifact, Manifest.FILE_NAME)).id();
    return beside("replaced-by-" + id.substring(id.indexOf(':') + 1));
  }

  /**
   * Looks at what stands there, before any work is done.
   *
   * @throws OctavoException if something does and {@code ifExists} is {@link IfExists#FAIL}, or if
   *     it is no artifact of this kind
   */
  public void check(IfExists ifExists) throws IOException {
    found = Standing.at(fs, target, target, kind);
    requireAbsentOr(ifExists, target, found);
  }

  private static void requireAbsentOr(IfExists ifExists, Path target, Standing found) {
    if (!found.isNothing() && ifExists == IfExists.FAIL) {
      throw new OctavoException(
          "%s exists already: choose another --out, or pass --overwrite to replace it"
              .formatted(target));
    }
  }

  /**
   * Checks that what {@link #check(IfExists)} saw holds only what its manifest lists, before it is
   * replaced.
   *
   * @throws OctavoException if it holds a file of somebody else
   */
  public void requireNothingForeign() {
    if (found.foreign().isPresent()) {
      throw new OctavoException(
          "%s holds %s, which is not part of the artifact, so nothing will be written over it: move that file elsewhere, or choose another --out"
              .formatted(target, found.foreign().get()));
    }
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
   * @throws OctavoException if what stands there isn't what {@link #check(IfExists)} saw, or if a
   *     rename is refused; the artifact is then kept, where the message says
   */
  public void fill(Path artifact) throws IOException {
    Optional<Path> old;
    try {
      lease.verify();
      requireUnchanged(target);
      old = replace(artifact);
    } catch (IOException | RuntimeException e) {
      throw new OctavoException("%s. %s".formatted(e.getMessage(), keep(artifact)), e);
    }
    if (old.isPresent()) {
      fs.delete(old.get(), true);
    }
  }

  /** Returns where what stood there is now. */
  private Optional<Path> replace(Path artifact) throws IOException {
    if (!fs.exists(target)) {
      move(artifact, target);
      return Optional.empty();
    }
    Path old = aside(artifact);
    move(target, old);
    try {
      // Nothing can be put into it by its name any more.
      requireUnchanged(old);
      move(artifact, target);
    } catch (IOException | RuntimeException e) {
      try {
        move(old, target);
      } catch (IOException | RuntimeException again) {
        e.addSuppressed(again);
        throw new OctavoException(
            "%s. What stood there is in %s, which is never deleted unasked"
                .formatted(e.getMessage(), old),
            e);
      }
      throw e;
    }
    return Optional.of(old);
  }

  /** Gives an artifact that could not be published a name that nobody removes; says where it is. */
  private String keep(Path artifact) {
    Path kept = Paths.sibling(target, target.getName() + "-kept-" + UUID.randomUUID());
    try {
      move(artifact, kept);
      return "What was made is kept in %s: move it to where you want it".formatted(kept);
    } catch (IOException | RuntimeException e) {
      return "What was made is in %s: move it to where you want it before you run anything with this --out again"
          .formatted(artifact);
    }
  }

  private void requireUnchanged(Path place) throws IOException {
    Standing now = Standing.at(fs, place, target, kind);
    if (!now.id().equals(found.id())) {
      throw new OctavoException(
          "%s was written by another while this ran, and is left as it is".formatted(target));
    }
    Optional<String> changed = now.newSince(found);
    if (changed.isPresent()) {
      throw new OctavoException(
          "%s holds %s, which came or changed while this ran, and is left as it is"
              .formatted(target, changed.get()));
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
