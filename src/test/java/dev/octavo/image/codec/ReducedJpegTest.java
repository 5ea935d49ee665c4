package dev.octavo.image.codec;

import static dev.octavo.image.TestImages.buffered;
import static dev.octavo.image.TestImages.encode;
import static dev.octavo.image.TestImages.photo;
import static dev.octavo.image.TestImages.withExifOrientation;
import static dev.octavo.image.TestImages.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octavo.image.DecodeRate.Difference;
import dev.octavo.image.Preprocess;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.SquareOutcome;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JPEGs that are decoded at a fraction of their size. */
final class ReducedJpegTest {
  private static final Path HOUSES = Path.of("../shared/data/folder/houses");

  @ParameterizedTest
  @CsvSource({
    "742, 112, 1", // the shorter side becomes 128, of which 2.9 × 2 is 742.4
    "743, 112, 2",
    "1484, 112, 2",
    "1485, 112, 4",
    "3000, 224, 4", // 12 megapixels
    "9000, 112, 8",
    "60000, 112, 8"
  })
  void reducesAJpegThatStaysLargeEnough(int shorter, int imageSize, int reduction) {
    ImageInfo info = new ImageInfo(ImageFormat.JPEG, shorter, 65535, 3, 6);
    assertThat(
            new JpegHeader(info, 0xc0, 1, 0)
                .reduction(Preprocessing.ofSize(imageSize).resizeSize()))
        .isEqualTo(reduction);
  }

  @ParameterizedTest
  @CsvSource({"0xc0, 1, 8", "0xc2, 3, 8", "0xc0, 4, 1", "0xc3, 3, 1", "0xc9, 3, 1"})
  void reducesOnlyHuffmanCodedTransformsOfGrayAndColour(String frame, int channels, int reduction) {
    ImageInfo info = new ImageInfo(ImageFormat.JPEG, 9000, 9000, channels, 1);
    assertThat(new JpegHeader(info, Integer.decode(frame), 1, 0).reduction(128))
        .isEqualTo(reduction);
  }

  @ParameterizedTest
  @CsvSource({
    "331, 257, 2",
    "332, 258, 2",
    "333, 259, 4",
    "431, 357, 8",
    "335, 560, 4",
    "336, 336, 4"
  })
  void aReducedImageIsWithinHalfALevelOfTheFullOneInEveryOrientation(
      int width, int height, int reduction) throws Exception {
    int imageSize = (int) (Math.min(width, height) / (2.9 * reduction) * 224 / 256);
    for (byte[] jpeg :
        List.of(
            encode(photo(width, height), ".jpg"),
            encode(photo(width, height), ".jpg", IMWRITE_JPEG_PROGRESSIVE, 1),
            write(buffered(photo(width, height), BufferedImage.TYPE_BYTE_GRAY), "jpg"))) {
      for (int orientation = 1; orientation <= 8; orientation++) {
        byte[] file = withExifOrientation(jpeg, orientation);
        Set<Preprocessing> sizes = SquareOutcome.sizes(imageSize, imageSize / 2);
        for (Preprocessing size : sizes) {
          Difference difference = difference(file, sizes, size);
          assertThat(difference.mean()).as("orientation %d", orientation).isLessThan(0.5);
          assertThat(difference.max()).as("orientation %d", orientation).isLessThanOrEqualTo(3);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 101", "4, 101", "8, 101", "4, 103", "8, 99", "8, 97"})
  void aSlopeStaysWhereItIsWhenItIsReduced(int reduction, int length) {
    // The means of n × n pixels of a slope, made here: what is left is the filter's own error.
    int samples = (length + reduction - 1) / reduction;
    byte[] means = new byte[3 * samples * samples];
    for (int y = 0, i = 0; y < samples; y++) {
      for (int x = 0; x < samples; x++, i += 3) {
        means[i] = (byte) (2 * x * reduction + reduction - 1);
        means[i + 1] = (byte) (2 * y * reduction + reduction - 1);
      }
    }
    byte[] slope = new byte[3 * length * length];
    for (int y = 0, i = 0; y < length; y++) {
      for (int x = 0; x < length; x++, i += 3) {
        slope[i] = (byte) (2 * x);
        slope[i + 1] = (byte) (2 * y);
      }
    }
    PixelView full = PixelView.of(ByteBuffer.wrap(slope), length, length);
    PixelView reduced = PixelView.reduced(ByteBuffer.wrap(means), length, length, reduction);
    for (int orientation = 1; orientation <= 8; orientation++) {
      Preprocess preprocess = Preprocess.evaluation(Preprocessing.ofSize(9));
      ByteBuffer expected = ByteBuffer.allocate(preprocess.bytes());
      ByteBuffer actual = ByteBuffer.allocate(preprocess.bytes());
      preprocess.apply(Orientation.apply(full, orientation), 0, expected);
      preprocess.apply(Orientation.apply(reduced, orientation), 0, actual);
      assertThat(Difference.of(expected.flip(), actual.flip()).max())
          .as("orientation %d, in levels, of which a pixel is two", orientation)
          .isLessThanOrEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {28, 112})
  void realPhotosAreWithinHalfALevel(int imageSize) throws Exception {
    assumeTrue(Files.isDirectory(HOUSES), "../shared/data is not there");
    Preprocessing size = Preprocessing.ofSize(imageSize);
    Set<Preprocessing> sizes = Set.of(size);
    int reduced = 0;
    for (Path path : photos()) {
      byte[] file = Files.readAllBytes(path);
      Difference difference = difference(file, sizes, size);
      assertThat(difference.mean()).as(path.toString()).isLessThanOrEqualTo(0.5);
      reduced += difference.max() > 0 ? 1 : 0;
    }
    assertThat(reduced).isPositive();
  }

  private static Difference difference(byte[] file, Set<Preprocessing> sizes, Preprocessing size) {
    return Difference.of(
        SquareOutcome.separately(file, sizes).squares().get(size),
        SquareOutcome.of(file, sizes).squares().get(size));
  }

  private static List<Path> photos() throws IOException {
    try (Stream<Path> tree = Files.walk(HOUSES)) {
      return tree.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
