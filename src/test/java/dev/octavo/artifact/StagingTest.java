package dev.octavo.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagingTest {
  private static final Configuration CONF = new Configuration();
  private static final Manifest MANIFEST = Manifest.of("model", Map.of(), Map.of(), Map.of());

  @TempDir private java.nio.file.Path directory;

  private Path target() {
    return new Path(directory.resolve("out").toString());
  }

  private long entries() throws IOException {
    try (Stream<java.nio.file.Path> files = Files.list(directory)) {
      return files.count();
    }
  }

  @Test
  void anArtifactAppearsOnlyWhenItIsPublished() throws IOException {
    try (Staging staging = Staging.open(CONF, target(), Staging.IfExists.FAIL)) {
      staging.fileSystem().create(new Path(staging.directory(), "part")).close();
      assertThat(directory.resolve("out")).doesNotExist();
      staging.publish(MANIFEST);
    }
    assertThat(directory.resolve("out/part")).exists();
    assertThat(Artifacts.manifest(CONF, target(), "model").id()).isEqualTo(MANIFEST.id());
    assertThat(entries()).isEqualTo(1);
  }

  @Test
  void whatIsNotPublishedLeavesNothingBehind() throws IOException {
    try (Staging staging = Staging.open(CONF, target(), Staging.IfExists.FAIL)) {
      staging.fileSystem().create(new Path(staging.directory(), "part")).close();
    }
    assertThat(entries()).isZero();
  }

  @Test
  void refusesToReplaceUnlessTold() throws IOException {
    publish(Staging.IfExists.FAIL);
    assertThatThrownBy(() -> publish(Staging.IfExists.FAIL))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("exists already")
        .hasMessageContaining("--overwrite");
    publish(Staging.IfExists.REPLACE);
    assertThat(entries()).isEqualTo(1);
  }

  @Test
  void neverReplacesADirectoryThatIsNoArtifact() throws IOException {
    Files.createDirectories(directory.resolve("out"));
    Files.writeString(directory.resolve("out/thesis.txt"), "years of work");
    assertThatThrownBy(() -> publish(Staging.IfExists.REPLACE))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("not an Octavo artifact");
    assertThat(directory.resolve("out/thesis.txt")).exists();
  }

  @Test
  void saysWhatIsWrongWithAPlaceThatHoldsNoArtifact() throws IOException {
    assertThatThrownBy(() -> Artifacts.manifest(CONF, target(), "model"))
        .hasMessageContaining("does not exist");
    Files.createDirectories(directory.resolve("out"));
    assertThatThrownBy(() -> Artifacts.manifest(CONF, target(), "model"))
        .hasMessageContaining("not a whole Octavo model");
    publish(Staging.IfExists.REPLACE);
    assertThatThrownBy(() -> Artifacts.manifest(CONF, target(), "dataset"))
        .hasMessageContaining("is a model, but a dataset was expected");
  }

  private void publish(Staging.IfExists ifExists) throws IOException {
    try (Staging staging = Staging.open(CONF, target(), ifExists)) {
      staging.publish(MANIFEST);
    }
  }
}
