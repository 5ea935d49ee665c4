package dev.octavo.cli;

import dev.octavo.bundle.ModelBundle;
import dev.octavo.program.Precision;
import dev.octavo.quantize.CalibrationData;
import dev.octavo.quantize.QualityGate;
import dev.octavo.quantize.QuantizationConfig;
import dev.octavo.quantize.Quantize;
import dev.octavo.quantize.QuantizeResult;
import dev.octavo.quantize.QuantizeSettings;
import dev.octavo.quantize.QuantizeSettingsBuilder;
import dev.octavo.quantize.RangeMethod;
import dev.octavo.quantize.Refinement;
import dev.octavo.quantize.Rounding;
import dev.octavo.quantize.TargetChoice;
import dev.octavo.spark.OctavoSession;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octavo quantize}: a float bundle in, an int8 bundle out. */
@Command(
    name = "quantize",
    description =
        "Turns a trained model into an int8 model, calibrated on the data it was trained on.")
public final class QuantizeCommand implements Callable<Integer> {
  private static final Duration FORECAST_TIME = Duration.ofSeconds(1);

  @Spec private CommandSpec spec;
  @Mixin private OverwriteOption overwrite;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "The bundle of a trained model.")
  private Path model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description =
          "The dataset it was trained on: calibrated on its train split, compared on val.")
  private Path data;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the new int8 bundle.")
  private Path out;

  @Option(
      names = "--calibration-data",
      paramLabel = "DATA",
      defaultValue = "train",
      description =
          "Images that activation ranges are observed on: train or random"
              + " (${DEFAULT-VALUE}). random repeats a classic mistake, noise in place of images;"
              + " the model is published whatever its accuracy.")
  private CalibrationData calibrationData;

  @Option(
      names = "--calibration-images",
      paramLabel = "N",
      defaultValue = "512",
      description =
          "Images of the train split, spread over the classes, that activation ranges are"
              + " observed on (${DEFAULT-VALUE}).")
  private int calibrationImages;

  @Option(
      names = "--calibration-method",
      paramLabel = "METHOD",
      defaultValue = "mse",
      completionCandidates = Methods.class,
      description = "Choice of activation ranges: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  private RangeMethod method;

  @Option(
      names = "--equalize",
      negatable = true,
      defaultValue = "false",
      fallbackValue = "true",
      description =
          "Equalize the channels between neighbouring convolutions first (${DEFAULT-VALUE}).")
  private boolean equalize;

  @Option(
      names = "--bias-correction",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Correct biases for the shift of mean outputs that rounding causes"
              + " (${DEFAULT-VALUE}).")
  private boolean biasCorrection;

  @Option(
      names = "--rounding",
      paramLabel = "HOW",
      defaultValue = "gptq",
      description =
          "Rounding of weights: nearest, or gptq, whose errors compensate each other, which"
              + " takes memory (${DEFAULT-VALUE}).")
  private Rounding rounding;

  @Option(
      names = "--float-layers",
      split = ",",
      hideParamSyntax = true,
      paramLabel = "PATTERN,...",
      description =
          "Layers to keep in float, by name or with *, as in conv1,layer4.*; --sensitivity"
              + " prints a suitable list.")
  private Set<String> floatLayers = Set.of();

  @Option(
      names = "--fallback",
      paramLabel = "NAME",
      defaultValue = "fp32",
      description =
          "Precision of the layers that stay float: fp32, or bf16, which is fp32 on CPUs"
              + " without it (${DEFAULT-VALUE}).")
  private Precision fallback;

  @Option(
      names = "--max-drop",
      paramLabel = "POINTS",
      defaultValue = "0.5",
      description =
          "Points of top-1 accuracy on val that the int8 model may lose; a single image"
              + " never counts, unless this is 0 (${DEFAULT-VALUE}). If it loses more, other"
              + " configurations are tried; if none passes, nothing is published and the exit"
              + " code is 3.")
  private double maxDrop;

  @Option(
      names = "--min-agreement",
      paramLabel = "FRACTION",
      defaultValue = "0",
      description =
          "Fraction of val on which both models must name the same class" + " (${DEFAULT-VALUE}).")
  private double minAgreement;

  @Option(
      names = "--max-float-layers",
      paramLabel = "N",
      defaultValue = "16",
      description =
          "Most further layers, by sensitivity, that may stay in float32 to pass the gate"
              + " (${DEFAULT-VALUE}).")
  private int maxFloatLayers;

  @Option(
      names = "--calibrate-confidence",
      description =
          "Fit a temperature to the int8 model's logits on val, which score then divides them by:"
              + " probabilities become as high as answers are right; the answers stay.")
  private boolean calibrateConfidence;

  @Option(
      names = "--sensitivity",
      description =
          "Measure the layers one at a time and print the table: the logits' error when only that"
              + " layer is quantized.")
  private boolean sensitivity;

  @Option(
      names = "--forecast",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Forecast first how much faster than fp32 int8 will be on this CPU"
              + " (${DEFAULT-VALUE}).")
  private boolean forecast;

  @Option(
      names = "--target",
      paramLabel = "CPU",
      defaultValue = "auto",
      description =
          "CPUs that will run it: amx, vnni, avx2, portable (${DEFAULT-VALUE}, the kind of"
              + " this one). amx and vnni get full-range weights, and a 7-bit variant for other"
              + " x86 CPUs; avx2 gets 7-bit weights alone; portable runs on aarch64 too, slower.")
  private TargetChoice target;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "17",
      description = "Seed of the calibration sample (${DEFAULT-VALUE}).")
  private long seed;

  /** The names of the methods. */
  static final class Methods implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return new Converters.Constant(RangeMethod.class).names().iterator();
    }
  }

  QuantizeCommand() {}

  @Override
  public Integer call() throws IOException {
    Set<Refinement> refinements = EnumSet.noneOf(Refinement.class);
    if (equalize) {
      refinements.add(Refinement.EQUALIZATION);
    }
    if (biasCorrection) {
      refinements.add(Refinement.BIAS_CORRECTION);
    }
    if (rounding == Rounding.GPTQ) {
      refinements.add(Refinement.GPTQ);
    }
    QuantizeSettings settings =
        QuantizeSettingsBuilder.builder()
            .model(model)
            .data(data)
            .out(out)
            .ifExists(overwrite.ifExists())
            .calibration(new QuantizeSettings.Calibration(calibrationData, calibrationImages, seed))
            .approach(new QuantizationConfig(method, refinements, floatLayers))
            .target(target.cpu())
            .fallback(fallback)
            .gate(new QualityGate(maxDrop, minAgreement))
            .maxFloatLayers(maxFloatLayers)
            .calibrateConfidence(calibrateConfidence)
            .sensitivity(
                sensitivity
                    ? QuantizeSettings.SensitivityTable.ALWAYS
                    : QuantizeSettings.SensitivityTable.WHEN_NEEDED)
            .forecastTime(forecast ? FORECAST_TIME : Duration.ZERO)
            .build();
    new Preflight()
        .model(model)
        .dataset(data)
        .target(out, ModelBundle.KIND, overwrite.ifExists(), settings.inputs());
    SparkSession spark = OctavoSession.open("quantize");
    var console = spec.commandLine().getOut();
    QuantizeResult result = new Quantize(spark, settings, console::println).execute();
    new QuantizeSummary(result).print(console);
    return 0;
  }
}
