package dev.octavo.ml;

import dev.octavo.OctavoException;
import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.ModelSetSpec;
import dev.octavo.inference.ModelSpec;
import dev.octavo.inference.Outputs;
import dev.octavo.inference.Outputs.Views;
import dev.octavo.program.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The parameters of {@link OctavoClassifier}. Spark finds them by their accessors, which is why
 * each has a method of its own name. They are checked when a schema or a table is transformed:
 * Spark ML also sets them one by one, from files and grids.
 */
public abstract class ClassifierParams extends Model<OctavoClassifier> {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final Param<String> model;
  private final Param<String> inputCol;
  private final Param<String> outputCol;
  private final IntParam batchSize;
  private final IntParam topK;
  private final Param<String> precision;
  private final BooleanParam probabilities;
  private final BooleanParam embeddings;
  private final DoubleParam minConfidence;
  private final Param<String> views;
  private final LongParam maxPixels;
  private final LongParam maxBytes;

  ClassifierParams(String uid) {
    this.uid = uid;
    model = new Param<>(uid, "model", "directory of the model bundle, on any Hadoop file system");
    inputCol =
        new Param<>(uid, "inputCol", "column of images: binary (files) or Spark's image schema");
    outputCol = new Param<>(uid, "outputCol", "column of predictions that is added");
    batchSize = new IntParam(uid, "batchSize", "images per call of the model, 1 to 1024");
    topK = new IntParam(uid, "topK", "classes listed per prediction, at least 1");
    precision =
        new Param<>(uid, "precision", "what a float model computes in: fp32, bf16 or portable");
    probabilities = new BooleanParam(uid, "probabilities", "keep those of all classes");
    embeddings = new BooleanParam(uid, "embeddings", "keep the features the classifier reads");
    minConfidence =
        new DoubleParam(uid, "minConfidence", "less probable predictions are marked for review");
    views =
        new Param<>(
            uid, "views", "one, or flip: the mean probabilities of an image and its mirror image");
    maxPixels = new LongParam(uid, "maxPixels", "larger images are an error, undecoded");
    maxBytes = new LongParam(uid, "maxBytes", "larger files are an error, undecoded");
    setDefault(inputCol, "content");
    setDefault(outputCol, "prediction");
    setDefault(batchSize, ProgramLoader.TYPICAL_BATCH);
    setDefault(topK, 5);
    setDefault(precision, Precision.FP32.id());
    setDefault(probabilities, false);
    setDefault(embeddings, false);
    setDefault(minConfidence, 0.0);
    setDefault(views, "one");
    setDefault(maxPixels, DecodeLimits.DEFAULT.maxPixels());
    setDefault(maxBytes, DecodeLimits.DEFAULT.maxBytes());
  }

  @Override
  public String uid() {
    return uid;
  }

  /** Directory of the model bundle. */
  public Param<String> model() {
    return model;
  }

  /** Name of the column of images. */
  public Param<String> inputCol() {
    return inputCol;
  }

  /** Name of the column that is added. */
  public Param<String> outputCol() {
    return outputCol;
  }

  /** Images per call of the model. */
  public IntParam batchSize() {
    return batchSize;
  }

  /** Classes listed per prediction. */
  public IntParam topK() {
    return topK;
  }

  /** The precision of a float model. */
  public Param<String> precision() {
    return precision;
  }

  /** Returns whether the probabilities of all classes are kept. */
  public BooleanParam probabilities() {
    return probabilities;
  }

  /** Returns whether the pooled features are kept. */
  public BooleanParam embeddings() {
    return embeddings;
  }

  /** The probability below which a prediction is marked for review. */
  public DoubleParam minConfidence() {
    return minConfidence;
  }

  /** {@code one}, or {@code flip}: the mean probabilities of an image and its mirror image. */
  public Param<String> views() {
    return views;
  }

  /** The limit on width × height. */
  public LongParam maxPixels() {
    return maxPixels;
  }

  /** The limit on the size of a file. */
  public LongParam maxBytes() {
    return maxBytes;
  }

  /** A value that is set or has a default. */
  final <T> T value(Param<T> param) {
    return getOrDefault(param);
  }

  /** Checks the values, as far as that goes without looking at the model. */
  final void checkValues() {
    if (!isSet(model) || value(model).isBlank()) {
      throw new OctavoException.Usage(
          "%s has no model: name the directory of a bundle with setModel".formatted(uid));
    }
    try {
      new ModelSetSpec(List.of(), batchSizeValue(), limits(), InferencePlan.DECODE_TIME);
      outputs();
    } catch (InvalidSetting wrong) {
      throw new OctavoException.Usage(wrong.message(wrong.property() + " of " + uid));
    }
    precisionValue();
  }

  private int batchSizeValue() {
    return (Integer) value(batchSize);
  }

  private Outputs outputs() {
    return new Outputs(
        (Integer) value(topK),
        (Boolean) value(probabilities),
        (Boolean) value(embeddings),
        (Double) value(minConfidence),
        viewsValue());
  }

  private Views viewsValue() {
    String id = value(views);
    return Stream.of(Views.values())
        .filter(v -> RecordEntries.id(v).equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new OctavoException.Usage(
                    "views of %s is %s, but must be one or flip".formatted(uid, id)));
  }

  private Precision precisionValue() {
    String id = value(precision);
    return Stream.of(Precision.FP32, Precision.BF16, Precision.PORTABLE)
        .filter(p -> p.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new OctavoException.Usage(
                    "precision of %s is %s, but must be fp32, bf16 or portable (an int8 bundle computes in int8 anyway)"
                        .formatted(uid, id)));
  }

  private DecodeLimits limits() {
    return new DecodeLimits((Long) value(maxPixels), (Long) value(maxBytes));
  }

  /**
   * The instructions for executors, in batches of {@link #batchSize}.
   *
   * @throws OctavoException if a value is out of range or there is no model
   */
  final InferencePlan plan(SparkSession spark) {
    checkValues();
    var conf = spark.sparkContext().hadoopConfiguration();
    ModelBundle bundle;
    try {
      bundle = ModelBundle.open(conf, new Path(value(model)));
    } catch (IOException e) {
      throw new UncheckedIOException("can't read the model " + value(model), e);
    }
    ModelSpec spec =
        ModelSpec.of(bundle.directory().getName(), bundle, precisionValue(), CpuPolicy.ADAPT);
    return new InferencePlan(
        new ModelSetSpec(List.of(spec), batchSizeValue(), limits(), InferencePlan.DECODE_TIME),
        outputs(),
        new SerializableConfiguration(conf));
  }
}
