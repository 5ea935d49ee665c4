package dev.octavo.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MissingPathTest {
  @TempDir private java.nio.file.Path directory;
  private FileSystem fs;

  @BeforeEach
  void layOut() throws IOException {
    fs = FileSystem.getLocal(new Configuration());
    for (String folder : new String[] {"demo/dataset", "demo/model", "demo/model-int8"}) {
      Files.createDirectories(directory.resolve(folder));
    }
  }

  private String hint(String path) {
    return MissingPath.hint(fs, new Path(directory + "/" + path));
  }

  private String didYouMean(String path) {
    return ": did you mean '%s/%s'?".formatted(directory, path);
  }

  @Test
  void namesTheNearestNeighbour() {
    assertThat(hint("demo/modle")).isEqualTo(didYouMean("demo/model"));
    assertThat(hint("demo/model-in8")).isEqualTo(didYouMean("demo/model-int8"));
  }

  @Test
  void keepsTheRestOfAPathWhereItIsThere() {
    assertThat(hint("dmeo/dataset")).isEqualTo(didYouMean("demo/dataset"));
    assertThat(hint("dmeo/datasett")).isEqualTo(didYouMean("demo"));
  }

  @Test
  void keepsTheSchemeOfThePath() {
    assertThat(MissingPath.hint(fs, new Path("file:" + directory + "/demoo")))
        .isEqualTo(": did you mean 'file:%s/demo'?".formatted(directory));
  }

  @Test
  void findsWhatIsMeantByARelativePath() {
    assertThat(MissingPath.hint(fs, new Path("pom.xm"))).isEqualTo(": did you mean 'pom.xml'?");
    assertThat(MissingPath.hint(fs, new Path("srcc/main"))).isEqualTo(": did you mean 'src/main'?");
  }

  @Test
  void saysNothingWhereNothingIsNear() throws IOException {
    assertThat(hint("demo/photos")).isEmpty();
    Files.writeString(directory.resolve("file"), "");
    assertThat(hint("file/in-a-file")).isEmpty();
    assertThat(hint("demo/mo")).as("two letters are of many names").isEmpty();
  }
}
