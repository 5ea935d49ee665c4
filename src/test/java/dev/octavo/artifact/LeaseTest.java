package dev.octavo.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseTest {
  private static final Configuration CONF = new Configuration();

  @TempDir private java.nio.file.Path directory;

  private java.nio.file.Path file() {
    return directory.resolve(".out.lease");
  }

  private Lease take() throws IOException {
    return Lease.take(CONF, new Path(directory.resolve("out").toString()), "--out");
  }

  /** The lease of a driver that no longer is, or is elsewhere. */
  private void leave(String change, String to) throws IOException {
    String json;
    try (Lease lease = take()) {
      lease.verify();
      json = Files.readString(file());
    }
    Files.writeString(file(), json.replaceAll(change, to));
    // A checksum that belongs to the other text.
    Files.deleteIfExists(directory.resolve("..out.lease.crc"));
  }

  @Test
  void oneDriverHoldsItAtATime() throws IOException {
    try (Lease lease = take()) {
      assertThatThrownBy(this::take)
          .isInstanceOf(OctavoException.class)
          .hasMessageContaining("out is being written by process " + ProcessHandle.current().pid())
          .hasMessageContaining("wait for its end, or choose another --out");
      lease.verify();
    }
    assertThat(file()).doesNotExist();
    take().close();
  }

  @Test
  void itIsHeldWhileItIsWrittenAnew() throws Exception {
    ExecutorService beats = Executors.newSingleThreadExecutor();
    try (Lease lease = take()) {
      Future<?> beating =
          beats.submit(
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  lease.beat();
                }
              });
      while (!beating.isDone()) {
        lease.verify();
      }
      beating.get();
    } finally {
      beats.shutdown();
    }
    assertThat(file()).doesNotExist();
  }

  @Test
  void itLiesBesideADirectoryWhateverEndsItsPath() throws IOException {
    Files.createDirectory(directory.resolve("out"));
    Path slash = new Path(java.net.URI.create(directory.resolve("out").toUri().toString()));
    try (Lease lease = Lease.take(CONF, slash, "--out")) {
      assertThat(file()).exists();
      lease.verify();
    }
  }

  @Test
  void aProcessThatIsGoneLosesItAtOnce() throws IOException {
    leave("\"process\":\\d+", "\"process\":4194999");
    try (Lease lease = take()) {
      lease.verify();
    }
    leave("\"started\":\\d+", "\"started\":1");
    take().close();
  }

  @Test
  void anotherMachineLosesItAfterAMinuteOfSilence() throws IOException {
    leave("\"machine\":\"[^\"]+\"", "\"machine\":\"elsewhere\"");
    assertThatThrownBy(this::take).hasMessageContaining("is being written by process");
    Files.setLastModifiedTime(file(), FileTime.from(Instant.now().minus(Duration.ofSeconds(61))));
    take().close();
  }

  @Test
  void whoWasTakenOverNoticesAndLeavesTheOthersAlone() throws IOException {
    try (Lease lease = take()) {
      String json = Files.readString(file());
      Files.writeString(file(), json.replaceAll("\"token\":\"[^\"]+\"", "\"token\":\"other\""));
      Files.deleteIfExists(directory.resolve("..out.lease.crc"));
      assertThatThrownBy(lease::verify)
          .isInstanceOf(OctavoException.class)
          .hasMessageContaining("out was taken over by process");
    }
    assertThat(file()).exists();
  }
}
