package dev.octavo.ml;

import dev.octavo.artifact.Destination;
import dev.octavo.program.Precision;
import dev.octavo.quantize.CalibrationData;
import dev.octavo.quantize.QualityGate;
import dev.octavo.quantize.QuantizationConfig;
import dev.octavo.quantize.QuantizeSettings;
import dev.octavo.quantize.QuantizeSettingsBuilder;
import dev.octavo.quantize.RangeMethod;
import dev.octavo.quantize.Refinement;
import dev.octavo.quantize.Rounding;
import dev.octavo.quantize.TargetChoice;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * The parameters of {@link OctavoQuantizer} that say how to quantize: the options of {@code
 * jobs/quantize}, with its defaults.
 */
public abstract class QuantizerParams extends FitParams<OctavoQuantizer> {
  private static final long serialVersionUID = 1L;

  private final Param<String> model;
  private final Param<String> predictionCol;
  private final IntParam calibrationImages;
  private final Param<String> calibrationMethod;
  private final BooleanParam equalize;
  private final BooleanParam biasCorrection;
  private final Param<String> rounding;
  private final StringArrayParam floatLayers;
  private final Param<String> fallback;
  private final DoubleParam maxDrop;
  private final DoubleParam minAgreement;
  private final IntParam maxFloatLayers;
  private final BooleanParam calibrateConfidence;
  private final Param<String> target;

  QuantizerParams(String uid) {
    super(uid, "prediction_int8");
    model =
        new Param<>(
            uid,
            "model",
            "directory of the float model; unless set, the one that made predictionCol");
    predictionCol = new Param<>(uid, "predictionCol", "column of predictions of the float model");
    calibrationImages =
        new IntParam(
            uid,
            "calibrationImages",
            "images, spread over the classes, that activation ranges are observed on");
    calibrationMethod =
        new Param<>(
            uid,
            "calibrationMethod",
            "choice of activation ranges, as in jobs/quantize --calibration-method");
    equalize =
        new BooleanParam(
            uid, "equalize", "equalize channels between neighbouring convolutions first");
    biasCorrection =
        new BooleanParam(
            uid, "biasCorrection", "correct biases for what rounding does to the mean of outputs");
    rounding = new Param<>(uid, "rounding", "rounding of weights: nearest or gptq");
    floatLayers =
        new StringArrayParam(this, "floatLayers", "layers to keep in float32, by name or pattern");
    fallback =
        new Param<>(uid, "fallback", "precision of the layers that stay float: fp32 or bf16");
    maxDrop =
        new DoubleParam(
            uid,
            "maxDrop",
            "points of top-1 accuracy that may be lost on the rows to validate with");
    minAgreement =
        new DoubleParam(
            uid,
            "minAgreement",
            "fraction of those rows on which both models must name the same class");
    maxFloatLayers =
        new IntParam(
            uid, "maxFloatLayers", "most further layers that may stay in float32 to pass the gate");
    target =
        new Param<>(
            uid,
            "target",
            "CPUs that will run it: amx, vnni, avx2, portable, or auto for the kind of this one");
    calibrateConfidence =
        new BooleanParam(
            uid,
            "calibrateConfidence",
            "fit a temperature to the int8 model's logits of the rows to validate with");
    setDefault(predictionCol, "prediction");
    setDefault(calibrationImages, 512);
    setDefault(calibrationMethod, "mse");
    setDefault(equalize, false);
    setDefault(biasCorrection, true);
    setDefault(rounding, "gptq");
    setDefault(floatLayers, new String[0]);
    setDefault(fallback, "fp32");
    setDefault(maxDrop, 0.5);
    setDefault(minAgreement, 0.0);
    setDefault(maxFloatLayers, 16);
    setDefault(target, "auto");
    setDefault(calibrateConfidence, false);
  }

  /** Directory of the float model; unless set, the one that made predictionCol. */
  public Param<String> model() {
    return model;
  }

  /** Sets {@link #model}. */
  public OctavoQuantizer setModel(String value) {
    return with(model, value);
  }

  /** Column of predictions of the float model. */
  public Param<String> predictionCol() {
    return predictionCol;
  }

  /** Sets {@link #predictionCol} (prediction). */
  public OctavoQuantizer setPredictionCol(String value) {
    return with(predictionCol, value);
  }

  /** Images, spread over the classes, that activation ranges are observed on. */
  public IntParam calibrationImages() {
    return calibrationImages;
  }

  /** Sets {@link #calibrationImages} (512). */
  public OctavoQuantizer setCalibrationImages(int value) {
    return with(calibrationImages, value);
  }

  /** Choice of activation ranges, as in jobs/quantize --calibration-method. */
  public Param<String> calibrationMethod() {
    return calibrationMethod;
  }

