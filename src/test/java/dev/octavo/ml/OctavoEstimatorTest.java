package dev.octavo.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.cli.Jobs;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.spark.LocalCluster;
import dev.octavo.tensor.StateDict;
import dev.octavo.weights.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.ml.tuning.TrainValidationSplit;
import org.apache.spark.ml.tuning.TrainValidationSplitModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on tables, on two executor JVMs. */
class OctavoEstimatorTest {
  @TempDir static Path work;
  private static SparkSession spark;

  @BeforeAll
  static void paint() throws IOException {
    spark = LocalCluster.session();
    Discs.write(work.resolve("discs"), 8);
  }

  private static Dataset<Row> table() {
    return Discs.table(spark, work.resolve("discs"));
  }

  private static OctavoEstimator estimator() {
    return new OctavoEstimator()
        .setNetwork("resnet18")
        .setImageSize(32)
        .setEpochs(2)
        .setBatchSize(4)
        .setValidationFraction(0.25)
        .setWorkDir(work.resolve("models").toUri().toString());
  }

  private static StateDict weights(String bundle) throws IOException {
    return WeightFiles.read(
        Path.of(new org.apache.hadoop.fs.Path(bundle, ModelBundle.MODEL_FILE).toUri().getPath()));
  }

  private static StateDict weights(OctavoClassifier model) throws IOException {
    return weights(model.getOrDefault(model.model()));
  }

  @Test
  void givesTheSameWeightsAsTheJobsToTheBit() throws IOException {
    String data = work.resolve("data").toString();
    String trained = work.resolve("trained").toString();
    Jobs.run(
        spark,
        ("ingest --split 0.75,0.25,0 --seed 23 --images "
                + work.resolve("discs")
                + " --out "
                + data)
            .split(" ", -1));
    Jobs.run(
        spark,
        ("train --network resnet18 --image-size 32 --epochs 2 --batch-size 4 --seed 23"
                + " --optimizer adamw --learning-rate 0.001 --mixup 0.2 --cutmix 1 --random-erasing 0.5 --augment trivial --ema 0.9"
                + " --data "
                + data
                + " --out "
                + trained)
            .split(" ", -1));
    Dataset<Row> splits =
        DatasetArtifact.open(spark, new org.apache.hadoop.fs.Path(data))
            .rows()
            .select(col("path").as("name"), col("split").equalTo("val").as("validation"));
    OctavoEstimator same =
        estimator()
            .setSeed(23)
            .setOptimizer("adamw")
            .setLearningRate(0.001)
            .setMixup(0.2)
            .setCutmix(1)
            .setRandomErasing(0.5)
            .setAugment("trivial")
            .setEma(0.9)
            .setPathCol("name");

    OctavoClassifier model =
        same.setValidationIndicatorCol("validation").fit(table().join(splits, "name"));
    assertThat(weights(model).tensors()).isEqualTo(weights(trained).tensors());

    // By chance the same rows validate; pixels in another file format are the same pixels.
    same.clear(same.validationIndicatorCol());
    OctavoClassifier ofPixels =
        same.setInputCol("image").fit(Discs.pixels(spark, work.resolve("discs")).repartition(3));
    assertThat(weights(ofPixels).tensors()).isEqualTo(weights(trained).tensors());
  }

