package dev.octavo.artifact;

import dev.octavo.OctavoException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The files of an artifact against what its manifest records of them.
 *
 * <p>Every file has its length recorded and, unless it is Parquet, its SHA-256, which is checked
 * while the file is read. Parquet holds all that is large, is read in parts by many tasks, and has
 * a checksum in every page: hashing it as a whole would mean reading it once more.
 */
public final class ArtifactFiles {
  private static final String PARQUET = ".parquet";

  /** Files read whole into memory, such as class names, are smaller. */
  private static final long MAX_TEXT_BYTES = 64L << 20;

  private ArtifactFiles() {}

  /**
   * Records what is in a directory and below, the manifest itself and hidden files left out; by
   * path relative to it.
   */
  public static Map<String, FileRecord> record(FileSystem fs, Path directory) throws IOException {
    Map<String, FileRecord> records = new TreeMap<>();
    String root = root(fs, directory);
    for (FileStatus file : list(fs, directory)) {
      String name = file.getPath().toUri().getPath().substring(root.length());
      if (!name.equals(Manifest.FILE_NAME) && !isHidden(name)) {
        records.put(
            name,
            new FileRecord(
                file.getLen(), name.endsWith(PARQUET) ? null : sha256(fs, file.getPath())));
      }
    }
    return records;
  }

  /**
   * The files in a directory and below. Not by {@code FileSystem.listFiles}, which asks for
   * permissions: without Hadoop's native library that is a process for each file of a local disk.
   */
  static List<FileStatus> list(FileSystem fs, Path directory) throws IOException {
    List<FileStatus> files = new ArrayList<>();
    Deque<Path> directories = new ArrayDeque<>(List.of(directory));
    while (!directories.isEmpty()) {
      for (FileStatus entry : fs.listStatus(directories.pop())) {
        if (entry.isDirectory()) {
          directories.push(entry.getPath());
        } else {
          files.add(entry);
        }
      }
    }
    return files;
  }

  /** Records the files in a directory, those in directories below it left out. */
  public static Map<String, FileRecord> recordTop(FileSystem fs, Path directory)
      throws IOException {
    Map<String, FileRecord> records = new TreeMap<>();
    for (FileStatus file : fs.listStatus(directory)) {
      String name = file.getPath().getName();
      if (file.isFile() && !name.equals(Manifest.FILE_NAME) && !isHidden(name)) {
        records.put(name, new FileRecord(file.getLen(), sha256(fs, file.getPath())));
      }
    }
    return records;
  }

  /** The prefix of the paths of files in a directory. A Path made of a URI may end in a slash. */
  private static String root(FileSystem fs, Path directory) {
    String path = fs.makeQualified(directory).toUri().getPath();
    return path.endsWith("/") ? path : path + "/";
  }

  /** Returns whether a file may be part of an artifact though its manifest doesn't list it. */
  static boolean isUnlisted(String name) {
    return name.equals(Manifest.FILE_NAME) || isHidden(name) || name.endsWith(PARQUET);
  }

  private static boolean isHidden(String name) {
    for (String part : name.split("/", -1)) {
      if (part.startsWith(".") || part.startsWith("_")) {
        return true;
      }
    }
    return false;
  }

  /** The SHA-256 of a file: 64 lower-case hexadecimal digits. */
  public static String sha256(FileSystem fs, Path file) throws IOException {
    MessageDigest digest = Hashes.newSha256();
    try (InputStream in = new DigestInputStream(fs.open(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The length of a file.
   *
   * @throws OctavoException if the manifest records no such file
   */
  public static long bytes(Path directory, Manifest manifest, String name) {
    return record(directory, manifest, name).bytes();
  }

  private static FileRecord record(Path directory, Manifest manifest, String name) {
    FileRecord record = manifest.files().get(name);
    if (record == null) {
      throw new OctavoException(
          "%s is not among the files that %s records: copy the artifact again, or recreate it"
              .formatted(new Path(directory, name), new Path(directory, Manifest.FILE_NAME)));
    }
    return record;
  }

  /**
   * Copies a file.
   *
   * @throws OctavoException if it isn't the one that was published
   */
  public static void copy(
      Configuration conf, Path directory, Manifest manifest, String name, OutputStream out)
      throws IOException {
    Path file = new Path(directory, name);
    FileRecord record = record(directory, manifest, name);
    FileSystem fs = file.getFileSystem(conf);
    requireLength(fs, file, record);
    MessageDigest digest = Hashes.newSha256();
    try (InputStream in = new DigestInputStream(fs.open(file), digest)) {
      in.transferTo(out);
    }
    if (record.sha256() != null
        && !record.sha256().equals(HexFormat.of().formatHex(digest.digest()))) {
      throw new OctavoException(
          ("%s was altered or damaged since it was published (its SHA-256 is not the one in the"
                  + " manifest): copy the artifact again, or recreate it")
              .formatted(file));
    }
  }

  /**
   * The text of a file.
   *
   * @throws OctavoException if it isn't the one that was published, or is far too long
   */
  public static String text(Configuration conf, Path directory, Manifest manifest, String name)
      throws IOException {
    long bytes = bytes(directory, manifest, name);
    if (bytes > MAX_TEXT_BYTES) {
      throw new OctavoException(
          "%s has %d bytes, more than the %d that are read"
              .formatted(new Path(directory, name), bytes, MAX_TEXT_BYTES));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    copy(conf, directory, manifest, name, out);
    return out.toString(StandardCharsets.UTF_8);
  }

  /**
   * Checks that all files that a manifest records are there, each as long as it was.
   *
   * @throws OctavoException if one isn't
   */
  public static void requireLengths(Configuration conf, Path directory, Manifest manifest)
      throws IOException {
    Map<String, Long> lengths = lengths(directory.getFileSystem(conf), directory);
    manifest
        .files()
        .forEach(
            (name, record) -> requireLength(new Path(directory, name), record, lengths.get(name)));
  }

  /** The lengths of the files in a directory and below, by path relative to it. */
  static Map<String, Long> lengths(FileSystem fs, Path directory) throws IOException {
    Map<String, Long> lengths = new TreeMap<>();
    String root = root(fs, directory);
    for (FileStatus file : list(fs, directory)) {
      lengths.put(file.getPath().toUri().getPath().substring(root.length()), file.getLen());
    }
    return lengths;
  }

  private static void requireLength(FileSystem fs, Path file, FileRecord record)
      throws IOException {
    requireLength(file, record, fs.exists(file) ? fs.getFileStatus(file).getLen() : null);
  }

  private static void requireLength(Path file, FileRecord record, Long length) {
    if (length == null || length != record.bytes()) {
      throw new OctavoException(
          "%s %s, but had %d bytes when it was published: copy the artifact again, or recreate it"
              .formatted(
                  file,
                  length == null ? "is missing" : "has %d bytes".formatted(length),
                  record.bytes()));
    }
  }
}
