package dev.octavo.ml;

import dev.octavo.OctavoException;
import dev.octavo.image.codec.DecodeLimits;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;

/**
 * The parameters of all estimators, which say which rows they learn from. Values are checked when a
 * schema is transformed or a table is fitted.
 *
 * @param <S> the estimator
 */
public abstract class FitParams<S extends FitParams<S>> extends Estimator<OctavoClassifier> {
  private static final long serialVersionUID = 1L;

  private static final Pattern OPTION = Pattern.compile("--([a-z]+(?:-[a-z]+)*)");

  private final String uid;
  private final Param<String> inputCol;
  private final Param<String> labelCol;
  private final Param<String> pathCol;
  private final Param<String> validationIndicatorCol;
  private final DoubleParam validationFraction;
  private final Param<String> outputCol;
  private final Param<String> workDir;
  private final LongParam maxPixels;
  private final LongParam maxBytes;
  private final LongParam seed;

  FitParams(String uid, String defaultOutputCol) {
    this.uid = uid;
    inputCol =
        new Param<>(uid, "inputCol", "column of images: binary (files) or Spark's image schema");
    labelCol =
        new Param<>(
            uid,
            "labelCol",
            "column of classes: strings or numbers; rows without one are left aside");
    pathCol =
        new Param<>(
            uid,
            "pathCol",
            "column of unique names of rows; without it they are called after class and hash");
    validationIndicatorCol =
        new Param<>(
            uid, "validationIndicatorCol", "boolean column that is true for rows to validate with");
    validationFraction =
        new DoubleParam(
            uid,
            "validationFraction",
            "fraction of each class to validate with, where no column says");
    outputCol = new Param<>(uid, "outputCol", "column of predictions that the model adds");
    workDir =
        new Param<>(
            uid,
            "workDir",
            "directory that all executors see, where the model and what is needed for it are written");
    maxPixels = new LongParam(uid, "maxPixels", "larger images are left aside, undecoded");
    maxBytes = new LongParam(uid, "maxBytes", "larger files are left aside, undecoded");
    seed = new LongParam(uid, "seed", "seed of everything random");
    setDefault(inputCol, "content");
    setDefault(labelCol, "label");
    setDefault(validationFraction, 0.1);
    setDefault(maxPixels, DecodeLimits.DEFAULT.maxPixels());
    setDefault(maxBytes, DecodeLimits.DEFAULT.maxBytes());
    setDefault(seed, 17L);
    setDefault(outputCol, defaultOutputCol);
  }

  @Override
  public String uid() {
    return uid;
  }

  /** Column of images: binary (files) or Spark's image schema. */
  public Param<String> inputCol() {
    return inputCol;
  }

  /** Sets {@link #inputCol} (content). */
  public S setInputCol(String value) {
    return with(inputCol, value);
  }

  /** Column of classes: strings or numbers; rows without one are left aside. */
  public Param<String> labelCol() {
    return labelCol;
  }

  /** Sets {@link #labelCol} (label). */
  public S setLabelCol(String value) {
    return with(labelCol, value);
  }

  /** Column of unique names of rows; without it they are called after class and hash. */
  public Param<String> pathCol() {
    return pathCol;
  }

  /** Sets {@link #pathCol}. */
  public S setPathCol(String value) {
    return with(pathCol, value);
  }

  /** Boolean column that is true for rows to validate with. */
  public Param<String> validationIndicatorCol() {
    return validationIndicatorCol;
  }

  /** Sets {@link #validationIndicatorCol}. */
  public S setValidationIndicatorCol(String value) {
    return with(validationIndicatorCol, value);
  }

  /** Fraction of each class to validate with, where no column says. */
  public DoubleParam validationFraction() {
    return validationFraction;
  }

  /** Sets {@link #validationFraction} (0.1). */
  public S setValidationFraction(double value) {
    return with(validationFraction, value);
  }

  /** Column of predictions that the model adds. */
  public Param<String> outputCol() {
    return outputCol;
  }

  /** Sets {@link #outputCol}. */
  public S setOutputCol(String value) {
    return with(outputCol, value);
  }

