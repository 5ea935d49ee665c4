package dev.octavo.fetch;

import static dev.octavo.fetch.LoopbackServer.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Hashes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dataset of four images, from a server on loopback to a folder that is ready for ingest. */
final class FetchTest {
  private static final Patience NONE =
      new Patience(2, Duration.ZERO, Duration.ofSeconds(20), Duration.ofSeconds(20));
  private static final String TRAIN = "bar/1.jpg\nnursery/baby's_room.jpg.jpg";
  private static final String TEST = "bar/2.jpg\nnursery/2.jpg";
  private static final String[] IMAGES = {
    "bar/1.jpg", "nursery/baby's_room.jpg", "bar/2.jpg", "nursery/2.jpg", "bar/extra.jpg"
  };

  @TempDir private Path folder;
  private final List<String> lines = new ArrayList<>();
  private LoopbackServer server;

  @BeforeEach
  void start() throws IOException {
    server = new LoopbackServer();
    server.at("/TrainImages.txt", file(bytes(TRAIN), "\"1\""));
    server.at("/TestImages.txt", file(bytes(TEST), "\"1\""));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] tar(String... images) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (String image : images) {
        TarArchiveEntry entry = new TarArchiveEntry("Images/" + image);
        entry.setSize(1);
        tar.putArchiveEntry(entry);
        tar.write(1);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private RemoteFile remote(String name, byte[] bytes) {
    return new RemoteFile(
        name,
        server.uri("/" + name),
        OptionalLong.of(bytes.length),
        Optional.of(Checksum.sha256(Hashes.sha256(bytes))));
  }

  private FetchResult fetch(byte[] tar, URI url) throws IOException {
    Publication published =
        new Publication(
            List.of(remote("TrainImages.txt", bytes(TRAIN)), remote("TestImages.txt", bytes(TEST))),
            Optional.of(remote("images.tar", tar)),
            "for research only");
    FetchSettings settings =
        new FetchSettings(Fetchable.INDOOR67, folder, Optional.ofNullable(url));
    return new Fetch(settings, published, NONE, lines::add).execute();
  }

  @Test
  void aDataSetIsReadyForIngest() throws IOException {
    byte[] tar = tar(IMAGES);
    server.at("/images.tar", file(tar, "\"1\""));
    FetchResult result = fetch(tar, null);
    assertThat(result.files())
        .containsExactly(folder.resolve("TrainImages.txt"), folder.resolve("TestImages.txt"));
    assertThat(result.images()).hasValue(folder.resolve("Images"));
    assertThat(result.terms()).isEqualTo("for research only");
    assertThat(folder.resolve("Images/bar/1.jpg")).hasSize(1);
    assertThat(lines)
        .contains(
            folder.resolve("Images") + ": 5 files of 2 classes; 4 of 4 listed images are there");
    // A second time, nothing is fetched or unpacked, though the archive is gone.
    Files.delete(folder.resolve("images.tar"));
    int requests = server.requests().size();
    assertThat(fetch(tar, null)).isEqualTo(result);
    assertThat(server.requests()).hasSize(requests);
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    byte[] tar = tar("bar/1.jpg", "nursery/2.jpg");
    server.at("/images.tar", file(tar, "\"1\""));
    assertThatThrownBy(() -> fetch(tar, null))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "2 of 4 listed images are missing in %s, or empty: move that folder away and run the same command again, or give a whole archive with --url"
                .formatted(folder.resolve("Images")));
    assertThat(lines).contains("  missing: bar/2.jpg", "  missing: nursery/baby's_room.jpg.jpg");
  }

  /** A server that says no size and breaks off leaves an archive that looks whole. */
  @Test
  void anArchiveThatNobodyKnowsIsSuspectedToo() throws IOException {
    byte[] tar = tar("bar/1.jpg", "nursery/2.jpg");
    server.at(
        "/copy.tar",
        (request, out) -> {
          LoopbackServer.head(out, "200 OK");
          out.write(tar, 0, 1024);
        });
    assertThatThrownBy(() -> fetch(tar(IMAGES), server.uri("/copy.tar")))
        .hasMessageContaining("move that folder and copy.tar away");
  }

