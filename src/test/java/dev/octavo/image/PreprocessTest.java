package dev.octavo.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octavo.image.Resampler.Region;
import dev.octavo.image.augment.Augmentation;
import dev.octavo.image.augment.Augmentation.Crop;
import dev.octavo.image.augment.Augmentation.Policy;
import dev.octavo.image.augment.AutoAugment;
import dev.octavo.image.augment.Canvas;
import dev.octavo.image.augment.ColorJitter;
import dev.octavo.image.augment.SplitMix;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.RgbImage;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class PreprocessTest {
  private static final Path SHARED = Path.of("../shared");

  @Test
  void evaluationEqualsTorchvisionOnRealPhotos() throws Exception {
    assumeTrue(Files.isDirectory(SHARED.resolve("golden")), "../shared/golden is not there");
    List<byte[]> made = new ArrayList<>();
    Preprocess preprocess = Preprocess.evaluation(Preprocessing.ofSize(224));
    for (Path photo : photos()) {
      ByteBuffer buffer = ByteBuffer.allocate(preprocess.bytes());
      preprocess.apply(
          ImageDecoder.decode(Files.readAllBytes(photo), DecodeLimits.DEFAULT), buffer);
      assertThat(buffer.hasRemaining()).isFalse();
      made.add(buffer.array());
    }
    for (int i = 0; i < 6; i++) {
      byte[] file = Files.readAllBytes(SHARED.resolve("golden/crop%d.png".formatted(i)));
      byte[] expected = ImageDecoder.decode(file, DecodeLimits.DEFAULT).pixels();
      assertThat(made).as("crop%d.png".formatted(i)).anyMatch(m -> Arrays.equals(m, expected));
    }
  }

  @Test
  void squaresForScoringAreWithinALevelOfTorchvisionOnRealPhotos() throws Exception {
    assumeTrue(Files.isDirectory(SHARED.resolve("golden")), "../shared/golden is not there");
    List<ByteBuffer> made = new ArrayList<>();
    try (SquareDecoder decoder =
        new SquareDecoder(Set.of(Preprocessing.ofSize(224)), DecodeLimits.DEFAULT)) {
      for (Path photo : photos()) {
        ByteBuffer square = ByteBuffer.allocate(3 * 224 * 224);
        decoder.decode(Files.readAllBytes(photo), Map.of(Preprocessing.ofSize(224), square));
        made.add(square.flip());
      }
    }
    for (int i = 0; i < 6; i++) {
      byte[] file = Files.readAllBytes(SHARED.resolve("golden/crop%d.png".formatted(i)));
      ByteBuffer expected =
          ByteBuffer.wrap(ImageDecoder.decode(file, DecodeLimits.DEFAULT).pixels());
      assertThat(made)
          .as("crop%d.png".formatted(i))
          .anyMatch(square -> DecodeRate.Difference.of(expected, square).mean() <= 1);
    }
  }

  private static List<Path> photos() throws IOException {
    try (Stream<Path> tree = Files.walk(SHARED.resolve("data/folder/houses"))) {
      return tree.filter(p -> p.toString().endsWith(".jpg")).sorted().toList();
    }
  }

  @Property(tries = 200)
  void anyShapeOfImageFillsTheSquare(
      @ForAll @IntRange(min = 1, max = 400) int w,
      @ForAll @IntRange(min = 1, max = 400) int h,
      @ForAll @IntRange(min = 1, max = 64) int imageSize,
      @ForAll long seed,
      @ForAll Crop crop,
      @ForAll Policy policy) {
    RgbImage image = TestImages.pattern(w, h);
    ByteBuffer squares = ByteBuffer.allocateDirect(2 * 3 * imageSize * imageSize);
    Preprocess.evaluation(Preprocessing.ofSize(imageSize)).apply(image, squares);
    Augmentation augmentation = new Augmentation(crop, 0.2, 0.5, 0.4, policy, 0);
    Preprocess.training(Preprocessing.ofSize(imageSize), augmentation).apply(image, seed, squares);
    assertThat(squares.hasRemaining()).isFalse();
  }

  @Property(tries = 500)
  void randomRegionsLieWithinTheImageAndKeepTheRatio(
      @ForAll @IntRange(min = 20, max = 500) int w,
      @ForAll @IntRange(min = 20, max = 500) int h,
      @ForAll long seed) {
    Region region = Preprocess.randomRegion(w, h, 0.08, new SplitMix(seed));
    assertThat(region.x()).isBetween(0, w - region.width());
    assertThat(region.y()).isBetween(0, h - region.height());
    // Sides are rounded to pixels, so the ratio is bounded with half a pixel's play on each.
    assertThat((region.width() - 0.5) / (region.height() + 0.5)).isLessThanOrEqualTo(4.0 / 3);
    assertThat((region.width() + 0.5) / (region.height() - 0.5)).isGreaterThanOrEqualTo(0.75);
  }

  @Test
  void randomRegionsCoverTheStatedShareOfTheImage() {
    double smallest = 1;
    double largest = 0;
    double sum = 0;
    for (int i = 0; i < 2000; i++) {
      Region region = Preprocess.randomRegion(1000, 900, 0.08, new SplitMix(i));
      double share = region.width() * region.height() / 900_000.0;
      smallest = Math.min(smallest, share);
      largest = Math.max(largest, share);
      sum += share;
    }
    assertThat(smallest).isBetween(0.079, 0.12);
    assertThat(largest).isBetween(0.9, 1.0);
    // The mean of torchvision's own procedure: large areas of extreme ratio don't fit.
    assertThat(sum / 2000).isCloseTo(0.473, within(0.02));
  }

  @Test
  void augmentationIsAFunctionOfTheSampleSeed() {
    RgbImage image = TestImages.pattern(97, 61);
    Preprocess preprocess = Preprocess.training(Preprocessing.ofSize(32), Augmentation.DEFAULT);
    byte[] first = augmented(preprocess, image, Preprocess.sampleSeed(1, 0, "a/b.jpg"));
    byte[] otherEpoch = augmented(preprocess, image, Preprocess.sampleSeed(1, 1, "a/b.jpg"));
    byte[] again =
        augmented(
            Preprocess.training(Preprocessing.ofSize(32), Augmentation.DEFAULT),
            image,
            Preprocess.sampleSeed(1, 0, "a/b.jpg"));
    assertThat(again).isEqualTo(first);
    assertThat(otherEpoch).isNotEqualTo(first);
  }

  @ParameterizedTest
  @CsvSource({
    "97,61,32,25fa4624",
    "61,97,32,5efa0fa1",
    "300,200,64,27b91061",
    "20,400,16,ec5a7eae",
    "640,480,224,59bc83ce"
  })
  void theDefaultAugmentationIsPinned(int w, int h, int imageSize, String crc) {
    RgbImage image = TestImages.pattern(w, h);
    Preprocess preprocess =
        Preprocess.training(Preprocessing.ofSize(imageSize), Augmentation.DEFAULT);
    CRC32 actual = new CRC32();
    for (long seed = 0; seed < 8; seed++) {
      actual.update(augmented(preprocess, image, seed));
    }
    assertThat("%08x".formatted(actual.getValue()))
        .as("other pixels would change every training run with the default augmentation")
        .isEqualTo(crc);
  }

  @ParameterizedTest
  @EnumSource
  void everyPolicyAndJitterIsAFunctionOfTheSampleSeed(Policy policy) {
    RgbImage image = TestImages.pattern(97, 61);
    Augmentation augmentation = new Augmentation(Crop.RANDOM, 1, 0.5, 0.4, policy, 0);
    Preprocess reused = Preprocess.training(Preprocessing.ofSize(32), augmentation);
    byte[] previous = {};
    for (long seed = 0; seed < 50; seed++) {
      byte[] pixels = augmented(reused, image, seed);
      assertThat(
              augmented(Preprocess.training(Preprocessing.ofSize(32), augmentation), image, seed))
          .as("seed %d, whatever the instance did before", seed)
          .isEqualTo(pixels);
      assertThat(pixels).isNotEqualTo(previous);
      previous = pixels;
    }
  }

  @Test
  void withoutAugmentationTrainingSeesWhatEvaluationSees() {
    RgbImage image = TestImages.pattern(97, 61);
    ByteBuffer expected = ByteBuffer.allocate(3 * 32 * 32);
    Preprocess.evaluation(Preprocessing.ofSize(32)).apply(image, expected);
    Preprocess preprocess = Preprocess.training(Preprocessing.ofSize(32), Augmentation.NONE);
    for (long seed = 0; seed < 20; seed++) {
      assertThat(augmented(preprocess, image, seed)).isEqualTo(expected.array());
    }
  }

  @Test
  void randomCropsAreSquaresOfTheImageResizedForEvaluation() {
    RgbImage image = TestImages.pattern(40, 60);
    // 14 pixels of an image whose shorter side is 14 * 256 / 224 = 16.
    byte[] resized = ResamplerTest.resample(image, 16, 24);
    Set<ByteBuffer> squares = new HashSet<>();
    for (int y = 0; y <= 24 - 14; y++) {
      for (int x = 0; x <= 16 - 14; x++) {
        ByteBuffer square = ByteBuffer.allocate(3 * 14 * 14);
        for (int row = y; row < y + 14; row++) {
          square.put(resized, 3 * (row * 16 + x), 3 * 14);
        }
        squares.add(square.flip());
      }
    }
    Augmentation augmentation = new Augmentation(Crop.RANDOM, 1, 0, 0, Policy.NONE, 0);
    Preprocess preprocess = Preprocess.training(Preprocessing.ofSize(14), augmentation);
    Set<ByteBuffer> drawn = new HashSet<>();
    for (long seed = 0; seed < 500; seed++) {
      drawn.add(ByteBuffer.wrap(augmented(preprocess, image, seed)));
    }
    assertThat(drawn).isEqualTo(squares);
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "0.25, 200, 300", "1, 1000, 1000"})
  void mirrorsAsOftenAsAsked(double probability, int least, int most) {
    RgbImage image = TestImages.pattern(40, 60);
    byte[] plain =
        augmented(Preprocess.training(Preprocessing.ofSize(14), Augmentation.NONE), image, 0);
    Augmentation mirroring = new Augmentation(Crop.CENTER, 1, probability, 0, Policy.NONE, 0);
    Preprocess preprocess = Preprocess.training(Preprocessing.ofSize(14), mirroring);
    int mirrored = 0;
    for (long seed = 0; seed < 1000; seed++) {
      mirrored += Arrays.equals(augmented(preprocess, image, seed), plain) ? 0 : 1;
    }
    assertThat(mirrored).isBetween(least, most);
  }

  @Test
  void policyAndJitterFollowTheCropAndTheMirroring() {
    RgbImage image = TestImages.pattern(97, 61);
    Augmentation all = new Augmentation(Crop.CENTER, 1, 1, 0.4, Policy.TRIVIAL, 0);
    Augmentation mirrored = new Augmentation(Crop.CENTER, 1, 1, 0, Policy.NONE, 0);
    for (long seed = 0; seed < 50; seed++) {
      Canvas canvas = new Canvas(32, 32);
      canvas
          .writer()
          .put(augmented(Preprocess.training(Preprocessing.ofSize(32), mirrored), image, seed));
      SplitMix random = new SplitMix(seed);
      random.nextDouble(); // the mirroring's
      AutoAugment.apply(Policy.TRIVIAL, canvas, random);
      new ColorJitter(0.4).apply(canvas, random);
      assertThat(augmented(Preprocess.training(Preprocessing.ofSize(32), all), image, seed))
          .isEqualTo(canvas.pixels());
    }
  }

  @Test
  void sampleSeedsDifferByEachOfTheirParts() {
    assertThat(
            List.of(
                Preprocess.sampleSeed(1, 2, "a/b"),
                Preprocess.sampleSeed(2, 2, "a/b"),
                Preprocess.sampleSeed(1, 3, "a/b"),
                Preprocess.sampleSeed(1, 2, "a/c")))
        .doesNotHaveDuplicates();
    assertThat(Preprocess.sampleSeed(1, 2, "a/b"))
        .as("pinned: another value would change every training run")
        .isEqualTo(403538759036662617L);
  }

  @Test
  void refusesABufferThatIsTooSmallAndTrainingWithoutASeed() {
    RgbImage image = TestImages.pattern(9, 9);
    assertThatThrownBy(
            () ->
                Preprocess.evaluation(Preprocessing.ofSize(8))
                    .apply(image, ByteBuffer.allocate(191)))
        .isInstanceOf(BufferOverflowException.class);
    assertThatThrownBy(
            () ->
                Preprocess.training(Preprocessing.ofSize(8), Augmentation.DEFAULT)
                    .apply(image, ByteBuffer.allocate(192)))
        .hasMessage("training preprocessing needs a seed per sample");
    assertThatThrownBy(() -> Preprocessing.ofSize(0))
        .hasMessage("cropSize is 0, but must be a whole number from 1 to 4096");
  }

  private static byte[] augmented(Preprocess preprocess, RgbImage image, long seed) {
    ByteBuffer buffer = ByteBuffer.allocate(preprocess.bytes());
    preprocess.apply(image, seed, buffer);
    return buffer.array();
  }
}
