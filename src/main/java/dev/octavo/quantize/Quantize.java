package dev.octavo.quantize;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.Precision;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.network.Network;
import dev.octavo.program.CalibrationProgram;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.Int8Program;
import dev.octavo.program.QuantizedNetwork;
import dev.octavo.spark.JobGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * The stage that turns the bundle of a float model into an int8 bundle: batch norm folded,
 * activation ranges observed on a class-stratified sample of the train split, weights quantized per
 * output channel. Executors decode the pictures; the programs run on the driver.
 */
public final class Quantize {
  private static final int BATCH = ModelBundle.TYPICAL_BATCH;

  private final SparkSession spark;
  private final Configuration conf;
  private final QuantizeSettings settings;
  private final Consumer<String> progress;

  /**
   * A stage ready to run.
   *
   * @param progress told, now and then, what is being done
   */
  public Quantize(SparkSession spark, QuantizeSettings settings, Consumer<String> progress) {
    this.spark = spark;
    this.conf = spark.sparkContext().hadoopConfiguration();
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * What came out.
   *
   * @param bundle where it is
   * @param sampleImages pictures that ranges were observed on
   * @param floatBytes size of the float model's file
   * @param int8Bytes size of the int8 model's file
   * @param validation both models on the val split; all ratios are {@code NaN} where there is none
   */
  public record Result(
      Path bundle, int sampleImages, long floatBytes, long int8Bytes, Comparison validation) {}

  /**
   * Quantizes and publishes.
   *
   * @throws OctavoException if model and data don't belong together or the model can't be quantized
   */
  public Result execute() throws IOException {
    ModelBundle model = ModelBundle.open(conf, settings.model());
    DatasetArtifact data = DatasetArtifact.open(spark, settings.data());
    if (!model.classes().equals(data.classes())) {
      throw new OctavoException(
          "the model %s was trained on other classes than the dataset %s has"
              .formatted(settings.model(), settings.data()));
    }
    try (Staging staging = Staging.open(conf, settings.out(), settings.ifExists())) {
      Network network = model.network();
      FoldedNetwork folded = FoldedNetwork.of(network, model.stateDict(conf));
      CalibrationSample sample =
          CalibrationSample.choose(data, settings.calibrationImages(), settings.seed());
      progress.accept(
          "observing activations on %,d pictures of the train split"
              .formatted(sample.paths().size()));
      Map<Integer, Histogram> histograms = calibrate(model, folded, data, sample);
      QuantizedNetwork quantized =
          new NetworkQuantizer(new WeightQuantizer(settings.weightBits()), settings.method())
              .quantize(folded, histograms);
      ModelBundle.ProgramWriter writer =
          out -> Int8Program.write(quantized, model.imageSize(), BATCH, out);
      progress.accept("comparing both models on the val split");
      Comparison validation = compare(model, writer, data);
      Path bundle = publish(staging, model, data, sample, writer, validation);
      long bytes = ModelBundle.open(conf, bundle).fileBytes();
      return new Result(bundle, sample.paths().size(), model.fileBytes(), bytes, validation);
    }
  }

  private Map<Integer, Histogram> calibrate(
      ModelBundle model, FoldedNetwork folded, DatasetArtifact data, CalibrationSample sample)
      throws IOException {
    EvaluationImages images = new EvaluationImages(sample.rows(data), model.imageSize(), BATCH);
    try (LoadedProgram program =
        load(out -> CalibrationProgram.write(folded, model.imageSize(), BATCH, out))) {
      return JobGroup.run(
          spark,
          "quantize: calibrate on %d pictures".formatted(sample.paths().size()),
          () -> Calibrator.observe(program, model.network(), images));
    }
  }

  private Comparison compare(
      ModelBundle model, ModelBundle.ProgramWriter writer, DatasetArtifact data)
      throws IOException {
    EvaluationImages images =
        new EvaluationImages(data.split(DatasetSchema.VAL), model.imageSize(), BATCH);
    try (LoadedProgram reference = model.load(conf, Precision.FP32);
        LoadedProgram quantized = load(writer)) {
      return JobGroup.run(
          spark,
          "quantize: compare both models on val",
          () -> Comparison.of(reference, quantized, images));
    }
  }

  private static LoadedProgram load(ModelBundle.ProgramWriter writer) throws IOException {
    java.nio.file.Path file = ModelBundle.temporary(writer);
    try {
      return LoadedProgram.load(file, LoadedProgram.Mode.INFERENCE);
    } finally {
      Files.delete(file);
    }
  }

  private Path publish(
      Staging staging,
      ModelBundle model,
      DatasetArtifact data,
      CalibrationSample sample,
      ModelBundle.ProgramWriter writer,
      Comparison validation)
      throws IOException {
    Map<String, Object> chosen =
        Map.of(
            "calibrationImages", sample.paths().size(),
            "calibrationSample", sample.id(),
            "method", settings.method().name().toLowerCase(Locale.ROOT),
            "seed", settings.seed(),
            "weightBits", settings.weightBits());
    Map<String, Object> figures = new TreeMap<>();
    figures.put("floatModelBytes", model.fileBytes());
    if (validation.agreement().total() > 0) {
      figures.put("valFloatTop1", validation.floatTop1().value());
      figures.put("valInt8Top1", validation.int8Top1().value());
      figures.put("valAgreement", validation.agreement().value());
      figures.put("valLogitsSqnrDecibels", validation.logits().decibels());
    }
    return ModelBundle.publish(
        staging,
        new ModelBundle.Content(
            new ModelBundle.Description(
                model.network(), model.classes(), model.imageSize(), Precision.INT8),
            writer,
            Map.of("data", data.manifest().id(), "model", model.manifest().id()),
            chosen,
            figures));
  }
}
