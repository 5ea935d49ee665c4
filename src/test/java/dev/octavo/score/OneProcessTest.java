package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A driver that runs all tasks itself, as jobs have it where no master is named. */
final class OneProcessTest {
  @TempDir private static Path directory;

  @AfterAll
  static void stop() {
    LocalCluster.stop();
  }

  @Test
  void saysTheSameAsExecutors() throws IOException {
    Path images = directory.resolve("images");
    Images.fill(images.resolve("gym"), 0, 3);
    Images.fill(images.resolve("bar"), 3, 5);
    Files.writeString(images.resolve("bar/text.jpg"), "no image");

    Scoring far = new Scoring(LocalCluster.session(), directory).commitFiles(4).out("far");
    ScoreResult expected = far.run();
    List<Row> rows = sorted(far.predictions());

    // As jobs have it: OctavoSession's defaults for one process.
    SparkSession local =
        LocalCluster.start(
            "local[2]",
            Map.of(
                "spark.sql.codegen.wholeStage",
                "false",
                "spark.sql.codegen.factoryMode",
                "NO_CODEGEN"));
    Scoring near = new Scoring(local, directory).commitFiles(4).out("near");
    ScoreResult result = near.run();
    assertThat(sorted(near.predictions())).isEqualTo(rows).hasSize(6);
    assertThat(result.metrics().models()).isEqualTo(expected.metrics().models());
    try (var files = Files.walk(directory.resolve("near/predictions"))) {
      assertThat(files.filter(file -> file.toString().endsWith(".parquet"))).hasSize(2);
    }
  }

  private static List<Row> sorted(List<Row> rows) {
    return rows.stream().sorted(Comparator.comparing(row -> row.<String>getAs("path"))).toList();
  }
}
