package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where files and scores may be, and what is left there. */
class PlacesTest {
  @TempDir private Path directory;

  @BeforeEach
  void fillAFolder() throws IOException {
    Images.fill(directory.resolve("images/gym"), 0, 2);
  }

  private Scoring scoring() throws IOException {
    return new Scoring(LocalCluster.session(), directory);
  }

  private List<String> entries() throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void namesMayHoldColonsAndOldChecksumsLieBeside() throws IOException {
    Images.fill(directory.resolve("images/bar: 12:30"), 2, 3);
    Files.copy(
        directory.resolve("images/gym/0.jpg"),
        directory.resolve("images/gym/2026-11-25T12:30.jpg"));
    Files.writeString(directory.resolve("images/gym/.0.jpg.crc"), "crc\0 of another file");
    Scoring scoring = scoring().out("scores-2026-11-25T12:30:05+01:00");
    assertThat(scoring.run().metrics().inputs()).isEqualTo(4);
    scoring.assertScoredOnce(
        List.of("bar: 12:30/2.jpg", "gym/0.jpg", "gym/1.jpg", "gym/2026-11-25T12:30.jpg"));
    assertThat(scoring.predictions())
        .allSatisfy(row -> assertThat(row.<String>getAs("error")).isNull());
    assertThat(entries()).containsExactly("images", "model", "scores-2026-11-25T12:30:05+01:00");
  }

  @Test
  void scoresAreNeverWrittenOverTheirInputsNorScored() throws IOException {
    assertThatThrownBy(() -> scoring().out("model").overwrite().run())
        .isInstanceOf(OctavoException.class)
        .hasMessageMatching("--out \\S+/model is --model \\S+/model: nothing is written over .*");
    assertThatThrownBy(() -> scoring().out("images").overwrite().run())
        .hasMessageMatching("--out \\S+/images is --images \\S+/images: nothing is written .*");
    assertThat(directory.resolve("model/model.pt")).exists();
    Scoring within = scoring().out("images/scores");
    assertThat(within.run().added()).isEqualTo(2);
    assertThat(within.run().added()).isZero();
    assertThat(scoring().out("again").run().metrics().inputs()).isEqualTo(2);
  }

  @Test
  void aModelThatWasAlteredScoresNothing() throws IOException {
    Scoring scoring = scoring();
    Path model = directory.resolve("model/model.pt");
    byte[] bytes = Files.readAllBytes(model);
    bytes[bytes.length / 3] ^= 4;
    Files.write(model, bytes);
    Files.deleteIfExists(directory.resolve("model/.model.pt.crc"));
    assertThatThrownBy(scoring::run)
        .hasStackTraceContaining("model.pt was altered or damaged since it was published");
    assertThat(entries()).containsExactly("images", "model");
  }

  @Test
  void onlyOneDriverScoresIntoAPlace() throws IOException {
    Scoring scoring = scoring();
    try (var lease =
        dev.octavo.artifact.Lease.take(
            LocalCluster.session().sparkContext().hadoopConfiguration(),
            scoring.hadoop("scores"),
            "--out")) {
      assertThatThrownBy(scoring::run)
          .isInstanceOf(OctavoException.class)
          .hasMessageContaining("scores is being written by process ");
      lease.verify();
    }
    assertThat(scoring.run().added()).isEqualTo(2);
  }
}
