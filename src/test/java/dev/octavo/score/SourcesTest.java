package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.results.InputSource;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same images, found in different ways. */
class SourcesTest {
  private static final StructType TABLE =
      new StructType()
          .add("name", DataTypes.StringType)
          .add("room", DataTypes.StringType)
          .add("jpeg", DataTypes.BinaryType);

  @TempDir private Path directory;
  private Path images;
  private SparkSession spark;

  @BeforeEach
  void fillAFolder() throws IOException {
    spark = LocalCluster.session();
    images = directory.resolve("images");
    Images.fill(images.resolve("gym"), 0, 4);
    Images.fill(images.resolve("a: strange, 100% [name]"), 4, 6);
  }

  private Scoring scoring() throws IOException {
    return new Scoring(spark, directory);
  }

  /** File name to label, of what has no error. */
  private static Map<String, String> labels(Scoring scoring) {
    Map<String, String> labels = new TreeMap<>();
    for (Row row : scoring.predictions()) {
      String path = row.getAs("path");
      assertThat(row.<String>getAs("error")).as(path).isNull();
      labels.put(path.substring(path.lastIndexOf('/') + 1), row.getAs("label"));
    }
    return labels;
  }

  private Map<String, String> expected() throws IOException {
    Scoring folder = scoring().out("of-folder");
    folder.run();
    Map<String, String> expected = labels(folder);
    assertThat(expected).hasSize(6);
    return expected;
  }

  @Test
  void aListNamesFilesByUriByAbsolutePathOrRelativeToItself() throws IOException {
    List<String> lines = new ArrayList<>(List.of("", "images/gym/0.jpg", "images/gym/0.jpg"));
    lines.add("images/gym/1.jpg");
    lines.add(images.resolve("gym/2.jpg").toString());
    lines.add(images.resolve("gym/3.jpg").toUri().toString());
    lines.add("images/a: strange, 100% [name]/4.jpg");
    lines.add(images.resolve("a: strange, 100% [name]/5.jpg").toString());
    Files.write(directory.resolve("list.txt"), lines);
    Scoring scoring =
        scoring().source(new InputSource.PathList(scoring().hadoop("list.txt"), "path"));
    assertThat(scoring.run().metrics().inputs()).isEqualTo(6); // a line twice is one input
    assertThat(labels(scoring)).isEqualTo(expected());
    assertThat(scoring.predictions())
        .filteredOn(row -> row.<String>getAs("path").contains("gym"))
        .allSatisfy(row -> assertThat(row.<String>getAs("truth")).isEqualTo("gym"));
  }

  @Test
  void aListMayBeAColumnOfParquet() throws IOException {
    List<String> paths = Images.below(images).stream().map(p -> "images/" + p).toList();
    spark
        .createDataset(paths, Encoders.STRING())
        .toDF("file")
        .write()
        .parquet(directory.resolve("list.parquet").toString());
    org.apache.hadoop.fs.Path list = scoring().hadoop("list.parquet");
    assertThatThrownBy(() -> scoring().source(new InputSource.PathList(list, "path")).run())
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("list.parquet has no column 'path' but file; ")
        .hasMessageEndingWith("--path-column");
    Scoring scoring = scoring().source(new InputSource.PathList(list, "file"));
    scoring.run();
    assertThat(labels(scoring)).isEqualTo(expected());
  }

