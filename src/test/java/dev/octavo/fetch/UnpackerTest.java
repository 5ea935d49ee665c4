package dev.octavo.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives, proper and hostile ones. */
final class UnpackerTest {
  private static final int SYMLINK = 0120777;

  @TempDir private Path folder;

  private interface Content<T> {
    void write(T archive) throws IOException;
  }

  private Path tar(Content<TarArchiveOutputStream> content) throws IOException {
    Path file = folder.resolve("x");
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(Files.newOutputStream(file), "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      content.write(tar);
    }
    return file;
  }

  private Path zip(Content<ZipArchiveOutputStream> content) throws IOException {
    Path file = folder.resolve("x");
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(file)) {
      content.write(zip);
    }
    return file;
  }

  private static void add(TarArchiveOutputStream tar, String name, String text) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    entry.setSize(bytes.length);
    entry.setMode(0104777); // set-user-id: permissions don't count
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  private static void add(ZipArchiveOutputStream zip, String name, int mode, byte[] bytes)
      throws IOException {
    ZipArchiveEntry entry = new ZipArchiveEntry(name);
    if (mode != 0) {
      entry.setUnixMode(mode);
    }
    zip.putArchiveEntry(entry);
    zip.write(bytes);
    zip.closeArchiveEntry();
  }

  private Path unpack(Path archive) throws IOException {
    Path to = folder.resolve("to");
    Unpacker.unpack(archive, to, Unpacker.Bounds.of(archive));
    return to;
  }

  private void assertRefused(Path archive, String words) throws IOException {
    assertThatThrownBy(() -> unpack(archive))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining(words)
        .hasMessageContaining(archive.toString());
    // Nothing but the archive and what was unpacked before: nothing next to them.
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString())).isSubsetOf("x", "to");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tar", "tar.gz", "zip"})
  void takesFilesAndFolders(String kind) throws IOException {
    String name = "Images/nursery/baby's room ü.jpg.jpg";
    Path archive =
        switch (kind) {
          case "zip" -> zip(zip -> add(zip, name, 0100644, "x".getBytes(StandardCharsets.UTF_8)));
          case "tar" -> tar(tar -> add(tar, "./" + name, "x"));
          default -> gzip(tar(tar -> add(tar, name, "x")));
        };
    Path to = unpack(archive);
    assertThat(to.resolve(name)).hasContent("x").matches(file -> !Files.isExecutable(file));
  }

  private static Path gzip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(bytes);
    }
    return file;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "Images/../../evil",
        "/tmp/evil",
        "a\\..\\..\\evil",
        "a/..",
        "..",
        "./../evil"
      })
  void refusesNamesThatLeadElsewhere(String name) throws IOException {
    assertRefused(tar(tar -> add(tar, name, "x")), "leads elsewhere");
    Files.delete(folder.resolve("to"));
    assertRefused(zip(zip -> add(zip, name, 0, new byte[1])), "leads elsewhere");
  }

  @Test
  void refusesANameThatNoFileCanHave() throws IOException {
    assertRefused(zip(zip -> add(zip, "a\0b", 0, new byte[1])), "a name that no file can have");
  }

  /** The classical pair: a link to elsewhere, and a file behind it. */
  @Test
  void refusesLinks() throws IOException {
    for (byte kind : new byte[] {TarConstants.LF_SYMLINK, TarConstants.LF_LINK}) {
      Path archive =
          tar(
              tar -> {
                TarArchiveEntry link = new TarArchiveEntry("Images", kind);
                link.setLinkName("..");
                tar.putArchiveEntry(link);
                tar.closeArchiveEntry();
                add(tar, "Images/evil", "x");
              });
      assertRefused(archive, "holds a link, 'Images'");
      Files.delete(folder.resolve("to"));
    }
    assertRefused(zip(zip -> add(zip, "Images", SYMLINK, new byte[] {'.', '.'})), "holds a link");
  }

  @Test
  void refusesDevices() throws IOException {
    for (byte kind : new byte[] {TarConstants.LF_FIFO, TarConstants.LF_CHR, TarConstants.LF_BLK}) {
      Path archive =
          tar(
              tar -> {
                tar.putArchiveEntry(new TarArchiveEntry("Images/x.jpg", kind));
                tar.closeArchiveEntry();
              });
      assertRefused(archive, "holds a device, 'Images/x.jpg'");
      Files.delete(folder.resolve("to"));
    }
  }

  /** 100 MB of zeros in 100 kB. */
  @Test
  void refusesABomb() throws IOException {
    Path archive = zip(zip -> add(zip, "Images/x.jpg", 0, new byte[100_000_000]));
    assertThat(archive).satisfies(file -> assertThat(Files.size(file)).isLessThan(200_000));
    assertRefused(archive, "unpacks to more than 17,");
    assertThat(folder.resolve("to/Images/x.jpg"))
        .satisfies(file -> assertThat(Files.size(file)).isLessThan(18_000_000));
  }

  @Test
  void refusesAGzippedBomb() throws IOException {
    Path archive = gzip(tar(tar -> add(tar, "Images/x.jpg", "0".repeat(50_000_000))));
    assertRefused(archive, "unpacks to more than");
  }

  @Test
  void refusesMoreFilesThanThereCanBe() throws IOException {
    Path archive =
        tar(
            tar -> {
              for (int i = 0; i < 11; i++) {
                add(tar, "f" + i, "");
              }
            });
    assertThatThrownBy(
            () -> Unpacker.unpack(archive, folder.resolve("to"), new Unpacker.Bounds(10, 1000)))
        .hasMessageContaining("holds more than 10 files and folders");
  }

  @Test
  void refusesTwoFilesOfOneName() throws IOException {
    Path twice =
        tar(
            tar -> {
              add(tar, "Images/a", "1");
              add(tar, "Images/./a", "2");
            });
    assertRefused(twice, "holds 'Images/./a' twice");
  }

  @Test
  void refusesAFileThatIsAFolder() throws IOException {
    Path both =
        tar(
            tar -> {
              add(tar, "Images", "1");
              add(tar, "Images/a", "2");
            });
    assertRefused(both, "holds 'Images/a' twice");
  }

  @Test
  void saysThatATarIsCutOff() throws IOException {
    Path archive = tar(tar -> add(tar, "Images/a", "x".repeat(5000)));
    Files.write(archive, Arrays.copyOf(Files.readAllBytes(archive), 3000));
    assertRefused(archive, "is damaged (");
  }

  @Test
  void saysThatAZipIsCutOff() throws IOException {
    Path archive = zip(zip -> add(zip, "Images/a", 0, new byte[5000]));
    Files.write(archive, Arrays.copyOf(Files.readAllBytes(archive), 60));
    assertRefused(archive, "is damaged (");
  }

  @Test
  void saysThatAByteOfAZipIsWrong() throws IOException {
    Path archive =
        zip(
            zip -> {
              ZipArchiveEntry entry = new ZipArchiveEntry("Images/a");
              entry.setMethod(ZipEntry.STORED);
              entry.setSize(5);
              entry.setCrc(0x3610a686); // of "hello"
              zip.putArchiveEntry(entry);
              zip.write("hello".getBytes(StandardCharsets.UTF_8));
              zip.closeArchiveEntry();
            });
    byte[] bytes = Files.readAllBytes(archive);
    int hello = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("hello");
    assertThat(unpack(archive).resolve("Images/a")).hasContent("hello");
    bytes[hello] ^= 1;
    Files.write(archive, bytes);
    assertThatThrownBy(
            () -> Unpacker.unpack(archive, folder.resolve("again"), Unpacker.Bounds.of(archive)))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("is damaged (");
  }

  @Test
  void saysThatAWebPageIsNoArchive() throws IOException {
    Path page = Files.writeString(folder.resolve("x"), "<html>" + " ".repeat(2000));
    assertRefused(page, "is neither tar, tar.gz nor zip");
  }
}