  @Test
  void anEmptyFileIsMissing() throws IOException {
    byte[] tar = tar(IMAGES);
    server.at("/images.tar", file(tar, "\"1\""));
    fetch(tar, null);
    Files.write(folder.resolve("Images/bar/1.jpg"), new byte[0]);
    assertThatThrownBy(() -> fetch(tar, null)).hasMessageStartingWith("1 of 4 listed images");
  }

  /** As on sites that offer datasets: a zip with a folder around, and more in it. */
  @Test
  void anotherArchiveIsCheckedAgainstTheLists() throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(zipped)) {
      for (String image : IMAGES) {
        zip.putNextEntry(new ZipEntry("indoorCVPR_09/Images/" + image));
        zip.write(1);
      }
      zip.putNextEntry(new ZipEntry("indoorCVPR_09annotations/Annotations/bar/1.xml"));
      zip.write(1);
    }
    server.at("/copy/archive.zip", file(zipped.toByteArray(), "\"1\""));
    fetch(tar(IMAGES), server.uri("/copy/archive.zip?signature=secret"));
    assertThat(folder.resolve("Images/bar/extra.jpg")).hasSize(1);
    assertThat(folder.resolve("archive.zip")).exists();
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(4);
    }
    assertThat(lines).noneMatch(line -> line.contains("secret"));
  }

  @Test
  void anArchiveOfSomethingElseIsRefused() throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(zipped)) {
      zip.putNextEntry(new ZipEntry("flowers/1.jpg"));
    }
    server.at("/x.zip", file(zipped.toByteArray(), "\"1\""));
    assertThatThrownBy(() -> fetch(tar(IMAGES), server.uri("/x.zip")))
        .hasMessageContaining("x.zip holds no folder 'Images'");
    assertThat(folder.resolve(".Images.unpacking")).doesNotExist();
  }

  @Test
  void aFolderOfAllFilesIsHeldToWhatIsPublished() throws IOException {
    byte[] tar = tar(IMAGES);
    server.at("/mirror/TrainImages.txt", file(bytes(TRAIN), "\"1\""));
    server.at("/mirror/TestImages.txt", file(bytes(TEST), "\"1\""));
    server.at("/mirror/images.tar", file(tar("bar/1.jpg"), "\"1\""));
    assertThatThrownBy(() -> fetch(tar, server.uri("/mirror/")))
        .hasMessageContaining("/mirror/images.tar");
    server.at("/mirror/images.tar", file(tar, "\"1\""));
    fetch(tar, server.uri("/mirror/"));
    assertThat(server.requests()).allMatch(request -> request.path().startsWith("/mirror/"));
  }

  @Test
  void whatAKilledRunLeftIsRemoved() throws IOException {
    byte[] tar = tar(IMAGES);
    server.at("/images.tar", file(tar, "\"1\""));
    Files.createDirectories(folder.resolve(".Images.unpacking/Images/bar"));
    fetch(tar, null);
    assertThat(folder.resolve(".Images.unpacking")).doesNotExist();
  }

  @Test
  void saysThatItCannotWriteThere() throws IOException {
    Path blocked = Files.writeString(folder.resolve("file"), "");
    FetchSettings settings =
        new FetchSettings(Fetchable.INDOOR67, blocked.resolve("data"), Optional.empty());
    assertThatThrownBy(() -> new Fetch(settings, lines::add).execute())
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("can't be written (", "--to");
  }

  @Test
  void theNameOfWeightsBeginsTheirHash() {
    RemoteFile weights = Publication.of(Fetchable.RESNET50_WEIGHTS).files().get(0);
    String hash = weights.checksum().orElseThrow().hex();
    assertThat(weights.name()).isEqualTo("resnet50-" + hash.substring(0, 8) + ".pth");
    assertThat(weights.uri()).hasPath("/models/" + weights.name());
  }

  @Test
  void theListsAreThoseOfIndoor67() throws IOException {
    Path lists = Path.of("../shared/data/indoor67-lists");
    assumeThat(lists).exists();
    for (RemoteFile list : Publication.of(Fetchable.INDOOR67).files()) {
      Path file = lists.resolve(list.name());
      assertThat(file).hasSize(list.bytes().orElseThrow());
      Checksum expected = list.checksum().orElseThrow();
      assertThat(expected.of(file)).isEqualTo(expected);
    }
  }
}
