package dev.octavo.fetch;

import dev.octavo.OctavoException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Enumeration;
import java.util.concurrent.Callable;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveException;
import org.apache.commons.compress.archivers.ArchiveStreamFactory;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.utils.ChecksumVerifyingInputStream;

/**
 * Unpacks an archive, tar, tar.gz or zip by its content, into a new folder. Files and folders are
 * taken, without their owners, times and permissions; an archive that holds anything else, or a
 * name that leads out of the folder, is refused, since no archive of images has such things.
 */
final class Unpacker {
  private static final int BUFFER = 1 << 16;

  private final Path archive;
  private final Path folder;
  private final Bounds bounds;
  private int entries;
  private long bytes;

  /**
   * Bounds on what an archive may hold.
   *
   * @param entries files and folders
   * @param bytes in all files
   */
  record Bounds(int entries, long bytes) {
    /** Images are compressed already: what unpacks to four times its size is something else. */
    static Bounds of(Path archive) throws IOException {
      return new Bounds(200_000, 4 * Files.size(archive) + (16 << 20));
    }
  }

  private Unpacker(Path archive, Path folder, Bounds bounds) {
    this.archive = archive;
    this.folder = folder;
    this.bounds = bounds;
  }

  /**
   * Unpacks into a folder that doesn't exist yet.
   *
   * @throws OctavoException if the archive is damaged, or holds more than images need
   */
  static void unpack(Path archive, Path folder, Bounds bounds) throws IOException {
    Files.createDirectory(folder);
    new Unpacker(archive, folder.toRealPath(), bounds).unpack();
  }

  @SuppressWarnings("deprecation") // what follows it is not in Spark 3.5's Commons Compress
  private void unpack() throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(archive), BUFFER)) {
      switch (kind(in)) {
        case ArchiveStreamFactory.ZIP -> zip();
        case ArchiveStreamFactory.TAR -> tar(in);
        case "gz" -> tar(reading(() -> new GzipCompressorInputStream(in, true)));
        default ->
            throw new OctavoException(
                "%s is neither tar, tar.gz nor zip: delete it, and give a place that has the archive with --url"
                    .formatted(archive));
      }
    }
  }

  private static String kind(InputStream in) throws IOException {
    in.mark(2);
    byte[] start = in.readNBytes(2);
    in.reset();
    if (GzipCompressorInputStream.matches(start, start.length)) {
      return "gz";
    }
    try {
      return ArchiveStreamFactory.detect(in);
    } catch (ArchiveException e) {
      return "";
    }
  }

  private void tar(InputStream in) throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(in, StandardCharsets.UTF_8.name());
    while (this.<ArchiveEntry>reading(tar::getNextEntry) instanceof TarArchiveEntry entry) {
      if (entry.isSymbolicLink() || entry.isLink()) {
        throw refused("holds a link, '%s'".formatted(entry.getName()));
      }
      if (entry.isFIFO() || entry.isCharacterDevice() || entry.isBlockDevice()) {
        throw refused("holds a device, '%s'".formatted(entry.getName()));
      }
      if (entry.isSparse()) {
        throw refused("holds a sparse file, '%s'".formatted(entry.getName()));
      }
      add(entry.getName(), entry.isDirectory(), tar);
    }
  }

  /** By the directory at the end of the file, which alone says what kind each entry is. */
  @SuppressWarnings("deprecation") // what follows it is not in Spark 3.5's Commons Compress
  private void zip() throws IOException {
    try (ZipFile zip = reading(() -> new ZipFile(archive))) {
      Enumeration<ZipArchiveEntry> found = zip.getEntries();
      while (found.hasMoreElements()) {
        ZipArchiveEntry entry = found.nextElement();
        if (entry.isUnixSymlink()) {
          throw refused("holds a link, '%s'".formatted(entry.getName()));
        }
        if (!zip.canReadEntryData(entry)) {
          throw refused("holds an encrypted file, '%s'".formatted(entry.getName()));
        }
        try (InputStream in =
            new ChecksumVerifyingInputStream(
                new CRC32(),
                reading(() -> zip.getInputStream(entry)),
                entry.getSize(),
                entry.getCrc())) {
          add(entry.getName(), entry.isDirectory(), in);
        }
      }
    }
  }

  private void add(String name, boolean isFolder, InputStream in) throws IOException {
    if (++entries > bounds.entries()) {
      throw refused("holds more than %,d files and folders".formatted(bounds.entries()));
    }
    Path place = place(name);
    try {
      Files.createDirectories(isFolder ? place : place.getParent());
      if (!isFolder) {
        write(place, in);
      }
    } catch (FileAlreadyExistsException e) {
      throw refused("holds '%s' twice".formatted(name));
    }
  }

  private Path place(String name) {
    try {
      Path relative = Path.of(name);
      Path place = folder.resolve(relative).normalize();
      boolean leadsElsewhere =
          relative.isAbsolute()
              || name.indexOf('\\') >= 0
              || relative.startsWith("..")
              || !place.startsWith(folder);
      for (Path part : relative) {
        leadsElsewhere |= part.toString().equals("..");
      }
      if (leadsElsewhere) {
        throw refused("holds a name that leads elsewhere, '%s'".formatted(name));
      }
      return place;
    } catch (InvalidPathException e) {
      throw refused("holds a name that no file can have, '%s'".formatted(name));
    }
  }

  private void write(Path place, InputStream in) throws IOException {
    byte[] buffer = new byte[BUFFER];
    try (OutputStream out =
        Files.newOutputStream(place, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int read = reading(() -> in.read(buffer));
          read >= 0;
          read = reading(() -> in.read(buffer))) {
        bytes += read;
        if (bytes > bounds.bytes()) {
          throw refused("unpacks to more than %,d bytes".formatted(bounds.bytes()));
        }
        out.write(buffer, 0, read);
      }
    }
  }

  /** Reads from the archive: an error here is its damage, one of writing is not. */
  private <T> T reading(Callable<T> action) {
    try {
      return action.call();
    } catch (Exception e) { // damaged headers are runtime exceptions, too
      throw new OctavoException(
          "%s is damaged (%s): delete it and run the same command again"
              .formatted(archive, e.getMessage()),
          e);
    }
  }

  private OctavoException refused(String what) {
    return new OctavoException(
        "%s is not unpacked: it %s, as no archive of images does".formatted(archive, what));
  }
}
