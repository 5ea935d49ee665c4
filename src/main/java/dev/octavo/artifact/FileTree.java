package dev.octavo.artifact;

import dev.octavo.OctavoException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;

/**
 * The files below a folder: one listing for every stage. Each file is told to the visitor once, as
 * a file, as a problem, or as skipped for a reason.
 */
public final class FileTree {
  private static final Set<String> BY_PRODUCTS =
      Set.of("@eadir", "__macosx", "thumbs.db", "desktop.ini", "ehthumbs.db");

  /** More than any manifest has. */
  static final int MANIFEST_BYTES = 1 << 20;

  private FileTree() {}

  /** The receiver of what is found; paths are relative to the folder. */
  public interface Visitor {
    /** A file that can be read. */
    void file(String path, long bytes);

    /** A file or folder that can't be read. */
    void problem(String path, Problem problem);

    /** A file, or a link to a folder met before, that is no input. */
    void skipped(Skipped reason);
  }

  /** A reason why what was found can't be read. */
  public enum Problem {
    /** A symbolic link to nothing, or a file that went away. */
    NO_SUCH_FILE(-1, "there is no such file, or a link to nothing"),
    /** A FIFO, a socket or a device: reading could wait for ever. */
    SPECIAL(-2, "no regular file but a FIFO, a socket or a device"),
    /** A folder that can't be listed. */
    FOLDER(-3, "the folder can't be listed: check its permissions"),
    /** A name that isn't valid in the character set of the JVM's locale. */
    NAME(
        -4,
        "the name can't be written in the locale's character set: rename it, or set"
            + " LC_ALL=C.UTF-8"),
    /** A URI of a kind that no file system is set up for. */
    FILE_SYSTEM(
        -5,
        "no file system of that kind is set up: write s3a:// for S3, and download what is behind"
            + " http:// or https:// first"),
    /** A file system that answers with an error. */
    REFUSED(-6, "its file system refuses to say anything about it: check host and permissions"),
    /** A folder in place of a file. */
    DIRECTORY(-7, "a folder: a list names files");

    private final long code;
    private final String text;

    Problem(long code, String text) {
      this.code = code;
      this.text = text;
    }

    /** A sentence that says what is wrong. */
    public String text() {
      return text;
    }

    /** The length that stands for this problem in a listing; negative. */
    public long code() {
      return code;
    }

    /** The problem that a negative length stands for. */
    public static Problem of(long code) {
      for (Problem problem : values()) {
        if (problem.code == code) {
          return problem;
        }
      }
      throw new IllegalArgumentException("no problem has the code " + code);
    }
  }

  /** A reason why a file is no input. */
  public enum Skipped {
    /** A dot before the name of the file or of a folder above. */
    HIDDEN("hidden files"),
    /** A thumbnail, an index or a resource fork that a system or a program left. */
    BY_PRODUCT("by-products of other programs (@eaDir, __MACOSX, Thumbs.db, desktop.ini)"),
    /** A file of a dataset, a model or scores that Octavo wrote. */
    OWN("files of Octavo's own artifacts"),
    /** A link to a folder whose files are listed under another path. */
    LINK("links to folders that are listed under another path");

    private final String text;

    Skipped(String text) {
      this.text = text;
    }

    /** A noun phrase, in the plural. */
    public String text() {
      return text;
    }
  }

  /** Counts of skipped files as the figure of a manifest. */
  public static Map<String, Long> counted(Map<Skipped, Long> skipped) {
    Map<String, Long> counts = new TreeMap<>();
    skipped.forEach((reason, count) -> counts.put(reason.text(), count));
    return counts;
  }

  /**
   * Tells the visitor what is below a directory, in no order. A folder is entered once, whatever
   * links lead to it: under its own path before those of links, and of these the first by name.
   *
   * @throws OctavoException if the directory itself isn't there, or can't be listed
   */
  public static void visit(FileSystem fs, Path directory, Visitor visitor) throws IOException {
    try {
      if (fs.getUri().getScheme().equals("file")) {
        new LocalTree(visitor).visit(java.nio.file.Path.of(directory.toUri().getPath()));
      } else {
        visit(fs, directory, "", null, visitor);
      }
    } catch (FileSystemException | FileNotFoundException | AccessControlException e) {
      throw new OctavoException(
          "the folder %s can't be listed: check that it is there, and its permissions"
              .formatted(directory),
          e);
    }
  }

  private static void visit(
      FileSystem fs, Path directory, String prefix, Skipped above, Visitor visitor)
      throws IOException {
    FileStatus[] found;
    try {
      found = fs.listStatus(directory);
    } catch (FileNotFoundException | AccessControlException e) {
      if (prefix.isEmpty()) {
        throw e;
      }
      if (above == null) {
        visitor.problem(prefix.substring(0, prefix.length() - 1), Problem.FOLDER);
      } else {
        visitor.skipped(above);
      }
      return;
    }
    boolean own = !prefix.isEmpty() && above == null && isArtifact(fs, found);
    Skipped here = own ? Skipped.OWN : above;
    List<FileStatus> folders = new ArrayList<>();
    for (FileStatus status : found) {
      String name = status.getPath().getName();
      if (status.isDirectory()) {
        folders.add(status);
        continue;
      }
      Skipped reason = here == null ? reason(name) : here;
      if (reason == null) {
        visitor.file(prefix + name, status.getLen());
      } else {
        visitor.skipped(reason);
      }
    }
    folders.sort(Comparator.comparing(status -> status.getPath().getName()));
    for (FileStatus folder : folders) {
      String name = folder.getPath().getName();
      Skipped reason = here == null ? reason(name) : here;
      visit(fs, folder.getPath(), prefix + name + "/", reason, visitor);
    }
  }

  private static boolean isArtifact(FileSystem fs, FileStatus[] found) throws IOException {
    for (FileStatus status : found) {
      if (status.isFile() && status.getPath().getName().equals(Manifest.FILE_NAME)) {
        try (var in = fs.open(status.getPath())) {
          return isManifest(in.readNBytes(MANIFEST_BYTES));
        } catch (FileNotFoundException | AccessControlException e) {
          return false; // it went away, or isn't to be read
        }
      }
    }
    return false;
  }

  /** Tells Octavo's manifests from other files of that name. */
  static boolean isManifest(byte[] json) {
    String text = new String(json, StandardCharsets.UTF_8);
    return List.of("\"kind\"", "\"createdAt\"", "\"parents\"", "\"figures\"", "\"platform\"")
        .stream()
        .allMatch(text::contains);
  }

  /** The reason why something of this name is skipped, or null. */
  static Skipped reason(String name) {
    if (name.matches("\\..+\\.(staging-.*|scoring|replaced.*)")) {
      return Skipped.OWN;
    }
    if (BY_PRODUCTS.contains(name.toLowerCase(Locale.ROOT))) {
      return Skipped.BY_PRODUCT;
    }
    return name.startsWith(".") ? Skipped.HIDDEN : null;
  }
}
