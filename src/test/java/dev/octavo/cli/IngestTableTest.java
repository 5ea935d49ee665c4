package dev.octavo.cli;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.struct;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.image.TestImages;
import dev.octavo.spark.LocalCluster;
import dev.octavo.table.Lake;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code jobs/ingest --table}, on two executor JVMs. */
final class IngestTableTest {
  @TempDir private static Path lake;
  private static SparkSession spark;
  private static Dataset<Row> photos;

  @TempDir private Path work;

  @BeforeAll
  static void paint() throws IOException {
    spark = Lake.start(lake);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      ImageIO.write(
          TestImages.rectangles(30, 20 + i, BufferedImage.TYPE_INT_RGB, new Random(i)),
          "png",
          file);
      rows.add(
          RowFactory.create(
              "photo " + i,
              file.toByteArray(),
              i % 2,
              i < 8 ? "training" : i < 11 ? "test" : null));
    }
    rows.add(RowFactory.create("broken", new byte[] {1, 2, 3}, 1, "test"));
    photos =
        spark.createDataFrame(
            rows,
            new StructType()
                .add("name", DataTypes.StringType)
                .add("photo", DataTypes.BinaryType)
                .add("scene", DataTypes.IntegerType)
                .add("part", DataTypes.StringType));
  }

  @AfterAll
  static void stop() {
    LocalCluster.stop();
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "orc", "delta", "delta by name", "iceberg"})
  void theRowsOfATableBecomeADataset(String how) {
    assumeTrue(Lake.HAS_DELTA_AND_ICEBERG || how.equals("parquet") || how.equals("orc"));
    String table =
        switch (how) {
          case "iceberg" -> "lake.db.photos";
          case "delta by name" -> "photos";
          default -> work.resolve("table").toString();
        };
    String format = how.replace(" by name", "");
    if (table.contains("/")) {
      photos.write().format(format).save(table);
    } else {
      photos.write().format(format).saveAsTable(table);
    }
    String printed =
        Jobs.run(
            spark,
            "ingest",
            "--table",
            table,
            "--format",
            format,
            "--image-column",
            "photo",
            "--label-column",
            "scene",
            "--path-column",
            "name",
            "--split-column",
            "part",
            "--val-fraction",
            "0.25",
            "--out",
            work.resolve("data").toString());
    assertThat(printed)
        .contains("split by the column 'part', with 0.25 of each class of train as val")
        .contains(
            "13 files seen: 12 images of 2 classes (train 6, val 2, test 3, extra 1), 1 quarantined");
    DatasetArtifact data = open();
    assertThat(data.classes()).containsExactly("0", "1");
    Dataset<Row> expected =
        photos
            .where("name <> 'broken'")
            .select(col("name"), col("photo"), col("scene").cast("string"), col("scene"));
    assertThat(data.rows().select("path", "image", "label", "label_id").exceptAll(expected).count())
        .isZero();
    assertThat(data.manifest().settings())
        .containsEntry("table.format", format)
        .containsEntry("table.split", "part")
        .extractingByKey("images")
        .asString()
        .endsWith(table);
  }

  /** As Hugging Face's datasets have them; names and splits are optional. */
  @Test
  void imagesMayLieInStructsAndSplitsMayBeByChance() {
    String table = work.resolve("table").toString();
    photos
        .select(
            struct(col("photo").as("bytes"), col("name").as("path")).as("image"),
            expr("if(scene = 1, 'gym', 'bar') as label"))
        .write()
        .parquet(table);
    String printed =
        Jobs.run(
            spark,
            "ingest",
            "--table",
            table,
            "--image-column",
            "image",
            "--path-column",
            "path",
            "--split",
            "0.5,0.25,0.25",
            "--out",
            work.resolve("data").toString());
    assertThat(printed).contains("12 images of 2 classes");
    assertThat(open().rows().where("path = 'photo 3' and label = 'gym'").count()).isEqualTo(1);
  }

  @Test
  void refusesOptionsThatDontGoTogether() {
    refuses("there is nothing to ingest: give --images or --table");
    refuses(
        "--images and --table exclude each other: give one of them",
        "--images",
        "a",
        "--table",
        "b");
    refuses("--layout and --table exclude each other", "--table", "/b", "--layout", "classes");
    refuses("--train-list and --table exclude", "--table", "/b", "--train-list", "x");
    refuses(
        "--split and --split-column exclude each other",
        "--table",
        "/b",
        "--split",
        "0.5,0.5,0",
        "--split-column",
        "part");
    refuses("--label-column and --images exclude", "--images", "/b", "--label-column", "x");
    refuses(
        "is neither a table in Spark's catalog nor", "--table", work.resolve("none").toString());
    photos.limit(1).write().parquet(work.resolve("one").toString());
    refuses(
        "the table has no column 'content' but name, photo, scene, part; choose with --image-column",
        "--table",
        work.resolve("one").toString());
    refuses(
        "the column 'scene' is int, not binary (--image-column)",
        "--table",
        work.resolve("one").toString(),
        "--image-column",
        "scene");
    refuses(
        "the table has no column 'label' but name, photo, scene, part; choose with --label-column",
        "--table",
        work.resolve("one").toString(),
        "--image-column",
        "photo");
  }

  private void refuses(String message, String... arguments) {
    List<String> all = new ArrayList<>(List.of("ingest", "--out", work.resolve("x").toString()));
    all.addAll(List.of(arguments));
    assertThat(Jobs.runInVain(spark, all.toArray(String[]::new))).contains(message);
  }

  private DatasetArtifact open() {
    return DatasetArtifact.open(spark, new org.apache.hadoop.fs.Path(work.resolve("data").toUri()));
  }
}
