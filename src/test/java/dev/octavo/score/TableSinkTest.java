package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Manifest;
import dev.octavo.score.OutputTable.Mode;
import dev.octavo.spark.LocalCluster;
import dev.octavo.table.Lake;
import dev.octavo.table.SourceTables;
import dev.octavo.table.TableFormats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * On two executor JVMs, with Delta and Iceberg where they have a release for this line of Spark.
 */
final class TableSinkTest {
  @TempDir private static Path lake;
  private static SparkSession spark;

  @TempDir private Path directory;

  @BeforeAll
  static void startWithDeltaAndIceberg() {
    spark = Lake.start(lake);
  }

  @AfterAll
  static void stop() {
    LocalCluster.stop();
  }

  @BeforeEach
  void writeImages() throws IOException {
    Images.fill(directory.resolve("images/gym"), 0, 5);
  }

  /** A table of a format, which of Delta may be at a path or have a name. */
  private OutputTable table(String how, Mode mode) {
    assumeTrue(Lake.HAS_DELTA_AND_ICEBERG || how.equals("parquet"));
    String id = directory.getFileName().toString().replaceAll("\\W", "_");
    String name =
        switch (how) {
          case "iceberg" -> "lake.db.scores_" + id;
          case "delta by name" -> "scores_" + id;
          default -> directory.resolve("table").toUri().toString();
        };
    return new OutputTable(name, how.replace(" by name", ""), mode);
  }

  private Scoring scoring(OutputTable table) throws IOException {
    return new Scoring(spark, directory).commitFiles(2).table(table);
  }

  private static List<String> paths(OutputTable table) {
    return SourceTables.read(spark, table.table(), table.format())
        .select("path")
        .orderBy("path")
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "delta", "delta by name", "iceberg"})
  void everyImageIsInTheTableOnceAlsoIfTheRunEndsBetweenACommitAndItsEntry(String format)
      throws IOException {
    OutputTable table = table(format, Mode.CREATE);
    scoring(table).run();
    List<String> five = List.of("gym/0.jpg", "gym/1.jpg", "gym/2.jpg", "gym/3.jpg", "gym/4.jpg");
    assertThat(paths(table)).isEqualTo(five);

    endedBeforeTheEntries(format);
    assertThat(scoring(table).run().added()).isZero();
    assertThat(paths(table)).isEqualTo(five);

    Images.fill(directory.resolve("images/gym"), 9, 10);
    assertThat(scoring(table).run().added()).isEqualTo(1);
    assertThat(paths(table)).hasSize(6).doesNotHaveDuplicates().contains("gym/9.jpg");
  }

  /**
   * What a driver leaves that is killed after its rounds are in the table, before it notes that.
   */
  private void endedBeforeTheEntries(String format) throws IOException {
    Path record;
    try (Stream<Path> files = Files.list(directory.resolve("scores"))) {
      record =
          files.filter(f -> f.getFileName().toString().startsWith("_table-")).findFirst().get();
    }
    Manifest noted = Manifest.fromJson(Files.readString(record), record.toString());
    assertThat(noted.settings().get("rounds")).asString().contains("round=0", "round=2");
    Map<String, Object> settings = new HashMap<>(noted.settings());
    settings.put("rounds", List.of());
    Files.writeString(record, Manifest.of(noted.kind(), Map.of(), settings, Map.of()).toJson());
    Files.deleteIfExists(record.resolveSibling("." + record.getFileName() + ".crc"));
    if (format.equals("parquet")) {
      Path table = directory.resolve("table");
      List<Path> parts;
      try (Stream<Path> files = Files.list(table)) {
        parts = files.filter(f -> f.toString().endsWith(".parquet")).toList();
      }
      for (String round : List.of("round-0", "round-1", "round-2")) {
        Path scratch = table.resolve("_octavo-" + settings.get("id") + "-" + round);
        Files.createDirectories(scratch);
        Files.createFile(scratch.resolve("_SUCCESS"));
        if (round.equals("round-1")) { // one file had not been moved yet
          Files.move(parts.get(0), scratch.resolve(parts.get(0).getFileName()));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "delta", "delta by name", "iceberg"})
  void aTableOfOthersIsOnlyAppendedToIfToldSo(String format) throws IOException {
    scoring(table(format, Mode.CREATE)).run();
    Scoring other = scoring(table(format, Mode.CREATE)).out("others");
    assertThatThrownBy(other::run)
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("is there already: pass --mode append to add to it");
    assertThat(Files.exists(directory.resolve("others"))).isFalse();
    OutputTable append = table(format, Mode.APPEND);
    scoring(append).out("others").run();
    assertThat(paths(append)).hasSize(10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "delta"})
  void aTableOfOtherColumnsIsRefusedWithTheColumnsThatAreNeeded(String format) throws IOException {
    OutputTable table = table(format, Mode.APPEND);
    spark.range(3).toDF("number").write().format(format).save(table.table());
    assertThatThrownBy(() -> scoring(table).run())
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("can't take predictions")
        .hasMessageContaining("its columns must be path, model, precision");
    assertThat(SourceTables.read(spark, table.table(), format).columns()).containsExactly("number");
  }

  @Test
  void namesThePackageThatAFormatNeeds() {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(ClassLoader.getPlatformClassLoader());
    try {
      assertThatThrownBy(() -> TableFormats.require("delta"))
          .isInstanceOf(OctavoException.class)
          .hasMessageMatching(".* add --packages io\\.delta:delta-spark_2\\.1[23]:VERSION with .*");
      assertThatThrownBy(() -> TableFormats.require("iceberg"))
          .isInstanceOf(OctavoException.class)
          .hasMessageMatching(
              ".* add --packages org\\.apache\\.iceberg:iceberg-spark-runtime-\\d\\.\\d_2\\.1[23]:VERSION with .*");
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  @Test
  void refusesFormatsAndNamesThatItCannotKeepItsPromiseWith() {
    assertThatThrownBy(() -> new OutputTable("/t", "csv", Mode.CREATE))
        .hasMessage("--to-format is csv, but must be one of parquet, delta, iceberg");
    assertThatThrownBy(() -> new OutputTable("t", "parquet", Mode.CREATE))
        .hasMessageContaining("Parquet takes a path, as in ./t");
    assertThatThrownBy(() -> new OutputTable("/t", "iceberg", Mode.CREATE))
        .hasMessageContaining("Iceberg takes a name in a catalog");
  }
}