  /** Directory that all executors see, where the model and what is needed for it are written. */
  public Param<String> workDir() {
    return workDir;
  }

  /** Sets {@link #workDir}. */
  public S setWorkDir(String value) {
    return with(workDir, value);
  }

  /** Larger images are left aside, undecoded. */
  public LongParam maxPixels() {
    return maxPixels;
  }

  /** Sets {@link #maxPixels} (89,478,485). */
  public S setMaxPixels(long value) {
    return with(maxPixels, value);
  }

  /** Larger files are left aside, undecoded. */
  public LongParam maxBytes() {
    return maxBytes;
  }

  /** Sets {@link #maxBytes} (64 MiB). */
  public S setMaxBytes(long value) {
    return with(maxBytes, value);
  }

  /** Seed of everything random. */
  public LongParam seed() {
    return seed;
  }

  /** Sets {@link #seed} (17). */
  public S setSeed(long value) {
    return with(seed, value);
  }

  abstract S self();

  final <T> S with(Param<T> param, T value) {
    set(param, value);
    return self();
  }

  /** A value that is set or has a default. */
  final <T> T value(Param<T> param) {
    return getOrDefault(param);
  }

  final int value(IntParam param) {
    return ((Number) getOrDefault(param)).intValue();
  }

  final long value(LongParam param) {
    return ((Number) getOrDefault(param)).longValue();
  }

  final double value(DoubleParam param) {
    return ((Number) getOrDefault(param)).doubleValue();
  }

  final boolean value(BooleanParam param) {
    return (Boolean) getOrDefault(param);
  }

  final List<String> values(StringArrayParam param) {
    return List.of(getOrDefault(param));
  }

  final <T> Optional<T> optional(Param<T> param) {
    return isSet(param) ? Optional.of(value(param)) : Optional.empty();
  }

  /** The constant that a value names as on the command line, as in {@code one-cycle}. */
  final <E extends Enum<E>> E constant(Param<String> param, Class<E> type) {
    String name = value(param);
    List<E> constants = List.of(type.getEnumConstants());
    return constants.stream()
        .filter(constant -> id(constant).equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new OctavoException.Usage(
                    "%s of %s is %s, but must be one of %s"
                        .formatted(
                            param.name(),
                            uid,
                            name,
                            constants.stream()
                                .map(FitParams::id)
                                .collect(Collectors.joining(", ")))));
  }

  private static String id(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  final DecodeLimits limits() {
    return new DecodeLimits(value(maxPixels), value(maxBytes));
  }

  /** Checks the values, as far as that goes without looking at any file. */
  abstract void checkValues();

  /**
   * The schema of a table with the model's predictions.
   *
   * @throws OctavoException.Usage if a value is out of range, or a column is missing or of another
   *     type
   */
  @Override
  public StructType transformSchema(StructType schema) {
    try {
      LabelledTable.check(schema, this);
      checkValues();
    } catch (OctavoException e) {
      throw inParams(e);
    }
    return OctavoClassifier.withPredictions(schema, value(outputCol), Metadata.empty());
  }

  /** An exception that calls parameters as they are called here, not as options are. */
  final OctavoException inParams(OctavoException e) {
    String message =
        e instanceof OctavoException.InvalidSetting wrong
            ? wrong.message(wrong.property() + " of " + uid)
            : OPTION
                .matcher(e.getMessage())
                .replaceAll(
                    option ->
                        hasParam(camel(option.group(1))) ? camel(option.group(1)) : option.group());
    OctavoException same;
    if (e instanceof OctavoException.QualityGate) {
      same = new OctavoException.QualityGate(message);
    } else if (e instanceof OctavoException.Usage) {
      same = new OctavoException.Usage(message);
    } else {
      same = new OctavoException(message);
    }
    same.initCause(e);
    return same;
  }

  /** An option as a parameter is called: {@code commDtype} for {@code comm-dtype}. */
  static String camel(String option) {
    String[] words = option.split("-", -1);
    return words[0]
        + Arrays.stream(words, 1, words.length)
            .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
            .collect(Collectors.joining());
  }
}
