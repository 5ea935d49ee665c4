package dev.octavo.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.ImageFormat;
import dev.octavo.image.codec.RgbImage;
import dev.octavo.image.codec.UndecodableImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DemoImagesTest {
  private static final int TRAIN = 8;
  private static final int TEST = 1;

  private Path directory;
  private Path set;
  private DemoImages.Result result;

  @BeforeAll
  void paint(@TempDir Path temporary) throws Exception {
    directory = temporary;
    set = directory.resolve("images");
    result = paint(set, 17);
  }

  @Test
  void hasThe67ClassesInOrder() {
    assertThat(IndoorClasses.NAMES).hasSize(67).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void everyClassHasALookOfItsOwn() {
    Set<Scene> looks = new HashSet<>();
    for (int label = 0; label < IndoorClasses.NAMES.size(); label++) {
      looks.add(Scene.of(label));
    }
    assertThat(looks).hasSize(67);
  }

  @Test
  void listsNameEveryFileAndOneThatIsMissing() throws IOException {
    List<String> train = Files.readAllLines(set.resolve("TrainImages.txt"));
    List<String> test = Files.readAllLines(set.resolve("TestImages.txt"));
    assertThat(train).hasSize(67 * TRAIN).doesNotHaveDuplicates();
    assertThat(test).hasSize(67 * TEST).doesNotContainAnyElementsOf(train);
    Set<String> listed = new HashSet<>(train);
    listed.addAll(test);
    Set<String> found = files(set).keySet();
    assertThat(found).hasSize(result.files()).isSubsetOf(listed);
    listed.removeAll(found);
    assertThat(listed).containsExactly("airport_inside/missing.jpg");
  }

  @Test
  void listsEndWithoutANewline() throws IOException {
    assertThat(Files.readString(set.resolve("TestImages.txt"))).endsWith(".jpg");
  }

  @Test
  void containsTheQuirksOfTheRealSet() throws Exception {
    assertThat(format("airport_inside_gif.jpg")).isEqualTo(ImageFormat.GIF);
    assertThat(format("terminal 1.jpg")).isEqualTo(ImageFormat.PNG);
    assertThat(channels("gray.jpg")).isEqualTo(1);
    assertThat(channels("printed.jpg")).isEqualTo(4);
    assertThat(format("traveller's photo of gate 2.jpg")).isEqualTo(ImageFormat.JPEG);
    assertThatThrownBy(() -> decode("broken.jpg")).isInstanceOf(UndecodableImageException.class);
  }

  @Test
  void fourInksGiveTheColoursThatWerePainted() throws Exception {
    long seed = 5;
    var painted = Scene.of(0).paint(seed);
    RgbImage decoded =
        ImageDecoder.decode(ImageEncoding.CMYK.encode(painted), DecodeLimits.DEFAULT);
    double difference = 0;
    for (int i = 0; i < decoded.pixels().length; i++) {
      int pixel = i / 3;
      int rgb = painted.getRGB(pixel % decoded.width(), pixel / decoded.width());
      difference += Math.abs((rgb >> (16 - 8 * (i % 3)) & 0xff) - (decoded.pixels()[i] & 0xff));
    }
    // JPEG's loss; inverted inks would be off by about 100 levels.
    assertThat(difference / decoded.pixels().length).isLessThan(8);
  }

  @Test
  void equalSeedsGiveEqualFiles() throws Exception {
    Path again = directory.resolve("again");
    paint(again, 17);
    assertThat(files(again)).isEqualTo(files(set));
  }

  @Test
  void anotherSeedGivesOtherImages() throws Exception {
    assertThat(ImageEncoding.PNG.encode(Scene.of(3).paint(1)))
        .isNotEqualTo(ImageEncoding.PNG.encode(Scene.of(3).paint(2)));
  }

  private static DemoImages.Result paint(Path out, long seed) throws Exception {
    var settings =
        new DemoImages.Settings(new org.apache.hadoop.fs.Path(out.toUri()), TRAIN, TEST, seed);
    return new DemoImages(new Configuration(), settings).execute();
  }

  private Map<String, Integer> files(Path set) throws IOException {
    Map<String, Integer> files = new TreeMap<>();
    Path images = set.resolve("Images");
    try (Stream<Path> walk = Files.walk(images)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        files.put(
            images.relativize(file).toString().replace('\\', '/'),
            Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return files;
  }

  private byte[] bytes(String name) throws IOException {
    return Files.readAllBytes(set.resolve("Images/airport_inside").resolve(name));
  }

  private ImageFormat format(String name) throws Exception {
    return ImageDecoder.probe(bytes(name), DecodeLimits.DEFAULT).format();
  }

  private int channels(String name) throws Exception {
    return ImageDecoder.probe(bytes(name), DecodeLimits.DEFAULT).channels();
  }

  private RgbImage decode(String name) throws Exception {
    return ImageDecoder.decode(bytes(name), DecodeLimits.DEFAULT);
  }
}
