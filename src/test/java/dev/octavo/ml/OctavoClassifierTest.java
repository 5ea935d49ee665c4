package dev.octavo.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.image.Preprocess;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.UndecodableImageException;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.ModelSet;
import dev.octavo.inference.PredictionColumns;
import dev.octavo.inference.TinyModel;
import dev.octavo.metrics.TopK;
import dev.octavo.program.Precision;
import dev.octavo.spark.JvmResource;
import dev.octavo.spark.LocalCluster;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.MetadataBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Tuple2;

/** The transformer on two executor JVMs. */
class OctavoClassifierTest {
  private static final int IMAGES = 23;
  private static final int BATCH = 4;

  @TempDir static Path work;
  private static SparkSession spark;
  private static String modelA;
  private static String modelB;
  private static List<Row> rows;

  @BeforeAll
  static void makeATableWithHoles() throws IOException {
    spark = LocalCluster.session();
    modelA = LibraryData.model(work.resolve("a"), 1);
    modelB = LibraryData.model(work.resolve("b"), 2);
    LibraryData.writeImages(work.resolve("images"), IMAGES);
    rows = LibraryData.rowsWithHoles(work, IMAGES);
  }

  private static Dataset<Row> table() {
    return spark.createDataFrame(rows, LibraryData.TABLE);
  }

  private static OctavoClassifier classifier() {
    return new OctavoClassifier().setModel(modelA).setBatchSize(BATCH).setTopK(2);
  }

  private static Row prediction(Row row) {
    return row.getStruct(row.fieldIndex("prediction"));
  }

  @Test
  void everyRowStaysInItsPlaceWithAllItsColumns() {
    Dataset<Row> result = classifier().transform(table());
    assertThat(result.schema())
        .isEqualTo(
            LibraryData.TABLE.add(
                "prediction",
                PredictionColumns.SCHEMA,
                false,
                new MetadataBuilder().putString("octavo.model", modelA).build()))
        .isEqualTo(classifier().transformSchema(LibraryData.TABLE));
    List<Row> before = table().collectAsList();
    List<Row> after = result.drop("prediction").collectAsList();
    assertThat(after).hasSameSizeAs(before);
    for (int i = 0; i < before.size(); i++) {
      assertThat(after.get(i).<Integer>getAs("id")).isEqualTo(before.get(i).getAs("id"));
      assertThat(after.get(i).<byte[]>getAs("content")).isEqualTo(before.get(i).getAs("content"));
      assertThat(after.get(i).getList(2)).isEqualTo(before.get(i).getList(2));
      assertThat(after.get(i).getTimestamp(3)).isEqualTo(before.get(i).getTimestamp(3));
    }
  }

  @Test
  void predictsWhatASerialLoopPredicts() throws IOException {
    var conf = new Configuration();
    ModelBundle bundle = ModelBundle.open(conf, new org.apache.hadoop.fs.Path(modelA));
    int compared = 0;
    try (InferenceProgram program =
        new ProgramLoader(bundle, conf, CpuPolicy.ADAPT).load(Precision.FP32)) {
      for (Row row : classifier().setProbabilities(true).transform(table()).collectAsList()) {
        Row prediction = prediction(row);
        if (prediction.<String>getAs("error") == null) {
          float[] expected = probabilities(program, row.getAs("content"));
          int best = TopK.indices(expected, 1)[0];
          assertThat(prediction.<Integer>getAs("label_id")).isEqualTo(best);
          assertThat(prediction.<String>getAs("label")).isEqualTo(LibraryData.CLASSES.get(best));
          assertThat(prediction.<Float>getAs("probability"))
              .isCloseTo(expected[best], within(1e-4f));
          List<Float> all = prediction.getList(prediction.fieldIndex("probabilities"));
          for (int c = 0; c < expected.length; c++) {
            assertThat(all.get(c)).isCloseTo(expected[c], within(1e-4f));
          }
          assertThat(prediction.getList(prediction.fieldIndex("top_k"))).hasSize(2);
          compared++;
        }
      }
    }
    assertThat(compared).isEqualTo(IMAGES);
  }

  private static float[] probabilities(InferenceProgram program, byte[] file) {
    int size = TinyModel.IMAGE_SIZE;
    ByteBuffer pixels = ByteBuffer.allocateDirect(size * size * 3);
    try {
      Preprocess.evaluation(Preprocessing.ofSize(size))
          .apply(ImageDecoder.decode(file, DecodeLimits.DEFAULT), pixels);
    } catch (UndecodableImageException e) {
      throw new AssertionError("has a prediction but can't be decoded", e);
    }
    Tensor input = Tensor.of(DType.UINT8, new long[] {1, size, size, 3}, pixels.flip());
    return TopK.softmax(program.forward(input).toFloats());
  }

  @Test
  void whatIsNoImageHasAReasonInPlaceOfAClass() {
    int missing = 0;
    int text = 0;
    for (Row row : classifier().setMinConfidence(0.01).transform(table()).collectAsList()) {
      String error = prediction(row).getAs("error");
      byte[] content = row.getAs("content");
      if (content == null) {
        assertThat(error).isEqualTo("missing: there is no image, but null");
        missing++;
      } else if (error != null) {
        assertThat(error).startsWith("not-an-image: ");
        text++;
      }
      assertThat(prediction(row).<Boolean>getAs("review")).isEqualTo(error != null);
      assertThat(prediction(row).<String>getAs("label") == null).isEqualTo(error != null);
    }
    assertThat(missing).isEqualTo(5);
    assertThat(text).isEqualTo(5);
  }

