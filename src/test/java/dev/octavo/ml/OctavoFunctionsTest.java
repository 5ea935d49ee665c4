package dev.octavo.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.OctavoException;
import dev.octavo.inference.PredictionColumns;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The functions on two executor JVMs, and on the driver. */
class OctavoFunctionsTest {
  private static final int IMAGES = 9;

  @TempDir static Path work;
  private static SparkSession spark;
  private static String model;

  @BeforeAll
  static void registerAFunction() throws IOException {
    spark = LocalCluster.session();
    model = LibraryData.model(work.resolve("model"), 1);
    LibraryData.writeImages(work.resolve("images"), IMAGES);
    Files.writeString(work.resolve("images").resolve("notes.txt"), "not an image");
    photos().createOrReplaceTempView("photos");
    OctavoFunctions.register(spark, model);
  }

  private static Dataset<Row> photos() {
    return spark.read().format("binaryFile").load(work.resolve("images").toString());
  }

  @Test
  void aFunctionSaysWhatTheClassifierSays() {
    List<Row> expected =
        new OctavoClassifier()
            .setModel(model)
            .transform(photos())
            .select("path", "prediction.*")
            .orderBy("path")
            .collectAsList();
    List<Row> found =
        spark
            .sql(
                "SELECT path, p.* FROM (SELECT path, octavo_classify(content) AS p FROM photos)"
                    + " ORDER BY path")
            .collectAsList();
    assertThat(found).hasSize(IMAGES + 1).hasSameSizeAs(expected);
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i).<String>getAs("path")).isEqualTo(expected.get(i).getAs("path"));
      assertThat(found.get(i).<String>getAs("label")).isEqualTo(expected.get(i).getAs("label"));
      assertThat(found.get(i).<String>getAs("error")).isEqualTo(expected.get(i).getAs("error"));
      if (found.get(i).<String>getAs("error") == null) {
        // A batch of one may sum in another order.
        assertThat(found.get(i).<Float>getAs("probability"))
            .isCloseTo(expected.get(i).<Float>getAs("probability"), within(1e-4f));
      }
    }
    assertThat(found.stream().filter(r -> r.getAs("error") != null)).hasSize(1);
  }

  @Test
  void aFunctionTakesSparksImageSchemaToo() {
    OctavoFunctions.register(
        spark, "top_one", new OctavoClassifier().setModel(model).setTopK(1).setMaxPixels(1 << 20));
    Dataset<Row> images =
        spark
            .read()
            .format("image")
            .option("dropInvalid", true)
            .load(work.resolve("images").toString())
            .selectExpr("top_one(image) AS p");
    assertThat(images.where("p.error IS NULL AND size(p.top_k) = 1").count()).isEqualTo(IMAGES);
  }

  @Test
  void aLiteralIsClassifiedOnTheDriver() throws IOException {
    String hex = HexFormat.of().formatHex(Files.readAllBytes(LibraryData.image(work, 0)));
    Row row = spark.sql("SELECT octavo_classify(X'" + hex + "') AS p").first().getStruct(0);
    Row expected =
        spark
            .sql("SELECT octavo_classify(content) FROM photos WHERE path LIKE '%/000.png'")
            .first()
            .getStruct(0);
    assertThat(row.getString(0)).isEqualTo(expected.getString(0));
    assertThat(spark.sql("SELECT octavo_classify(NULL).error").first().getString(0))
        .isEqualTo("missing: there is no image, but null");
  }

  @Test
  void aLocalTableIsClassifiedToo() throws IOException {
    Dataset<Row> local =
        spark.createDataFrame(
            List.of(RowFactory.create((Object) Files.readAllBytes(LibraryData.image(work, 1)))),
            new StructType().add("content", DataTypes.BinaryType));
    Row row = local.selectExpr("octavo_classify(content) AS p").first();
    assertThat(row.schema().apply("p").dataType()).isEqualTo(PredictionColumns.SCHEMA);
    assertThat(row.getStruct(0).getString(0)).isIn(LibraryData.CLASSES);
  }

  @Test
  void refusesWhatIsNoImageAndSaysWhatToGive() {
    assertThatThrownBy(() -> spark.sql("SELECT octavo_classify(path) FROM photos").collectAsList())
        .hasStackTraceContaining(
            "a value of String is no image: give the bytes of image files (binary");
  }

  @Test
  void refusesAModelThatIsNotThere() {
    assertThatThrownBy(() -> OctavoFunctions.register(spark, work + "/none"))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("/none does not exist (a model was expected there)");
  }

  @Test
  void refusesAModelThatWasAltered() throws IOException {
    String altered = LibraryData.model(work.resolve("altered"), 3);
    java.nio.file.Path file = work.resolve("altered/model.pt");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    Files.deleteIfExists(work.resolve("altered/.model.pt.crc"));
    OctavoFunctions.register(spark, "altered_classify", altered);
    assertThatThrownBy(
            () -> spark.sql("SELECT altered_classify(content) FROM photos").collectAsList())
        .hasStackTraceContaining("model.pt was altered or damaged since it was published");
    assertThatThrownBy(
            () -> new OctavoClassifier().setModel(altered).transform(photos()).collectAsList())
        .hasStackTraceContaining("model.pt was altered or damaged since it was published");
  }
}
