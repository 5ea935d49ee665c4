package dev.octavo.quantize;

import dev.octavo.OctavoException;
import dev.octavo.artifact.ParentRole;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.BundleManifest;
import dev.octavo.bundle.BundleWriter;
import dev.octavo.bundle.BundleWriterContentBuilder;
import dev.octavo.bundle.CalibrationRecord;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.bundle.QuantizationAwareManifest;
import dev.octavo.bundle.QuantizationManifest;
import dev.octavo.bundle.TrainedRanges;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetImages;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.dataset.EvaluationImages;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.image.Preprocessing;
import dev.octavo.inference.ConfidenceCalibration;
import dev.octavo.metrics.Temperature;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.Precision;
import dev.octavo.spark.JobGroup;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * The stage that turns the bundle of a float model into an int8 bundle: batch norm folded,
 * activation ranges observed on a class-stratified sample of the train split, weights quantized per
 * output channel, and nothing published that the {@link QualityGate} doesn't let through. A bundle
 * for CPUs with VNNI also carries a variant for others, if that passes as well. Executors decode
 * the images; the programs run on the driver.
 */
public final class Quantize {
  private static final int BATCH = ProgramLoader.TYPICAL_BATCH;

  private final SparkSession spark;
  private final Configuration conf;
  private final QuantizeSettings settings;
  private final Consumer<String> progress;

  /**
   * A stage ready to run.
   *
   * @param progress takes lines on progress
   */
  public Quantize(SparkSession spark, QuantizeSettings settings, Consumer<String> progress) {
    this.spark = spark;
    this.conf = spark.sparkContext().hadoopConfiguration();
    this.settings = settings;
    this.progress = progress;
  }

  /** The gate's verdict on a published model. */
  public enum Verdict {
    /** It holds. */
    PASSED,
    /** The dataset has no val split. */
    NOT_MEASURED,
    /** Calibrated on random input: an experiment, published whatever came out. */
    EXEMPT
  }

  /**
   * Quantizes and publishes.
   *
   * @throws OctavoException if model and data don't belong together or the model can't be quantized
   * @throws OctavoException.QualityGate if no way of quantizing passes the gate
   */
  public QuantizeResult execute() throws IOException {
    ModelBundle model = ModelBundle.open(conf, settings.model());
    DatasetArtifact data = DatasetArtifact.open(spark, settings.data());
    if (!model.classes().equals(data.classes())) {
      throw new OctavoException(
          "the model %s was trained on other classes than the dataset %s has: give the --data that it was trained with"
              .formatted(settings.model(), settings.data()));
    }
    Preprocessing preprocessing = model.preprocessing();
    QuantizeSettings.Calibration chosen = settings.calibration();
    List<CalibrationSample.Image> listed = CalibrationSample.list(data);
    CalibrationSample sample = CalibrationSample.choose(listed, chosen.images(), chosen.seed());
    sample.requireApartFromHeldOut(listed);
    CalibrationSample fewer =
        CalibrationSample.choose(
            listed, Math.min(Sensitivity.IMAGES, sample.paths().size()), chosen.seed());
    QuantizeChecks checks = new QuantizeChecks(settings);
    checks.requireThatThisCpuComputesTheTarget();
    Optional<TrainedRanges> ranges = TrainedRanges.read(conf, model.directory(), model.manifest());
    Optional<QuantizationAwareManifest.Ranges> simulated =
        QuantizationAwareManifest.read(model.manifest(), model.directory());
    simulated.ifPresent(checks::requireThatTrainingSimulatedIt);
    boolean judged = listed.stream().anyMatch(image -> image.split().equals(DatasetSchema.VAL));
    checks.requireThatConfidenceCanBeCalibrated(judged);
    try (Staging staging =
            Staging.open(
                conf, settings.out(), ModelBundle.KIND, settings.ifExists(), settings.inputs());
        DatasetImages images =
            new DatasetImages(data, DatasetSchema.TRAIN, sample.paths(), preprocessing, BATCH);
        DatasetImages few =
            new DatasetImages(data, DatasetSchema.TRAIN, fewer.paths(), preprocessing, BATCH);
        DatasetImages val = new DatasetImages(data, DatasetSchema.VAL, preprocessing, BATCH)) {
      NoiseImages noise = new NoiseImages(chosen.images(), preprocessing, BATCH, chosen.seed());
      NetworkQuantizer quantizer =
          new NetworkQuantizer(
              FoldedNetwork.of(
                  model.network(), model.stateDict(conf), preprocessing.normalization()),
              ranges,
              settings.target(),
              settings.fallback() == Precision.BF16 && CpuFeatures.current().computesBfloat16()
                  ? Precision.BF16
                  : Precision.FP32,
              chosen.data() == CalibrationData.RANDOM
                  ? new NetworkQuantizer.Images(noise, noise.images())
                  : new NetworkQuantizer.Images(images, sample.paths().size()),
              preprocessing.cropSize(),
              progress);
      return JobGroup.run(
          spark,
          "quantize: calibrate on %d images and compare on val".formatted(sample.paths().size()),
          () ->
              new Run(staging, model, data, sample, simulated, quantizer, few, val, judged)
                  .execute());
    }
  }