  @Test
  void aPipelineWithAQuantizerGivesAnInt8TransformerThatIsSavedWithItsModels() throws IOException {
    Pipeline pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  estimator(),
                  new OctavoQuantizer()
                      .setCalibrationImages(8)
                      .setTarget("portable")
                      .setMaxDrop(100)
                      .setValidationFraction(0.25)
                      .setWorkDir(work.resolve("models").toUri().toString())
                });
    pipeline.write().overwrite().save(work.resolve("pipeline").toString());
    PipelineModel fitted = Pipeline.load(work.resolve("pipeline").toString()).fit(table());
    OctavoClassifier int8 = (OctavoClassifier) fitted.stages()[1];
    String place = int8.getOrDefault(int8.model());
    assertThat(
            ModelBundle.open(
                    spark.sparkContext().hadoopConfiguration(),
                    new org.apache.hadoop.fs.Path(place))
                .quantized())
        .isTrue();
    assertThat(int8.hasParent()).isTrue();

    fitted.save(work.resolve("fitted").toString());
    String expected = predictions(fitted.transform(table()));
    deleteModels();
    PipelineModel loaded = PipelineModel.load(work.resolve("fitted").toString());
    Dataset<Row> both = loaded.transform(table());
    assertThat(both.columns())
        .containsExactly(
            Stream.concat(Stream.of(table().columns()), Stream.of("prediction", "prediction_int8"))
                .toArray(String[]::new));
    assertThat(predictions(both)).isEqualTo(expected);
    assertThat(loaded.stages()[1].transform(table()).where("prediction_int8.error is null").count())
        .isEqualTo(24);
  }

  private static void deleteModels() throws IOException {
    var models = new org.apache.hadoop.fs.Path(work.resolve("models").toUri());
    models.getFileSystem(spark.sparkContext().hadoopConfiguration()).delete(models, true);
  }

  private static String predictions(Dataset<Row> rows) {
    return rows.orderBy("name")
        .select("name", "prediction.label", "prediction_int8.label", "prediction_int8.probability")
        .collectAsList()
        .toString();
  }

  private static ParamMap[] rates(OctavoEstimator estimator) {
    return new ParamGridBuilder()
        .addGrid(estimator.learningRate(), new double[] {1e-300, 0.02})
        .build();
  }

  @Test
  void aCrossValidatorAndASplitTakeTheRateOfTheBestFigure() {
    OctavoEstimator estimator = estimator().setEpochs(1).setCrop("center");
    CrossValidatorModel crossed =
        new CrossValidator()
            .setEstimator(estimator)
            .setEvaluator(new OctavoEvaluator().setMetricName("meanPerClass"))
            .setEstimatorParamMaps(rates(estimator))
            .setNumFolds(2)
            .setSeed(3)
            .fit(table());
    assertTakesTheBest((OctavoClassifier) crossed.bestModel(), crossed.avgMetrics());
    assertThat(crossed.bestModel().transform(table()).where("prediction.error is null").count())
        .isEqualTo(24);

    TrainValidationSplitModel split =
        new TrainValidationSplit()
            .setEstimator(estimator)
            .setEvaluator(new OctavoEvaluator())
            .setEstimatorParamMaps(rates(estimator))
            .setSeed(3)
            .fit(table());
    assertTakesTheBest((OctavoClassifier) split.bestModel(), split.validationMetrics());
  }

  private static void assertTakesTheBest(OctavoClassifier best, double[] metrics) {
    OctavoEstimator parent = (OctavoEstimator) best.parent();
    assertThat(metrics).hasSize(2);
    assertThat(parent.getOrDefault(parent.learningRate()))
        .isEqualTo(metrics[1] > metrics[0] ? 0.02 : 1e-300);
  }

  @Test
  void rowsWithoutALabelOrAnImageAreLeftAside() throws IOException {
    Dataset<Row> rows =
        table()
            .withColumn("label", when(col("label").equalTo("red"), lit(2.0)).otherwise(lit(10)))
            .withColumn(
                "label", when(col("name").endsWith("/0.png"), lit(null)).otherwise(col("label")))
            .withColumn(
                "content",
                when(col("name").endsWith("/1.png"), lit(null)).otherwise(col("content")));
    OctavoClassifier model = estimator().setEpochs(1).fit(rows);
    assertThat(
            ModelBundle.open(
                    spark.sparkContext().hadoopConfiguration(),
                    new org.apache.hadoop.fs.Path(model.getOrDefault(model.model())))
                .classes())
        .containsExactly("2", "10");
    Dataset<Row> predicted = model.transform(rows);
    assertThat(predicted.where("prediction.error is null").count()).isEqualTo(21);
    double accuracy = new OctavoEvaluator().evaluate(predicted);
    long right = predicted.where("cast(prediction.label as double) = label").count();
    assertThat(accuracy).isEqualTo(right / 21.0);
    try (Stream<Path> left =
        Files.list(Path.of(java.net.URI.create(model.getOrDefault(model.model()))).getParent())) {
      assertThat(left.map(file -> file.getFileName().toString())).containsExactly("model");
    }
  }

  @Test
  void aLoadedEstimatorHasTheSameParameters() throws IOException {
    OctavoEstimator saved = estimator().setFreeze(new String[] {"stem", "layer1"}).setPatience(3);
    saved.save(work.resolve("estimator").toString());
    OctavoEstimator loaded = OctavoEstimator.load(work.resolve("estimator").toString());
    assertThat(loaded.uid()).isEqualTo(saved.uid());
    for (Param<?> param : saved.params()) {
      assertThat(loaded.get(loaded.getParam(param.name())).isDefined())
          .as(param.name())
          .isEqualTo(saved.isSet(param));
      if (saved.isDefined(param)) {
        assertThat(loaded.getOrDefault(loaded.getParam(param.name())))
            .as(param.name())
            .isEqualTo(saved.getOrDefault(param));
      }
    }
  }

  @Test
  void refusesWhatMakesNoSenseBeforeAnythingRuns() {
    refuses(
        estimator().setEpochs(0), "epochs of octavo-estimator_", " is 0, but must be at least 1");
    refuses(
        estimator().setOptimizer("lion"),
        "optimizer of octavo-estimator_",
        " is lion, but must be one of sgd, nesterov, adamw");
    refuses(estimator().setNetwork("vgg16"), "vgg16", "");
    refuses(
        estimator().setLabelCol("scene"), "there is no column 'scene' of classes", "setLabelCol");
    refuses(
        estimator().setLabelCol("content"), "is binary, but classes are strings or numbers", "");
    refuses(
        estimator().setValidationIndicatorCol("label"),
        "is string, but must be boolean: true for rows to validate with",
        "");
    refuses(estimator().setValidationFraction(1), "the val fraction must be", "");
    assertThatThrownBy(() -> estimator().setWeights(work + "/none.pth").fit(table()))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("none.pth");
    assertThatThrownBy(() -> estimator().setPathCol("label").fit(table()))
        .hasMessageContaining("the column 'label' must name each row, and each by another name");
    assertThatThrownBy(() -> new OctavoQuantizer().fit(table()))
        .hasMessageContaining("has no float model: name its directory with setModel, or let");
    assertThatThrownBy(() -> estimator().setLearningRate(1e30).fit(table()))
        .hasMessageContaining("is not finite")
        .hasMessageContaining("a lower learningRate");
  }

  private static void refuses(OctavoEstimator estimator, String message, String more) {
    assertThatThrownBy(() -> estimator.transformSchema(table().schema()))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining(message)
        .hasMessageContaining(more);
  }
}
