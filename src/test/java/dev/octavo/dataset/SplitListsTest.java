package dev.octavo.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Hashes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SplitListsTest {
  @TempDir private Path directory;

  @Test
  void readsNamesWithSpacesDotsAndApostrophesAndNoLastNewline() throws IOException {
    String train = "laundromat/laundry room.jpg\nnursery/baby's_room.jpg.jpg\nmall/a.b.c.jpg";
    SplitLists lists = read(train, "\ufeffmall/x.jpg\r\n\r\nmall/y.jpg\r\n");
    assertThat(lists.train())
        .containsExactly(
            "laundromat/laundry room.jpg", "mall/a.b.c.jpg", "nursery/baby's_room.jpg.jpg");
    assertThat(lists.test()).containsExactly("mall/x.jpg", "mall/y.jpg");
    assertThat(lists.repeated()).isZero();
    assertThat(lists.trainSha256())
        .isEqualTo(Hashes.sha256(train.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void countsARepeatedLineOnce() throws IOException {
    SplitLists lists = read("a/1.jpg\na/1.jpg\na/2.jpg", "a/3.jpg");
    assertThat(lists.train()).hasSize(2);
    assertThat(lists.repeated()).isEqualTo(1);
  }

  @Test
  void refusesAnImageThatIsInBothLists() {
    assertThatThrownBy(() -> read("a/1.jpg\na/2.jpg", "a/2.jpg"))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage(
            "1 images are in the train list and in the test list, such as 'a/2.jpg': remove them"
                + " from one");
  }

  @Test
  void refusesALineWithoutAClassAndSaysWhere() {
    assertThatThrownBy(() -> read("a/1.jpg\n2.jpg", "a/3.jpg"))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageEndingWith("train.txt, line 2: '2.jpg' is not a class/file");
  }

  @Test
  void readsUtf16AndPathsThatBeginWithADot() throws IOException {
    Files.write(
        directory.resolve("train.txt"), "\ufeffa/ä.jpg\r\n".getBytes(StandardCharsets.UTF_16LE));
    Files.writeString(directory.resolve("test.txt"), "./a/2.jpg\n././a/3.jpg\n");
    SplitLists lists = SplitLists.read(new Configuration(), list("train.txt"), list("test.txt"));
    assertThat(lists.train()).containsExactly("a/ä.jpg");
    assertThat(lists.test()).containsExactly("a/2.jpg", "a/3.jpg");
    Files.write(directory.resolve("train.txt"), "a/ä.jpg".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(
            () -> SplitLists.read(new Configuration(), list("train.txt"), list("test.txt")))
        .hasMessageEndingWith("train.txt is not in UTF-8: save it as UTF-8");
  }

  @Test
  void saysWhatToDoAboutOtherKindsOfPaths() {
    assertThatThrownBy(() -> read("a\\1.jpg", "a/3.jpg"))
        .hasMessageEndingWith("line 1: 'a\\1.jpg' is not a class/file: write / in place of \\");
    for (String line : new String[] {"/data/a/1.jpg", "C:\\data\\a\\1.jpg", "file:/data/a/1.jpg"}) {
      assertThatThrownBy(() -> read(line, "a/3.jpg"))
          .hasMessageEndingWith(
              "is not a class/file: paths start at the folder of --images, so take what comes"
                  + " before the class away");
    }
  }

  private org.apache.hadoop.fs.Path list(String name) {
    return new org.apache.hadoop.fs.Path(directory.resolve(name).toUri());
  }

  @Test
  void refusesAnEmptyOrMissingList() {
    assertThatThrownBy(() -> read("a/1.jpg", "\n"))
        .hasMessageMatching("the list .*test.txt names no images");
    var nowhere = new org.apache.hadoop.fs.Path(directory.resolve("nowhere.txt").toUri());
    assertThatThrownBy(() -> SplitLists.read(new Configuration(), nowhere, nowhere))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageMatching("the list .*nowhere.txt does not exist");
  }

  private SplitLists read(String train, String test) throws IOException {
    Path trainList = Files.writeString(directory.resolve("train.txt"), train);
    Path testList = Files.writeString(directory.resolve("test.txt"), test);
    return SplitLists.read(
        new Configuration(),
        new org.apache.hadoop.fs.Path(trainList.toUri()),
        new org.apache.hadoop.fs.Path(testList.toUri()));
  }
}
