package dev.octavo.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Destination.IfExists;
import dev.octavo.artifact.Destination.Input;
import dev.octavo.artifact.Destination.Inside;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagingTest {
  private static final Configuration CONF = new Configuration();
  private static final Manifest MANIFEST = Manifest.of("model", Map.of(), Map.of(), Map.of());

  @TempDir private java.nio.file.Path directory;

  @BeforeEach
  void renameUndisturbed() {
    InterferingFileSystem.beforeRename = (from, to) -> {};
  }

  private Path target() {
    return new Path(directory.resolve("out").toString());
  }

  private Staging open(IfExists ifExists, Input... inputs) throws IOException {
    return Staging.open(CONF, target(), "model", ifExists, List.of(inputs));
  }

  private List<String> entries() throws IOException {
    try (Stream<java.nio.file.Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private Input input(String name, Inside inside) throws IOException {
    return new Input(
        "--data", new Path(Files.createDirectories(directory.resolve(name)).toString()), inside);
  }

  @Test
  void anArtifactAppearsOnlyWhenItIsPublished() throws IOException {
    try (Staging staging = open(IfExists.FAIL)) {
      staging.fileSystem().create(new Path(staging.directory(), "part")).close();
      assertThat(directory.resolve("out")).doesNotExist();
      staging.publish(MANIFEST);
    }
    assertThat(directory.resolve("out/part")).exists();
    Manifest published = Artifacts.manifest(CONF, target(), "model");
    assertThat(published.settings()).isEqualTo(MANIFEST.settings());
    assertThat(published.files())
        .containsExactly(
            Map.entry(
                "part",
                new FileRecord(
                    0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")));
    assertThat(entries()).containsExactly("out");
  }

  @Test
  void aPathMayEndInASlash() throws IOException {
    try (Staging staging = open(IfExists.FAIL)) {
      staging.fileSystem().create(new Path(staging.directory(), "part")).close();
      staging.publish(MANIFEST);
    }
    Path slash = new Path(java.net.URI.create(directory.resolve("out").toUri() + "/"));
    ArtifactFiles.requireLengths(CONF, slash, Artifacts.manifest(CONF, slash, "model"));
    assertThat(ArtifactFiles.record(slash.getFileSystem(CONF), slash)).containsOnlyKeys("part");
  }

  @Test
  void whatIsNotPublishedLeavesNothingBehind() throws IOException {
    try (Staging staging = open(IfExists.FAIL)) {
      staging.fileSystem().create(new Path(staging.directory(), "part")).close();
    }
    assertThat(entries()).isEmpty();
  }

  @Test
  void refusesToReplaceUnlessTold() throws IOException {
    publish(IfExists.FAIL);
    assertThatThrownBy(() -> publish(IfExists.FAIL))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("exists already")
        .hasMessageContaining("--overwrite");
    publish(IfExists.REPLACE);
    assertThat(entries()).containsExactly("out");
  }

  @Test
  void neverReplacesADirectoryThatIsNoArtifact() throws IOException {
    Files.createDirectories(directory.resolve("out"));
    Files.writeString(directory.resolve("out/thesis.txt"), "years of work");
    assertThatThrownBy(() -> publish(IfExists.REPLACE))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("not an Octavo artifact");
    assertThat(directory.resolve("out/thesis.txt")).exists();
  }

  @Test
  void neverReplacesAnArtifactOfAnotherKind() throws IOException {
    publish(IfExists.FAIL);
    assertThatThrownBy(() -> Staging.open(CONF, target(), "dataset", IfExists.REPLACE, List.of()))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("out is a model, and only a dataset would be replaced");
    assertThat(directory.resolve("out/manifest.json")).exists();
  }

  @Test
  void whatAppearsMeanwhileIsLeftAndTheWorkIsKept() throws IOException {
    assertThatThrownBy(
            () -> {
              try (Staging staging = open(IfExists.REPLACE)) {
                staging.fileSystem().create(new Path(staging.directory(), "part")).close();
                Files.createDirectories(directory.resolve("out"));
                Files.writeString(directory.resolve("out/precious.txt"), "years of work");
                staging.publish(MANIFEST);
              }
            })
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("not an Octavo artifact")
        .hasMessageContaining("What was made is kept in ");
    assertThat(directory.resolve("out/precious.txt")).hasContent("years of work");
    String kept = entries().get(1);
    assertThat(kept).startsWith("out-kept-");
    assertThat(directory.resolve(kept).resolve("part")).exists();
    assertThat(entries()).hasSize(2);
  }

  @Test
  void anArtifactThatAnotherPublishedMeanwhileIsNotReplaced() throws IOException {
    publish(IfExists.FAIL);
    assertThatThrownBy(
            () -> {
              try (Staging staging = open(IfExists.REPLACE)) {
                Manifest other = Manifest.of("model", Map.of(), Map.of("seed", 7), Map.of());
                Files.writeString(directory.resolve("out/manifest.json"), other.toJson());
                Files.deleteIfExists(directory.resolve("out/.manifest.json.crc"));
                staging.publish(MANIFEST);
              }
            })
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("was written by another while this ran, and is left as it is");
    assertThat(Artifacts.manifest(CONF, target(), "model").settings()).containsEntry("seed", 7);
  }

  @Test
  void aRefusedRenameKeepsTheWork() throws IOException {
    InterferingFileSystem.beforeRename =
        (from, to) -> {
          if (to.equals(directory.resolve("out"))) {
            throw new AccessControlException("the quota of %s is used up".formatted(to));
          }
        };
    assertThatThrownBy(this::publishPart)
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("the quota of ")
        .hasMessageContaining("What was made is kept in ");
    assertThat(entries()).singleElement().asString().startsWith("out-kept-");
    assertThat(directory.resolve(entries().get(0)).resolve("part")).exists();
  }

  @Test
  void whereNoRenameIsPossibleTheWorkStaysInItsDirectory() throws IOException {
    InterferingFileSystem.beforeRename =
        (from, to) -> {
          throw new AccessControlException("no renames here");
        };
    assertThatThrownBy(this::publishPart)
        .isInstanceOf(OctavoException.class)
        .hasMessageMatching(
            "no renames here\\. What was made is in \\S+\\.out\\.staging-\\S+: move it to where you"
                + " want it before you run anything with this --out again");
    assertThat(directory.resolve(entries().get(0)).resolve("part")).exists();
  }

  @Test
  void whatCouldNotBeMovedBackIsNeverDeleted() throws IOException {
    publish(IfExists.FAIL);
    String standing = Files.readString(directory.resolve("out/manifest.json"));
    InterferingFileSystem.beforeRename =
        (from, to) -> {
          if (to.equals(directory.resolve("out")) && Files.notExists(to)) {
            Files.createDirectories(to);
            Files.writeString(to.resolve("precious.txt"), "years of work");
          }
        };
    assertThatThrownBy(this::publishPart)
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("What stood there is in ")
        .hasMessageContaining("What was made is kept in ");
    InterferingFileSystem.beforeRename = (from, to) -> {};
    // Nor by the next run, which finds something else there.
    assertThatThrownBy(this::publishPart).hasMessageContaining("not an Octavo artifact");
    assertThat(entries()).hasSize(3);
    assertThat(directory.resolve(entries().get(0)).resolve("manifest.json")).hasContent(standing);
    assertThat(directory.resolve("out/precious.txt")).hasContent("years of work");
    assertThat(directory.resolve(entries().get(2)).resolve("part")).exists();
    Files.move(directory.resolve("out"), directory.resolve("elsewhere"));
    assertThatThrownBy(() -> publish(IfExists.FAIL)).hasMessageContaining("exists already");
    assertThat(directory.resolve("out/manifest.json")).hasContent(standing);
  }

  @Test
  void whatWasReplacedBeforeARunWasKilledIsRemoved() throws IOException {
    publish(IfExists.FAIL);
    String id = Artifacts.manifest(CONF, target(), "model").id().replace("sha256:", "");
    Files.createDirectories(directory.resolve(".out.replaced-by-" + id));
    publish(IfExists.REPLACE);
    assertThat(entries()).containsExactly("out");
  }

  @Test
  void filesThatArePutIntoTheOldArtifactMeanwhileAreNotDeleted() throws IOException {
    publish(IfExists.FAIL);
    assertThatThrownBy(
            () -> {
              try (Staging staging = open(IfExists.REPLACE)) {
                staging.fileSystem().create(new Path(staging.directory(), "part")).close();
                Files.writeString(directory.resolve("out/precious.parquet"), "years of work");
                staging.publish(MANIFEST);
              }
            })
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("out holds precious.parquet, which came or changed while this ran")
        .hasMessageContaining("What was made is kept in ");
    assertThat(directory.resolve("out/precious.parquet")).hasContent("years of work");
    assertThat(directory.resolve("out/manifest.json")).exists();
    assertThat(entries()).hasSize(2);
    assertThat(directory.resolve(entries().get(1)).resolve("part")).exists();
  }

  @Test
  void norAreThoseThatArePutThereAtTheLastMoment() throws IOException {
    publish(IfExists.FAIL);
    InterferingFileSystem.beforeRename =
        (from, to) -> {
          if (from.equals(directory.resolve("out"))) {
            Files.writeString(from.resolve("precious.txt"), "years of work");
          }
        };
    assertThatThrownBy(this::publishPart)
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("out holds precious.txt, which came or changed while this ran");
    assertThat(directory.resolve("out/precious.txt")).hasContent("years of work");
    assertThat(directory.resolve("out/manifest.json")).exists();
    assertThat(entries()).hasSize(2);
    assertThat(directory.resolve(entries().get(1)).resolve("part")).exists();
  }

  @Test
  void anArtifactThatHoldsAFileOfSomebodyElseIsNotReplaced() throws IOException {
    publish(IfExists.FAIL);
    Files.writeString(directory.resolve("out/notes.txt"), "years of work");
    assertThatThrownBy(() -> open(IfExists.REPLACE))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("out holds notes.txt, which is not part of the artifact")
        .hasMessageContaining("move that file elsewhere, or choose another --out");
    assertThat(directory.resolve("out/notes.txt")).hasContent("years of work");
    assertThat(entries()).containsExactly("out");
  }

  @Test
  void nothingIsWrittenOverWhatIsRead() throws IOException {
    Input data = input("data", Inside.REFUSED);
    Input above = input("out/data", Inside.SKIPPED);
    assertThatThrownBy(
            () -> Staging.open(CONF, data.path(), "model", IfExists.REPLACE, List.of(data)))
        .hasMessageContaining("data is --data ")
        .hasMessageContaining("nothing is written over what is read");
    assertThatThrownBy(() -> open(IfExists.REPLACE, above))
        .hasMessageContaining("out contains --data ");
    Path within = new Path(data.path(), "deep/out");
    assertThatThrownBy(() -> Staging.open(CONF, within, "model", IfExists.FAIL, List.of(data)))
        .hasMessageContaining("deep/out lies within --data ");
    Files.createSymbolicLink(directory.resolve("link"), directory.resolve("data"));
    assertThatThrownBy(
            () ->
                Staging.open(
                    CONF,
                    new Path(directory.resolve("link").toString()),
                    "model",
                    IfExists.REPLACE,
                    List.of(data)))
        .hasMessageContaining("nothing is written over what is read");
    Input scanned = input("data", Inside.SKIPPED);
    Staging.open(CONF, within, "model", IfExists.FAIL, List.of(scanned)).close();
    Staging.open(CONF, new Path(data.path() + "base"), "model", IfExists.FAIL, List.of(data))
        .close();
  }

  @Test
  void whatKilledRunsLeftIsRemovedAndWhatTheyMovedAsideComesBack() throws IOException {
    publish(IfExists.FAIL);
    Files.createDirectories(directory.resolve(".out.staging-" + UUID.randomUUID()));
    Files.createDirectories(directory.resolve(".outer.staging-" + UUID.randomUUID()));
    Files.move(directory.resolve("out"), directory.resolve(".out.replaced-by-" + "0".repeat(64)));
    assertThatThrownBy(() -> publish(IfExists.FAIL)).hasMessageContaining("exists already");
    assertThat(directory.resolve("out/manifest.json")).exists();
    assertThat(entries()).hasSize(2).last().isEqualTo("out");
    assertThat(entries().get(0)).startsWith(".outer.staging-");
  }

  @Test
  void saysWhatIsWrongWithAPlaceThatHoldsNoArtifact() throws IOException {
    assertThatThrownBy(() -> Artifacts.manifest(CONF, target(), "model"))
        .hasMessageContaining("does not exist (a model was expected there)");
    Files.createDirectories(directory.resolve("out"));
    assertThatThrownBy(() -> Artifacts.manifest(CONF, target(), "model"))
        .hasMessageContaining("not a whole Octavo model");
    publish(IfExists.REPLACE);
    assertThatThrownBy(() -> Artifacts.manifest(CONF, target(), "dataset"))
        .hasMessageContaining("is a model, but a dataset was expected");
    assertThatThrownBy(() -> Artifacts.manifest(CONF, target(), "scores"))
        .hasMessageContaining("is a model, but scores were expected");
  }

  private void publish(IfExists ifExists) throws IOException {
    try (Staging staging = open(ifExists)) {
      staging.publish(MANIFEST);
    }
  }

  /** Publishes where {@link InterferingFileSystem} renames. */
  private void publishPart() throws IOException {
    Configuration conf = new Configuration();
    conf.set("fs.AbstractFileSystem.file.impl", InterferingFileSystem.class.getName());
    try (Staging staging = Staging.open(conf, target(), "model", IfExists.REPLACE, List.of())) {
      staging.fileSystem().create(new Path(staging.directory(), "part")).close();
      staging.publish(MANIFEST);
    }
  }
}