  @Test
  void aListedFileThatIsMissingIsARowWithItsReason() throws IOException {
    Files.write(directory.resolve("list.txt"), List.of("images/gym/0.jpg", "images/gym/no.jpg"));
    Scoring scoring =
        scoring().source(new InputSource.PathList(scoring().hadoop("list.txt"), "path"));
    scoring.run();
    assertThat(scoring.predictions())
        .filteredOn(row -> row.getAs("error") != null)
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.<String>getAs("path")).isEqualTo("images/gym/no.jpg");
              assertThat(row.<String>getAs("error"))
                  .isEqualTo("unreadable: there is no such file, or a link to nothing");
            });
  }

  @Test
  void aListedFifoIsNotOpenedButARowWithItsReason() throws Exception {
    Path pipe = images.resolve("gym/pipe.jpg");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Files.write(directory.resolve("list.txt"), List.of("images/gym/0.jpg", pipe.toString()));
    Scoring scoring =
        scoring().source(new InputSource.PathList(scoring().hadoop("list.txt"), "path"));
    assertThat(scoring.run().metrics().inputs()).isEqualTo(2);
    assertThat(scoring.predictions())
        .filteredOn(row -> row.getAs("error") != null)
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.<String>getAs("path")).isEqualTo(pipe.toString());
              assertThat(row.<String>getAs("error"))
                  .isEqualTo("unreadable: no regular file but a FIFO, a socket or a device");
            });
  }

  private Dataset<Row> table() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String path : Images.below(images)) {
      rows.add(
          RowFactory.create(
              path,
              path.startsWith("gym") ? "gym" : null,
              Files.readAllBytes(images.resolve(path))));
    }
    return spark.createDataFrame(rows, TABLE);
  }

  private InputSource.Table source(String pathColumn) {
    return new InputSource.Table(
        directory.resolve("table").toUri().toString(),
        "parquet",
        "jpeg",
        pathColumn,
        Optional.of("room"));
  }

  @Test
  void aTableHoldsImagesInAColumnAndGrows() throws IOException {
    Dataset<Row> table = table();
    table
        .where("name not like '%/5.jpg'")
        .repartition(3)
        .write()
        .parquet(directory.resolve("table").toString());
    Scoring scoring = scoring().source(source("name"));
    assertThat(scoring.run().added()).isEqualTo(5);
    table
        .where("name like '%/5.jpg'")
        .write()
        .mode("append")
        .parquet(directory.resolve("table").toString());
    assertThat(scoring.run().added()).isEqualTo(1);
    scoring.assertScoredOnce(Images.below(images));
    assertThat(labels(scoring)).isEqualTo(expected());
    assertThat(scoring.predictions())
        .filteredOn(row -> row.getAs("truth") != null)
        .hasSize(4)
        .allSatisfy(row -> assertThat(row.<String>getAs("truth")).isEqualTo("gym"));
  }

  @Test
  void refusesATableWhosePathsNameNoSingleRow() throws IOException {
    Dataset<Row> table = table();
    table.union(table.limit(1)).write().parquet(directory.resolve("table").toString());
    assertThatThrownBy(() -> scoring().source(source("name")).run())
        .isInstanceOf(OctavoException.class)
        .hasMessageStartingWith("of 7 rows, 0 have no path and 1 one that another row has")
        .hasMessageEndingWith("--path-column");
    assertThatThrownBy(() -> scoring().source(source("file")).run())
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "the table has no column 'file' but name, room, jpeg; choose with --path-column");
    assertThat(directory.resolve("scores")).doesNotExist();
  }

  @Test
  void refusesAColumnThatHoldsNoBytes() throws IOException {
    table().write().parquet(directory.resolve("table").toString());
    InputSource.Table source =
        new InputSource.Table(
            directory.resolve("table").toString(), "parquet", "room", "name", Optional.empty());
    assertThatThrownBy(() -> scoring().source(source).run())
        .isInstanceOf(OctavoException.class)
        .hasMessage("the column 'room' is string, not binary (--image-column)");
  }

  @Test
  void aTableMayHoldStructsDotsNullsAndNumbersOfClasses() throws IOException {
    StructType schema =
        new StructType()
            .add(
                "the.image",
                new StructType()
                    .add("bytes", DataTypes.BinaryType)
                    .add("path", DataTypes.StringType))
            .add("meta", new StructType().add("room", DataTypes.LongType));
    List<Row> rows = new ArrayList<>();
    long room = 0;
    for (String path : Images.below(images)) {
      byte[] bytes = rows.isEmpty() ? null : Files.readAllBytes(images.resolve(path));
      rows.add(
          RowFactory.create(RowFactory.create(bytes, path), RowFactory.create(room++ % 4 - 1)));
    }
    spark.createDataFrame(rows, schema).write().parquet(directory.resolve("t1").toString());
    Files.move(directory.resolve("t1"), directory.resolve("t[1]"));
    Scoring scoring =
        scoring()
            .source(
                new InputSource.Table(
                    directory.resolve("t[1]").toString(),
                    "parquet",
                    "the.image",
                    "path",
                    Optional.of("meta.room")));
    assertThat(scoring.run().metrics().inputs()).isEqualTo(6);
    scoring.assertScoredOnce(Images.below(images));
    assertThat(scoring.predictions())
        .filteredOn(row -> row.getAs("error") != null)
        .singleElement()
        .satisfies(
            row ->
                assertThat(row.<String>getAs("error")).isEqualTo("unreadable: the image is NULL"));
    // Numbers from -1 to 2: no class, and the three in the order of the model.
    assertThat(scoring.predictions().stream().map(row -> row.<String>getAs("truth")).toList())
        .containsExactlyInAnyOrder(null, "bar", "child's room", "gym", null, "bar");
  }

  @Test
  void aListMayBeCalledAnythingAndNameWhatCannotBeRead() throws IOException {
    String text =
        "\ufeffimages/gym/0.jpg\r\ns3://bucket/a.jpg\r\nhttps://host/a.jpg\r\nimages/gym\r\n";
    java.nio.file.Path list = directory.resolve("_a,b[c]{d}.txt");
    Files.write(list, text.getBytes(java.nio.charset.StandardCharsets.UTF_16LE));
    Scoring scoring =
        scoring()
            .source(
                new InputSource.PathList(new org.apache.hadoop.fs.Path(list.toString()), "path"));
    assertThat(scoring.run().metrics().inputs()).isEqualTo(4);
    Map<String, String> errors = new TreeMap<>();
    scoring
        .predictions()
        .forEach(row -> errors.put(row.getAs("path"), String.valueOf(row.<String>getAs("error"))));
    String kind =
        "unreadable: no file system of that kind is set up: write s3a:// for S3, and download what"
            + " is behind http:// or https:// first";
    assertThat(errors)
        .containsExactly(
            Map.entry("https://host/a.jpg", kind),
            Map.entry("images/gym", "unreadable: a folder: a list names files"),
            Map.entry("images/gym/0.jpg", "null"),
            Map.entry("s3://bucket/a.jpg", kind));
  }

  @Test
  void aFileInPlaceOfAFolderIsRefused() throws IOException {
    Scoring scoring =
        scoring().source(new InputSource.Folder(scoring().hadoop("images/gym/0.jpg")));
    assertThatThrownBy(scoring::run)
        .isInstanceOf(OctavoException.class)
        .hasMessageEndingWith("0.jpg is a file: --images takes a folder, --list a list of files");
  }

  @Test
  void scoresGoToPlacesWithBrackets() throws IOException {
    Scoring scoring = scoring().out("scores [1] {a,b} *");
    assertThat(scoring.run().added()).isEqualTo(6);
    assertThat(scoring.run().added()).isZero();
  }
}
