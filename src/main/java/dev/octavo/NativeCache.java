package dev.octavo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The directory that DJL and JavaCPP unpack native libraries to and load them from, one that nobody
 * else can write to. Without a home directory both fall back on names below {@code java.io.tmpdir}
 * that anybody can make first.
 */
public final class NativeCache {
  /** Both an environment variable and a system property of DJL. */
  private static final String DJL = "DJL_CACHE_DIR";

  private static final String JAVACPP = "org.bytedeco.javacpp.cachedir";

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private NativeCache() {}

  /**
   * Names a directory of this user's own where the home directory can't be used. To be called
   * before the first native library is loaded.
   *
   * @throws OctavoException if somebody else made that directory
   */
  public static synchronized void require() {
    boolean djl = System.getenv(DJL) != null || System.getProperty(DJL) != null;
    boolean javacpp = System.getProperty(JAVACPP) != null;
    if ((djl && javacpp)
        || !FileSystems.getDefault().supportedFileAttributeViews().contains("unix")) {
      return;
    }
    try {
      if (isOwn(Path.of(System.getProperty("user.home")))) {
        return;
      }
      Path own = make(Path.of(System.getProperty("java.io.tmpdir")));
      if (!djl) {
        System.setProperty(DJL, own.resolve("djl").toString());
      }
      if (!javacpp) {
        System.setProperty(JAVACPP, own.resolve("javacpp").toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns whether this user can write to a directory and others can't. */
  static boolean isOwn(Path home) throws IOException {
    return Files.isDirectory(home)
        && Files.isWritable(home)
        && !Files.getPosixFilePermissions(home).contains(PosixFilePermission.OTHERS_WRITE);
  }

  /** Makes a directory for this user alone, or takes the one that was made before. */
  static Path make(Path temporary) throws IOException {
    Path probe = Files.createTempFile(temporary, "octavo-", "");
    PosixFileAttributes mine = Files.readAttributes(probe, PosixFileAttributes.class);
    Path directory = temporary.resolve("octavo-" + Files.getAttribute(probe, "unix:uid"));
    Files.delete(probe);
    try {
      return Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    } catch (FileAlreadyExistsException e) {
      PosixFileAttributes found =
          Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!found.isDirectory()
          || !found.owner().equals(mine.owner())
          || !OWNER_ONLY.containsAll(found.permissions())) {
        throw new OctavoException(
            "%s was made by somebody else or others can write to it, so no native library is loaded from there: give this user a home directory, or name directories of its own with %s and -D%s"
                .formatted(directory, DJL, JAVACPP),
            e);
      }
      return directory;
    }
  }
}
