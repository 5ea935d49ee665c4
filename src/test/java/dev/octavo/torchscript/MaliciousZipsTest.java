package dev.octavo.torchscript;

import static dev.octavo.torchscript.WeightFileAssertions.refuses;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Zips of weights that are damaged, or not what they claim. */
class MaliciousZipsTest {
  private static final long[] SCALAR = {};

  @TempDir private Path directory;

  @Test
  void aStorageKeyCannotLeaveTheArchive() throws IOException {
    byte[] pickle = Pickles.oneTensor(1, 0, SCALAR, SCALAR);
    String text = new String(pickle, StandardCharsets.ISO_8859_1);
    String key = "X\u0001\0\0\0" + "0";
    assertThat(text).contains(key);
    byte[] outside =
        text.replace(key, "X\u000b\0\0\0" + "/etc/passwd").getBytes(StandardCharsets.ISO_8859_1);
    refuses(archive(outside, 4))
        .hasMessageContaining("storage '/etc/passwd' is not in the archive");
  }

  @Test
  void aPickleThatIsLargerThanAnyNetworksIsRefused() throws IOException {
    refuses(archive(new byte[60 << 20], 4))
        .hasMessageContaining(
            "entry 'archive/data.pkl' has 62914560 bytes, more than the 16777216 that are allowed");
  }

  @Test
  void entriesThatTogetherUnpackToFarMoreThanTheFileAreRefused() throws IOException {
    Map<String, byte[]> entries = Pickles.entries(Pickles.oneTensor(1, 0, SCALAR, SCALAR), 4);
    byte[] half = new byte[1 << 20]; // shrinks to a fortieth
    new java.util.Random(1).nextBytes(half);
    for (int i = 0; i < half.length; i++) {
      half[i] = i % 40 == 0 ? half[i] : 0;
    }
    for (int i = 1; i <= 80; i++) {
      entries.put("archive/data/" + i, half);
    }
    refuses(Pickles.zip(directory.resolve("big.pth"), ZipOutputStream.DEFLATED, entries))
        .hasMessageContaining("zip bomb?");
  }

  @Test
  void aZipBombIsRefusedByWhatItDeclares() throws IOException {
    Map<String, byte[]> entries = Pickles.entries(oneMegabyteTensor(), 4 << 20);
    Path file = Pickles.zip(directory.resolve("bomb.pth"), ZipOutputStream.DEFLATED, entries);
    refuses(file)
        .hasMessageContaining("zip bomb? Entry 'archive/data/0' declares 4194304 bytes out of ");
  }

  @Test
  void aZipThatUnderstatesWhatItUnpacksToIsRefused() throws IOException {
    Map<String, byte[]> entries = Pickles.entries(Pickles.oneTensor(2, 0, SCALAR, SCALAR), 4 << 20);
    Path file = Pickles.zip(directory.resolve("bomb.pth"), ZipOutputStream.DEFLATED, entries);
    setDeclaredSize(file, "archive/data/0", 8);
    refuses(file)
        .hasMessageContaining(
            "entry 'archive/data/0' does not have the 8 bytes that the zip declares");
  }

  @Test
  void aStoredEntryThatClaimsMoreThanTheFileIsRefused() throws IOException {
    Path file = archive(oneMegabyteTensor(), 8);
    setDeclaredSize(file, "archive/data/0", 4 << 20);
    refuses(file).hasMessageMatching("(?s).*(larger than the file|declares 4194304 bytes).*");
  }

  @Test
  void anArchiveWithoutItsStorageIsRefused() throws IOException {
    Map<String, byte[]> entries = Pickles.entries(oneMegabyteTensor(), 4 << 20);
    entries.remove("archive/data/0");
    refuses(Pickles.zip(directory.resolve("no.pth"), ZipOutputStream.STORED, entries))
        .hasMessageContaining("storage '0' is not in the archive");
  }

  @Test
  void aTruncatedZipIsRefusedWhereverItEnds() throws IOException {
    Path whole = archive(Pickles.oneTensor(1, 0, SCALAR, SCALAR), 4);
    byte[] bytes = Files.readAllBytes(whole);
    for (int length = 0; length < bytes.length; length += 7) {
      Path file = Files.write(directory.resolve("cut.pth"), Arrays.copyOf(bytes, length));
      refuses(file).hasMessageContaining("truncated");
    }
  }

  @Test
  void aFlippedBitInATensorIsNoticed() throws IOException {
    Path file = archive(Pickles.oneTensor(1, 0, SCALAR, SCALAR), 4);
    byte[] bytes = Files.readAllBytes(file);
    int data = indexOf(bytes, "archive/data/0") + "archive/data/0".length();
    bytes[data + 1] ^= 1;
    refuses(Files.write(file, bytes)).hasMessageContaining("its CRC-32 is not the one recorded");
  }

  @Test
  void bigEndianTensorsAreRefused() throws IOException {
    Map<String, byte[]> entries = Pickles.entries(oneMegabyteTensor(), 4 << 20);
    entries.put("archive/byteorder", "big".getBytes(StandardCharsets.US_ASCII));
    refuses(Pickles.zip(directory.resolve("big.pth"), ZipOutputStream.STORED, entries))
        .hasMessageContaining("byte order 'big', but only little-endian files are read");
  }

  @Test
  void aZipOfSomethingElseIsRefused() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>(Map.of("word/document.xml", new byte[3]));
    refuses(Pickles.zip(directory.resolve("a.docx"), ZipOutputStream.STORED, entries))
        .hasMessageContaining("not one that torch.save or torch.jit.save wrote");
  }

  private Path archive(byte[] pickle, int storageBytes) throws IOException {
    return Pickles.archive(directory, pickle, storageBytes);
  }

  private static byte[] oneMegabyteTensor() {
    return Pickles.oneTensor(1 << 20, 0, new long[] {1 << 20}, new long[] {1});
  }

  /** Changes an entry's uncompressed size in the zip's central directory. */
  private static void setDeclaredSize(Path file, String entry, int size) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int name = text.lastIndexOf(entry);
    int header = name - 46;
    ByteBuffer directory = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(directory.getInt(header)).as("central directory").isEqualTo(0x0201_4b50);
    directory.putInt(header + 24, size);
    Files.write(file, bytes);
  }

  private static int indexOf(byte[] bytes, String ascii) {
    return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(ascii);
  }
}
