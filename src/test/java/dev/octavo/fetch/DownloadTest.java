package dev.octavo.fetch;

import static dev.octavo.fetch.LoopbackServer.broken;
import static dev.octavo.fetch.LoopbackServer.file;
import static dev.octavo.fetch.LoopbackServer.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Hashes;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from servers that break off, lie and change their files. */
final class DownloadTest {
  private static final Patience NONE =
      new Patience(3, Duration.ZERO, Duration.ofSeconds(20), Duration.ofSeconds(20));

  @TempDir private Path folder;
  private final byte[] bytes = new byte[100_000];
  private final List<String> lines = new ArrayList<>();
  private LoopbackServer server;

  @BeforeEach
  void start() throws IOException {
    new Random(17).nextBytes(bytes);
    server = new LoopbackServer();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private RemoteFile published(URI uri) {
    return new RemoteFile(
        "x.tar",
        uri,
        OptionalLong.of(bytes.length),
        Optional.of(Checksum.sha256(Hashes.sha256(bytes))));
  }

  private Path bring() throws IOException {
    return bring(NONE, published(server.uri("/x.tar")));
  }

  private Path bring(Patience patience, RemoteFile file) throws IOException {
    return new Download(patience, lines::add).bring(file, folder);
  }

  private void assertFails(String... words) {
    assertThatThrownBy(this::bring)
        .isInstanceOf(OctavoException.class)
        .message()
        .contains(words)
        .doesNotContain("\n");
    assertThat(folder.resolve("x.tar")).doesNotExist();
  }

  private void assertWhole() throws IOException {
    assertThat(bring()).hasBinaryContent(bytes);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve("x.tar"));
    }
  }

  @Test
  void bringsAFileOnce() throws IOException {
    server.at("/x.tar", file(bytes, "\"1\""));
    assertWhole();
    assertThat(lines)
        .containsExactly(folder.resolve("x.tar") + ": 100,000 bytes, its SHA-256 is right");
    assertWhole();
    assertThat(lines).last().isEqualTo(folder.resolve("x.tar") + " is there already");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void goesOnWhereTheConnectionBroke() throws IOException {
    server.at("/x.tar", broken(bytes, "\"1\"", 30_000));
    assertWhole();
    assertThat(server.requests())
        .extracting(request -> request.headers().getOrDefault("range", ""))
        .containsExactly("", "bytes=30000-", "bytes=60000-", "bytes=90000-");
    assertThat(server.requests().get(1).headers()).containsEntry("if-range", "\"1\"");
  }

  @Test
  void goesOnInTheNextRun() throws IOException {
    server.at(
        "/x.tar",
        (request, out) -> {
          if (request.start() == 0) {
            broken(bytes, "\"1\"", 30_000).write(request, out);
          }
        });
    assertFails("can't be fetched", "the same command goes on after the 30,000 bytes");
    server.at("/x.tar", file(bytes, "\"1\""));
    assertWhole();
    assertThat(server.requests().get(server.requests().size() - 1).start()).isEqualTo(30_000);
  }

  @Test
  void startsAnewWhereRangesAreIgnored() throws IOException {
    AtomicInteger count = new AtomicInteger();
    server.at(
        "/x.tar",
        (request, out) -> {
          head(out, "200 OK", "ETag: \"1\"", "Content-Length: " + bytes.length);
          out.write(bytes, 0, count.incrementAndGet() == 1 ? 30_000 : bytes.length);
        });
    assertWhole();
    assertThat(count).hasValue(2);
  }

  @Test
  void startsAnewWhenTheFileChangedMeanwhile() throws IOException {
    byte[] old = new byte[bytes.length];
    server.at(
        "/x.tar",
        (request, out) -> {
          broken(old, "\"0\"", 30_000).write(request, out);
          server.at("/x.tar", file(bytes, "\"1\""));
        });
    assertWhole();
  }

  @Test
  void appendsNothingToWhatCameFromAnotherPlace() throws IOException {
    server.at(
        "/other",
        (request, out) -> {
          if (request.start() == 0) {
            broken(new byte[bytes.length], "\"1\"", 30_000).write(request, out);
          }
        });
    assertThatThrownBy(() -> bring(NONE, published(server.uri("/other"))))
        .hasMessageContaining("30,000");
    server.at("/x.tar", file(bytes, "\"1\""));
    assertWhole();
  }

  @Test
  void refusesAServerThatSaysAnotherSize() throws IOException {
    server.at("/x.tar", (request, out) -> head(out, "200 OK", "Content-Length: 5000000000"));
    assertFails("has 5,000,000,000 bytes, but x.tar has 100,000", "--url");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void takesNoMoreBytesThanThereCanBe() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    server.at(
        "/x.tar",
        (request, out) -> {
          head(out, "200 OK");
          try {
            while (true) {
              out.write(bytes);
            }
          } finally {
            left.countDown();
          }
        });
    assertFails("sends more than the 100,000 bytes that x.tar may have");
    assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(folder.resolve("x.tar.part"))
        .satisfiesAnyOf(
            part -> assertThat(part).doesNotExist(),
            part -> assertThat(Files.size(part)).isLessThanOrEqualTo(bytes.length));
  }

  /** As of a server that says no size and closes: too few bytes are no file. */
  @Test
  void takesTooFewBytesForABrokenConnection() throws IOException {
    server.at(
        "/x.tar",
        (request, out) -> {
          head(out, "200 OK", "ETag: \"1\"");
          out.write(bytes, 0, 40_000);
          server.at("/x.tar", file(bytes, "\"1\""));
        });
    assertWhole();
    assertThat(lines).anyMatch(line -> line.contains("the connection ended early"));
    assertThat(server.requests()).last().matches(request -> request.start() == 40_000);
  }

  @Test
  void refusesOtherBytesOfTheSameSizeAndForgetsThem() throws IOException {
    server.at("/x.tar", file(new byte[bytes.length], "\"1\""));
    assertFails("what came from", "SHA-256", Hashes.sha256(bytes));
    assertThat(folder.resolve("x.tar.part")).doesNotExist();
  }

  @Test
  void refusesBytesFromTheMiddleThatNobodyAskedFor() throws IOException {
    server.at(
        "/x.tar",
        (request, out) -> {
          if (request.start() == 0) {
            broken(bytes, "\"1\"", 30_000).write(request, out);
          } else {
            head(out, "206 Partial Content", "Content-Range: bytes 50000-99999/100000");
            out.write(bytes, 50_000, 50_000);
          }
        });
    assertFails("the server sent other bytes than asked for");
  }

  @Test
  void startsAnewWhenTheServerHasLessThanIsHere() throws IOException {
    Files.write(folder.resolve("x.tar.part"), new byte[99_999]);
    Files.writeString(folder.resolve("x.tar.part.from"), server.uri("/x.tar") + "\n\"0\"\n");
    server.at(
        "/x.tar",
        (request, out) -> {
          if (request.start() > 0) {
            head(out, "416 Range Not Satisfiable", "Content-Range: bytes */50000");
          } else {
            file(bytes, "\"1\"").write(request, out);
          }
        });
    assertWhole();
  }

  @Test
  void triesAgainWhenTheServerIsBusy() throws IOException {
    server.at(
        "/x.tar",
        (request, out) -> {
          head(out, "503 Service Unavailable", "Content-Length: 0");
          server.at("/x.tar", file(bytes, "\"1\""));
        });
    assertWhole();
    assertThat(lines).first().asString().contains("the server answered 503, trying again in 0 s");
  }

  @Test
  void saysThatAFileIsNotThereAndTriesNoMore() {
    assertFails("answered 404 where x.tar was expected", "--url");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void givesUpOnAServerThatSaysNothing() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    server.at(
        "/x.tar",
        (request, out) -> {
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    Patience patience =
        new Patience(2, Duration.ZERO, Duration.ofMillis(300), Duration.ofSeconds(20));
    assertThatThrownBy(() -> bring(patience, published(server.uri("/x.tar"))))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("not a byte came for 0 s");
    end.countDown();
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void saysThatNobodyListens() throws IOException {
    URI gone = server.uri("/x.tar");
    server.close();
    assertThatThrownBy(() -> bring(NONE, published(gone)))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining(gone + " can't be fetched")
        .hasMessageContaining("proxy");
  }

  @Test
  void followsARedirectAndKeepsSecretsOfAnAddressToItself() throws IOException {
    server.at(
        "/old",
        (request, out) ->
            head(
                out,
                "302 Found",
                "Location: " + server.uri("/gone?token=secret"),
                "Content-Length: 0"));
    assertThatThrownBy(() -> bring(NONE, published(server.uri("/old?key=secret"))))
        .hasMessageContaining("answered 404")
        .hasMessageNotContaining("secret");
    server.at("/gone", file(bytes, "\"1\""));
    assertThat(bring(NONE, published(server.uri("/old")))).hasBinaryContent(bytes);
  }

  @Test
  void replacesNoOtherFile() throws IOException {
    Files.writeString(folder.resolve("x.tar"), "mine");
    server.at("/x.tar", file(bytes, "\"1\""));
    assertThatThrownBy(this::bring)
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("is there (4 bytes) and is not the published file: move it away");
    assertThat(folder.resolve("x.tar")).hasContent("mine");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void oneProcessAtATimeFetchesAFile() throws IOException {
    try (PartialFile held = PartialFile.open(folder.resolve("x.tar"))) {
      assertThat(held.size()).isZero();
      assertFails("is being fetched by another process");
    }
    server.at("/x.tar", file(bytes, "\"1\""));
    assertWhole();
  }

  @Test
  void saysHowFarItIs() {
    assertThat(
            Progress.line(
                "x.tar",
                500_000_000,
                1_000_000_000,
                OptionalLong.of(2_592_010_240L),
                50_000_000_000L))
        .isEqualTo("x.tar: 1,000.0 of 2,592.0 MB, 10.0 MB/s, about 3 min left");
    assertThat(Progress.line("x.tar", 0, 5_000_000, OptionalLong.empty(), 1_000_000_000L))
        .isEqualTo("x.tar: 5.0 MB, 0.0 MB/s");
  }
}
