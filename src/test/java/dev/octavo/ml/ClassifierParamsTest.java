package dev.octavo.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The transformer's parameters: set, refused, copied, saved and loaded. */
class ClassifierParamsTest {
  private static final int IMAGES = 7;

  @TempDir static Path work;
  private static SparkSession spark;
  private static String modelA;
  private static String modelB;
  private static List<Row> rows;

  @BeforeAll
  static void makeATable() throws IOException {
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
    return new OctavoClassifier().setModel(modelA).setBatchSize(4).setTopK(2);
  }

  @Test
  void savedAndLoadedItPredictsTheSame() throws IOException {
    OctavoClassifier saved =
        classifier().setOutputCol("scene").setMinConfidence(0.25).setViews("flip");
    String path = work.resolve("saved").toString();
    saved.save(path);
    OctavoClassifier loaded = OctavoClassifier.load(path);
    assertThat(loaded.uid()).isEqualTo(saved.uid());
    String copy = loaded.getOrDefault(loaded.model());
    assertThat(copy).startsWith("file:" + path + "/");
    assertThat(loaded.explainParams()).isEqualTo(saved.explainParams().replace(modelA, copy));
    assertThat(loaded.transform(table()).collectAsList().toString().replaceAll("\\[B@\\w+", ""))
        .isEqualTo(saved.transform(table()).collectAsList().toString().replaceAll("\\[B@\\w+", ""));
  }

  @Test
  void aPipelineKeepsItsParameters() throws IOException {
    String path = work.resolve("pipeline").toString();
    PipelineModel pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  classifier().setOutputCol("first"),
                  classifier().setModel(modelB).setOutputCol("second").setEmbeddings(false)
                })
            .fit(table());
    pipeline.save(path);
    Dataset<Row> result = PipelineModel.load(path).transform(table());
    assertThat(result.columns())
        .containsExactly("id", "content", "tags", "when", "first", "second");
    assertThat(result.where("first.error is null and second.error is null").count())
        .isEqualTo(IMAGES);
  }

  @Test
  void aCopyIsIndependent() {
    OctavoClassifier original = classifier();
    OctavoClassifier copy = original.copy(new ParamMap().put(original.topK(), 3));
    assertThat(copy.getOrDefault(copy.topK())).isEqualTo(3);
    assertThat(original.getOrDefault(original.topK())).isEqualTo(2);
  }

  @Test
  void refusesWhatMakesNoSenseBeforeAnythingRuns() {
    refuses(new OctavoClassifier(), " has no model: name the directory of a bundle with setModel");
    refuses(classifier().setBatchSize(0), " is 0, but must be from 1 to 1024");
    refuses(classifier().setTopK(0), " is 0, but must be at least 1");
    refuses(classifier().setPrecision("int4"), "must be fp32, bf16 or portable (an int8 bundle");
    refuses(classifier().setMinConfidence(1.5), " is 1.5, but must be a probability from 0 to 1");
    refuses(classifier().setViews("ten"), " is ten, but must be one or flip");
    refuses(classifier().setMaxPixels(0), " is 0, but must be from 1 to");
    refuses(
        classifier().setInputCol("photo"),
        "there is no column 'photo' of images (there are: id, content, tags, when): name it with"
            + " setInputCol");
    refuses(classifier().setInputCol("id"), "the column 'id' is int, which is no image: give the");
    refuses(
        classifier().setOutputCol("tags"),
        "there is a column 'tags' already: drop it, or choose another name with setOutputCol");
    assertThatThrownBy(() -> classifier().setModel(work + "/none").transform(table()))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("/none does not exist (a model was expected there)");
    assertThat(Arrays.stream(classifier().params()).map(p -> p.name()))
        .containsExactly(
            "batchSize",
            "embeddings",
            "inputCol",
            "maxBytes",
            "maxPixels",
            "minConfidence",
            "model",
            "outputCol",
            "precision",
            "probabilities",
            "topK",
            "views");
  }

  private static void refuses(OctavoClassifier classifier, String message) {
    assertThatThrownBy(() -> classifier.transformSchema(LibraryData.TABLE))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining(message);
  }
}
