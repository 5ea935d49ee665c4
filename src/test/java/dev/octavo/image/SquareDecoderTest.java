package dev.octavo.image;

import static dev.octavo.image.TestImages.buffered;
import static dev.octavo.image.TestImages.encode;
import static dev.octavo.image.TestImages.photo;
import static dev.octavo.image.TestImages.resource;
import static dev.octavo.image.TestImages.withExifOrientation;
import static dev.octavo.image.TestImages.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.NativeMemory;
import dev.octavo.image.codec.RgbImage;
import dev.octavo.image.codec.UndecodableImageException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SquareDecoderTest {
  private static final Path SHARED = Path.of("../shared");
  private static final Set<Preprocessing> SIZES = SquareOutcome.sizes(17, 32, 64);

  /** A small image in every format and kind of coding, none of which is reduced for 64 pixels. */
  static Map<String, byte[]> files() throws IOException {
    RgbImage photo = photo(93, 61);
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String format : List.of("jpg", "png", "gif", "bmp", "tiff")) {
      files.put(format, write(buffered(photo, BufferedImage.TYPE_INT_RGB), format));
    }
    for (String format : List.of("jpg", "png")) {
      files.put("gray " + format, write(buffered(photo, BufferedImage.TYPE_BYTE_GRAY), format));
    }
    files.put("palette", write(buffered(photo, BufferedImage.TYPE_BYTE_INDEXED), "png"));
    files.put("subsampled jpg", encode(photo, ".jpg"));
    files.put("progressive jpg", encode(photo, ".jpg", IMWRITE_JPEG_PROGRESSIVE, 1));
    files.put("webp", encode(photo, ".webp"));
    files.put("cmyk jpg", resource("cmyk.jpg"));
    files.put("ycck jpg", resource("ycck.jpg"));
    return files;
  }

  static Stream<String> kinds() throws IOException {
    return files().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void writesTheSameSquaresAsDecodingAndPreprocessing(String kind) throws Exception {
    byte[] file = files().get(kind);
    SquareOutcome outcome = SquareOutcome.of(file, SIZES);
    assertThat(outcome.decoded()).isTrue();
    assertThat(outcome).isEqualTo(SquareOutcome.separately(file, SIZES));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void readsEachOrientationTheSame(int orientation) throws Exception {
    byte[] file = withExifOrientation(files().get("subsampled jpg"), orientation);
    SquareOutcome outcome = SquareOutcome.of(file, SIZES);
    assertThat(outcome.decoded()).isTrue();
    assertThat(outcome).isEqualTo(SquareOutcome.separately(file, SIZES));
  }

  @Test
  void refusesWithTheSameReasonAndMessage() throws Exception {
    byte[] jpeg = files().get("jpg");
    DecodeLimits tight = new DecodeLimits(1000, jpeg.length);
    for (byte[] file :
        List.of(
            new byte[0],
            new byte[] {'<', 'h', 't', 'm', 'l', '>'},
            jpeg,
            Arrays.copyOf(jpeg, jpeg.length + 1),
            Arrays.copyOf(jpeg, jpeg.length / 2))) {
      try (SquareDecoder decoder = new SquareDecoder(SIZES, tight)) {
        SquareOutcome outcome = SquareOutcome.of(decoder, file, SIZES);
        assertThat(outcome.decoded()).isFalse();
        assertThat(outcome).isEqualTo(SquareOutcome.separately(file, SIZES, tight));
      }
    }
  }

  @Test
  void writesNothingOfARefusedFileOrIntoBuffersThatAreTooSmall() throws Exception {
    byte[] jpeg = files().get("jpg");
    Map<Preprocessing, ByteBuffer> buffers = SquareOutcome.buffers(SIZES);
    try (SquareDecoder decoder = new SquareDecoder(SIZES, DecodeLimits.DEFAULT)) {
      assertThatThrownBy(() -> decoder.decode(Arrays.copyOf(jpeg, jpeg.length - 3), buffers))
          .isInstanceOf(UndecodableImageException.class);
      buffers.get(Preprocessing.ofSize(64)).limit(3 * 64 * 64 - 1);
      assertThatThrownBy(() -> decoder.decode(jpeg, buffers))
          .isInstanceOf(BufferOverflowException.class);
    }
    buffers.forEach(
        (size, buffer) -> {
          assertThat(buffer.position()).isZero();
          assertThat(buffer).isEqualTo(ByteBuffer.allocate(size.bytes()).limit(buffer.limit()));
        });
  }

  @Test
  void whatAnInstanceDecodedBeforeMakesNoDifference() throws Exception {
    List<byte[]> files = new ArrayList<>(files().values());
    files.add(encode(photo(900, 700), ".jpg"));
    files.add(encode(photo(700, 901), ".jpg"));
    files.add(encode(photo(300, 200), ".png"));
    files.add(withExifOrientation(encode(photo(900, 700), ".jpg"), 6));
    files.add(Arrays.copyOf(files.get(0), 400));
    Random random = new Random(3);
    try (SquareDecoder reused = new SquareDecoder(SIZES, DecodeLimits.DEFAULT)) {
      for (int i = 0; i < 100; i++) {
        byte[] file = files.get(random.nextInt(files.size()));
        assertThat(SquareOutcome.of(reused, file, SIZES)).isEqualTo(SquareOutcome.of(file, SIZES));
      }
    }
  }

  @Test
  void keepsSmallMemoryAndLetsGoOfLarge() {
    try (NativeMemory memory = new NativeMemory()) {
      long address = memory.ofSize(1000).address();
      memory.trim();
      assertThat(memory.ofSize(900).address()).isEqualTo(address);
      memory.ofSize(NativeMemory.KEPT_BYTES + 1);
      assertThat(memory.buffer().capacity()).isGreaterThan(NativeMemory.KEPT_BYTES);
      memory.trim();
      assertThat(memory.buffer()).isNull();
    }
  }

  @Test
  void damagedFilesHaveTheSameOutcomeAsDecodedAndPreprocessed() throws Exception {
    long seed = Long.getLong("octavo.fuzz.seed", System.nanoTime());
    Random random = new Random(seed);
    List<byte[]> files = new ArrayList<>(files().values());
    // Reduced only for the smallest size, for which only the kind of outcome can be compared.
    Set<Preprocessing> small = SquareOutcome.sizes(4);
    DecodeLimits limits = new DecodeLimits(1_000_000, 1_000_000);
    int refused = 0;
    int rounds = 1500;
    try (SquareDecoder decoder = new SquareDecoder(SIZES, limits);
        SquareDecoder reducing = new SquareDecoder(small, limits)) {
      for (int i = 0; i < rounds; i++) {
        byte[] file = damage(files, random);
        SquareOutcome expected = SquareOutcome.separately(file, SIZES, limits);
        assertThat(SquareOutcome.of(decoder, file, SIZES))
            .as("round %d of -Doctavo.fuzz.seed=%d", i, seed)
            .isEqualTo(expected);
        assertThat(SquareOutcome.of(reducing, file, small).refusal())
            .as("reduced, round %d of -Doctavo.fuzz.seed=%d", i, seed)
            .isEqualTo(expected.refusal());
        refused += expected.decoded() ? 0 : 1;
      }
    }
    assertThat(refused).as("-Doctavo.fuzz.seed=%d", seed).isBetween(rounds / 10, rounds * 9 / 10);
  }

  /** Cut off, with some bits flipped, or with the first bytes of another file. */
  private static byte[] damage(List<byte[]> files, Random random) {
    byte[] file = files.get(random.nextInt(files.size())).clone();
    switch (random.nextInt(4)) {
      case 0 -> file = Arrays.copyOf(file, random.nextInt(file.length));
      case 1 -> {
        byte[] other = files.get(random.nextInt(files.size()));
        System.arraycopy(other, 0, file, 0, 2 + random.nextInt(30));
      }
      default -> {
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
          file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
    }
    return file;
  }

  @Test
  void decodesOddFilesAsDecodingAndPreprocessingDo() throws Exception {
    assumeTrue(Files.isDirectory(SHARED.resolve("data/nasty")), "../shared/data is not there");
    Set<Preprocessing> sizes = SquareOutcome.sizes(224);
    try (SquareDecoder reused = new SquareDecoder(sizes, DecodeLimits.DEFAULT)) {
      for (Path path : files(SHARED.resolve("data/nasty"))) {
        byte[] file = Files.readAllBytes(path);
        assertThat(SquareOutcome.of(reused, file, sizes))
            .as(path.toString())
            .isEqualTo(SquareOutcome.separately(file, sizes));
      }
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