  /** Sets {@link #calibrationMethod} (mse). */
  public OctavoQuantizer setCalibrationMethod(String value) {
    return with(calibrationMethod, value);
  }

  /** Equalize channels between neighbouring convolutions first. */
  public BooleanParam equalize() {
    return equalize;
  }

  /** Sets {@link #equalize} (false). */
  public OctavoQuantizer setEqualize(boolean value) {
    return with(equalize, value);
  }

  /** Correct biases for what rounding does to the mean of outputs. */
  public BooleanParam biasCorrection() {
    return biasCorrection;
  }

  /** Sets {@link #biasCorrection} (true). */
  public OctavoQuantizer setBiasCorrection(boolean value) {
    return with(biasCorrection, value);
  }

  /** Rounding of weights: nearest or gptq. */
  public Param<String> rounding() {
    return rounding;
  }

  /** Sets {@link #rounding} (gptq). */
  public OctavoQuantizer setRounding(String value) {
    return with(rounding, value);
  }

  /** Layers to keep in float32, by name or pattern. */
  public StringArrayParam floatLayers() {
    return floatLayers;
  }

  /** Sets {@link #floatLayers} (none). */
  public OctavoQuantizer setFloatLayers(String[] value) {
    return with(floatLayers, value);
  }

  /** Precision of the layers that stay float: fp32 or bf16. */
  public Param<String> fallback() {
    return fallback;
  }

  /** Sets {@link #fallback} (fp32). */
  public OctavoQuantizer setFallback(String value) {
    return with(fallback, value);
  }

  /** Points of top-1 accuracy that may be lost on the rows to validate with. */
  public DoubleParam maxDrop() {
    return maxDrop;
  }

  /** Sets {@link #maxDrop} (0.5). */
  public OctavoQuantizer setMaxDrop(double value) {
    return with(maxDrop, value);
  }

  /** Fraction of those rows on which both models must name the same class. */
  public DoubleParam minAgreement() {
    return minAgreement;
  }

  /** Sets {@link #minAgreement} (0). */
  public OctavoQuantizer setMinAgreement(double value) {
    return with(minAgreement, value);
  }

  /** Most further layers that may stay in float32 to pass the gate. */
  public IntParam maxFloatLayers() {
    return maxFloatLayers;
  }

  /** Sets {@link #maxFloatLayers} (16). */
  public OctavoQuantizer setMaxFloatLayers(int value) {
    return with(maxFloatLayers, value);
  }

  /** Fit a temperature to the int8 model's logits of the rows to validate with. */
  public BooleanParam calibrateConfidence() {
    return calibrateConfidence;
  }

  /** Sets {@link #calibrateConfidence} (false). */
  public OctavoQuantizer setCalibrateConfidence(boolean value) {
    return with(calibrateConfidence, value);
  }

  /** CPUs that will run it: amx, vnni, avx2, portable, or auto for the kind of this one. */
  public Param<String> target() {
    return target;
  }

  /** Sets {@link #target} (auto). */
  public OctavoQuantizer setTarget(String value) {
    return with(target, value);
  }

  /**
   * The settings of the stage.
   *
   * @param floatModel bundle of the float model
   * @param data the dataset
   * @param out where the int8 model goes
   */
  final QuantizeSettings settings(Path floatModel, Path data, Path out) {
    Set<Refinement> refinements = EnumSet.noneOf(Refinement.class);
    if (value(equalize)) {
      refinements.add(Refinement.EQUALIZATION);
    }
    if (value(biasCorrection)) {
      refinements.add(Refinement.BIAS_CORRECTION);
    }
    if (constant(rounding, Rounding.class) == Rounding.GPTQ) {
      refinements.add(Refinement.GPTQ);
    }
    return QuantizeSettingsBuilder.builder()
        .model(floatModel)
        .data(data)
        .out(out)
        .ifExists(Destination.IfExists.FAIL)
        .calibration(
            new QuantizeSettings.Calibration(
                CalibrationData.TRAIN, value(calibrationImages), value(seed())))
        .approach(
            new QuantizationConfig(
                constant(calibrationMethod, RangeMethod.class),
                refinements,
                Set.copyOf(values(floatLayers))))
        .target(constant(target, TargetChoice.class).cpu())
        .fallback(constant(fallback, Precision.class))
        .gate(new QualityGate(value(maxDrop), value(minAgreement)))
        .maxFloatLayers(value(maxFloatLayers))
        .calibrateConfidence(value(calibrateConfidence))
        .sensitivity(QuantizeSettings.SensitivityTable.WHEN_NEEDED)
        .forecastTime(Duration.ZERO)
        .build();
  }

  @Override
  void checkValues() {
    Path anywhere = new Path("/");
    settings(anywhere, anywhere, anywhere);
  }
}