  /** One run, with what it works on. */
  private final class Run {
    private final Staging staging;
    private final ModelBundle model;
    private final DatasetArtifact data;
    private final CalibrationSample sample;
    private final Optional<QuantizationAwareManifest.Ranges> simulated;
    private final NetworkQuantizer quantizer;
    private final Validation validation;
    private final boolean judged;
    private final Sensitivity sensitivity;
    private final QuantizationConfig wanted;

    Run(
        Staging staging,
        ModelBundle model,
        DatasetArtifact data,
        CalibrationSample sample,
        Optional<QuantizationAwareManifest.Ranges> simulated,
        NetworkQuantizer quantizer,
        EvaluationImages partOfSample,
        EvaluationImages val,
        boolean judged) {
      this.staging = staging;
      this.model = model;
      this.data = data;
      this.sample = sample;
      this.simulated = simulated;
      this.quantizer = quantizer;
      this.validation = new Validation(quantizer, val, model.classes().size());
      this.judged = judged;
      this.wanted =
          simulated
              .map(s -> asSimulated(s.calibration()))
              .orElseGet(() -> settings.approach().resolve(quantizer.layers()));
      this.sensitivity = new Sensitivity(quantizer, () -> floatLogits(partOfSample));
    }

    private QuantizationConfig asSimulated(QuantizationManifest calibration) {
      return new QuantizationConfig(
          RangeMethod.of(calibration.method()), Set.of(), Set.copyOf(calibration.floatLayers()));
    }

    private ReferenceLogits floatLogits(EvaluationImages images) throws IOException {
      try (InferenceProgram program =
          new ProgramLoader(model, conf, CpuPolicy.ADAPT).load(Precision.FP32)) {
        return ReferenceLogits.of(program, images, model.classes().size());
      }
    }

    QuantizeResult execute() throws IOException {
      if (!settings.forecastTime().isZero()) {
        progress.accept(
            Forecast.measure(quantizer, wanted.floatLayers(), settings.forecastTime()).line());
      }
      progress.accept(source());
      GatedSearch search =
          new GatedSearch(
              quantizer,
              validation,
              sensitivity,
              settings.gate(),
              settings.maxFloatLayers(),
              progress);
      Verdict verdict = verdict();
      GatedSearch.Trial trial = trial(search, verdict);
      List<LayerError> errors = List.of();
      if (!trial.validation().isEmpty()) {
        errors = validation.layerErrors(trial.approach(), trial.network());
      }
      List<LayerSensitivity> table = List.of();
      if (settings.sensitivity() == QuantizeSettings.SensitivityTable.ALWAYS) {
        progress.accept("measuring the layers one at a time");
        table = sensitivity.measure(trial.approach(), trial.network());
      }
      Optional<GatedSearch.Trial> variant =
          settings.target().isFullRange() ? search.variant(trial, verdict) : Optional.empty();
      Path bundle = publish(verdict, search, trial, variant, errors, table);
      long bytes = ModelBundle.open(conf, bundle).fileBytes();
      return QuantizeResultBuilder.builder()
          .bundle(bundle)
          .target(settings.target())
          .approach(trial.approach())
          .gate(verdict)
          .floatBytes(model.fileBytes())
          .int8Bytes(bytes)
          .validation(trial.validation())
          .variant(variant.map(GatedSearch.Trial::validation))
          .layers(errors)
          .sensitivity(table)
          .build();
    }

