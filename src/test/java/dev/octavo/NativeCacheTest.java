package dev.octavo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NativeCacheTest {
  @TempDir private Path directory;

  @Test
  void aHomeThatOthersCanWriteToIsNone() throws IOException {
    assertThat(NativeCache.isOwn(directory)).isTrue();
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(NativeCache.isOwn(directory)).isFalse();
    assertThat(NativeCache.isOwn(directory.resolve("nonexistent"))).isFalse();
  }

  @Test
  void theDirectoryIsForItsUserAlone() throws IOException {
    Path own = NativeCache.make(directory);
    assertThat(Files.getPosixFilePermissions(own))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(NativeCache.make(directory)).isEqualTo(own);
    assertThat(directory).isDirectoryContaining(own::equals);
    try (var entries = Files.list(directory)) {
      assertThat(entries).hasSize(1);
    }
  }

  @Test
  void oneThatOthersCanWriteToIsRefused() throws IOException {
    Path own = NativeCache.make(directory);
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxr-x"));
    assertRefused(own);
  }

  @Test
  void soIsALinkToAnotherPlace() throws IOException {
    Path own = NativeCache.make(directory);
    Files.move(own, directory.resolve("elsewhere"));
    Files.createSymbolicLink(own, directory.resolve("elsewhere"));
    assertRefused(own);
  }

  private void assertRefused(Path own) {
    assertThatThrownBy(() -> NativeCache.make(directory))
        .isInstanceOf(OctavoException.class)
        .hasMessageStartingWith(own + " was made by somebody else or others can write to it")
        .hasMessageContaining("DJL_CACHE_DIR");
  }
}