  @Test
  void limitsHoldForFilesAndForPixels() {
    Dataset<Row> small = table().where("id = 0");
    assertThat(
            prediction(classifier().setMaxBytes(10).transform(small).first())
                .<String>getAs("error"))
        .startsWith("too-many-bytes: ");
    Dataset<Row> images = images().limit(1).withColumnRenamed("image", "content");
    assertThat(
            prediction(classifier().setMaxPixels(10).transform(images).first())
                .<String>getAs("error"))
        .startsWith("too-many-pixels: ");
  }

  @Test
  void anImageAfterManyThatAreNoneIsFound() throws IOException {
    List<Row> mostlyEmpty = new ArrayList<>();
    for (int i = 0; i < 5 * BATCH; i++) {
      mostlyEmpty.add(LibraryData.row(i, null));
    }
    mostlyEmpty.add(
        LibraryData.row(mostlyEmpty.size(), Files.readAllBytes(LibraryData.image(work, 0))));
    List<Row> result =
        classifier()
            .transform(spark.createDataFrame(mostlyEmpty, LibraryData.TABLE).coalesce(1))
            .collectAsList();
    assertThat(result).hasSameSizeAs(mostlyEmpty);
    for (int i = 0; i < result.size(); i++) {
      assertThat(result.get(i).<Integer>getAs("id")).isEqualTo(i);
      assertThat(prediction(result.get(i)).<String>getAs("error") == null)
          .isEqualTo(i == result.size() - 1);
    }
  }

  private static Dataset<Row> images() {
    return spark.read().format("image").load(work.resolve("images").toString());
  }

  @Test
  void sparksImageSourceAndTheFilesThemselvesGetTheSameClasses() {
    Map<String, String> byFile = new TreeMap<>();
    for (Row row :
        classifier()
            .transform(spark.read().format("binaryFile").load(work.resolve("images").toString()))
            .collectAsList()) {
      byFile.put(name(row.getAs("path")), prediction(row).getAs("label"));
    }
    Map<String, String> byPixels = new TreeMap<>();
    for (Row row : classifier().setInputCol("image").transform(images()).collectAsList()) {
      byPixels.put(name(row.getStruct(0).getAs("origin")), prediction(row).getAs("label"));
    }
    assertThat(byFile).hasSize(IMAGES).doesNotContainValue(null);
    assertThat(byPixels).isEqualTo(byFile);
  }

  private static String name(String uri) {
    return uri.substring(uri.lastIndexOf('/') + 1);
  }

  @Test
  void aFileThatSparkCouldNotDecodeHasAReason() throws IOException {
    Path folder = Files.createDirectories(work.resolve("broken"));
    Files.writeString(folder.resolve("notes.png"), "not an image");
    Row row =
        classifier()
            .setInputCol("image")
            .transform(spark.read().format("image").load(folder.toString()))
            .first();
    assertThat(prediction(row).<String>getAs("error"))
        .isEqualTo("not-an-image: Spark's image source could not decode it");
  }

  @Test
  void aTaskThatStopsEarlyGivesItsModelsBack() {
    assertThat(classifier().transform(table()).limit(2).collectAsList()).hasSize(2);
    assertThat(classifier().transform(table()).count()).isEqualTo(rows.size());
  }

  /** Identities of the loaded sets of models, by executor and model. */
  private static Map<String, Integer> loaded(List<OctavoClassifier> classifiers) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    List<InferencePlan> plans = classifiers.stream().map(c -> c.plan(spark)).toList();
    Broadcast<List<InferencePlan>> broadcast = context.broadcast(plans);
    List<Tuple2<String, Integer>> found =
        context
            .parallelize(List.of(0, 1, 2, 3, 4, 5, 6, 7), 8)
            .flatMap(
                ignored -> {
                  List<Tuple2<String, Integer>> sets = new ArrayList<>();
                  for (InferencePlan plan : broadcast.value()) {
                    try (JvmResource.Lease<ModelSet> lease =
                        ModelSet.borrow(plan, TaskContext.get().cpus())) {
                      sets.add(
                          new Tuple2<>(
                              SparkEnv.get().executorId()
                                  + " "
                                  + plan.models().specs().get(0).path(),
                              System.identityHashCode(lease.resource())));
                    }
                  }
                  return sets.iterator();
                })
            .collect();
    Map<String, Integer> byPlace = new HashMap<>();
    found.forEach(e -> assertThat(byPlace.merge(e._1(), e._2(), (a, b) -> b)).isEqualTo(e._2()));
    return byPlace;
  }

  @Test
  void modelsThatTakeTurnsInAQueryAreLoadedOncePerJvm() {
    OctavoClassifier first = classifier().setOutputCol("first");
    OctavoClassifier second = classifier().setModel(modelB).setOutputCol("second");
    Map<String, Integer> before = loaded(List.of(first, second));
    for (int turn = 0; turn < 2; turn++) {
      Dataset<Row> both = second.transform(first.transform(table()));
      assertThat(both.where("first.error is null and second.error is null").count())
          .isEqualTo(IMAGES);
      Map<String, Integer> after = loaded(List.of(first, second));
      before.forEach(
          (place, identity) -> assertThat(after.getOrDefault(place, identity)).isEqualTo(identity));
    }
    assertThat(before).hasSizeGreaterThanOrEqualTo(2);
  }
}