    /** The source of the ranges, in words. */
    private String source() {
      if (simulated.isPresent()) {
        return "ranges and rounding to the nearest code are those that training simulated: nothing is calibrated";
      }
      return settings.calibration().data() == CalibrationData.RANDOM
          ? "observing activations on random input: expect a bad model, and no gate"
          : "observing activations on %,d images of the train split"
              .formatted(sample.paths().size());
    }

    private GatedSearch.Trial trial(GatedSearch search, Verdict verdict) throws IOException {
      if (verdict != Verdict.PASSED) {
        return search.attempt(wanted);
      }
      return simulated.isPresent() ? search.runAlone(wanted) : search.run(wanted);
    }

    private BundleManifest.Int8 int8(boolean variant) {
      CpuTarget target = settings.target();
      return new BundleManifest.Int8(
          target,
          target.weightBits(),
          variant,
          Optional.of(settings.fallback()).filter(fallback -> fallback == Precision.BF16));
    }

    private Optional<Temperature> temperature(GatedSearch.Trial trial) throws IOException {
      if (!settings.calibrateConfidence()) {
        if (model.about().confidenceTemperature().isPresent()) {
          progress.accept(
              "the float model's confidence is calibrated, this one's is not: --calibrate-confidence fits a temperature to it");
        }
        return Optional.empty();
      }
      ConfidenceCalibration fitted = validation.confidence(trial.network());
      progress.accept(fitted.line());
      return Optional.of(fitted.temperature());
    }

    /** The entry on the gate of a published model. */
    private Verdict verdict() {
      if (settings.calibration().data() == CalibrationData.RANDOM) {
        return Verdict.EXEMPT;
      }
      return judged ? Verdict.PASSED : Verdict.NOT_MEASURED;
    }

    private Path publish(
        Verdict verdict,
        GatedSearch search,
        GatedSearch.Trial trial,
        Optional<GatedSearch.Trial> variant,
        List<LayerError> errors,
        List<LayerSensitivity> table)
        throws IOException {
      return BundleWriter.publish(
          staging,
          BundleWriterContentBuilder.builder()
              .about(
                  new BundleWriter.Description(
                      model.network(),
                      model.classes(),
                      model.preprocessing(),
                      Optional.of(int8(variant.isPresent())),
                      temperature(trial)))
              .program(quantizer.program(trial.network()))
              .variant(variant.map(v -> quantizer.program(v.network())))
              .texts(
                  Map.of(
                      CalibrationRecord.FILE_NAME,
                      quantizer.calibration(trial.approach()).toJson()))
              .parents(
                  Map.of(
                      ParentRole.DATA,
                      data.manifest().id(),
                      ParentRole.MODEL,
                      model.manifest().id()))
              .settings(
                  simulated
                      .map(s -> ManifestEntries.settings(settings, s))
                      .orElseGet(
                          () -> ManifestEntries.settings(settings, sample, trial.approach())))
              .figures(
                  ManifestEntries.figures(
                      model,
                      verdict,
                      search.log(),
                      trial.validation(),
                      variant.map(GatedSearch.Trial::validation),
                      errors,
                      search.ranking().isEmpty() ? table : search.ranking()))
              .build());
    }
  }
}
