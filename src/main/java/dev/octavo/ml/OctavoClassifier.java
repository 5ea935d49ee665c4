package dev.octavo.ml;

import dev.octavo.OctavoException;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.PredictionColumns;
import java.util.Arrays;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Classifies a column of images, as a transformer of Spark ML.
 *
 * <p>The column holds image files ({@code binary}, as {@code spark.read().format("binaryFile")}
 * gives them) or images in Spark's image schema ({@code format("image")}; OpenCV types {@code
 * CV_8UC1}, {@code CV_8UC3} and {@code CV_8UC4}). Every row stays, with all its columns and in its
 * place, and gets a struct of {@link PredictionColumns#SCHEMA}. What is null or can't be decoded
 * has the reason in the struct's {@code error}; it never fails a task.
 *
 * <p>A task runs the model over full batches and decodes on {@code spark.task.cpus} threads. The
 * tasks of an executor share one model, loaded by the first; an executor keeps the models used
 * last, so several classifiers may follow each other in a query. Rows are held in memory, a batch
 * or two at a time. libtorch is outside of the heap: leave room in {@code
 * spark.executor.memoryOverhead}.
 *
 * <p>Saving writes the parameters, with the path of the model, not the model.
 */
public final class OctavoClassifier extends ClassifierParams implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  /** A classifier that has no model yet. */
  public OctavoClassifier() {
    this(Identifiable.randomUID("octavo"));
  }

  /** The same with a name for error messages and files, as Spark ML makes copies. */
  public OctavoClassifier(String uid) {
    super(uid);
  }

  /** Reads one that {@link #save} wrote. */
  public static OctavoClassifier load(String path) {
    return read().load(path);
  }

  /** A reader of what {@link #write} wrote; pipelines use it. */
  public static MLReader<OctavoClassifier> read() {
    return new DefaultParamsReader<>();
  }

  /** Sets the directory of the model bundle, float or int8, on any Hadoop file system. */
  public OctavoClassifier setModel(String directory) {
    return with(model(), directory);
  }

  /** Sets the column of images ({@code content}). */
  public OctavoClassifier setInputCol(String column) {
    return with(inputCol(), column);
  }

  /** Sets the column that is added ({@code prediction}). */
  public OctavoClassifier setOutputCol(String column) {
    return with(outputCol(), column);
  }

  /** Sets the images per call of the model, 1 to 1024 (16). */
  public OctavoClassifier setBatchSize(int images) {
    return with(batchSize(), images);
  }

  /** Sets how many of the most probable classes are listed (5). */
  public OctavoClassifier setTopK(int classes) {
    return with(topK(), classes);
  }

  /**
   * Sets what a float model computes in: {@code fp32}, {@code bf16} or {@code portable} (fp32). An
   * int8 bundle computes in int8 whatever is set.
   */
  public OctavoClassifier setPrecision(String name) {
    return with(precision(), name);
  }

  /** Sets whether the probabilities of all classes are kept (no), in the order of the synset. */
  public OctavoClassifier setProbabilities(boolean kept) { // a property, as Spark ML has them
    return with(probabilities(), kept);
  }

  /** Sets whether the features that the classifier reads are kept (no), for search. */
  public OctavoClassifier setEmbeddings(boolean kept) { // a property, as Spark ML has them
    return with(embeddings(), kept);
  }

  /** Sets the probability below which {@code review} is true (0: {@code review} is null). */
  public OctavoClassifier setMinConfidence(double probability) {
    return with(minConfidence(), probability);
  }

  /** Sets the limit on width × height of an image (89,478,485). */
  public OctavoClassifier setMaxPixels(long pixels) {
    return with(maxPixels(), pixels);
  }

  /** Sets the limit on the bytes of a file (64 MiB). */
  public OctavoClassifier setMaxBytes(long bytes) {
    return with(maxBytes(), bytes);
  }

  private <T> OctavoClassifier with(Param<T> param, T value) {
    set(param, value);
    return this;
  }

  /**
   * The schema with the column of predictions.
   *
   * @throws OctavoException.Usage if a parameter is out of range, there is no column of images, or
   *     there is a column of the new one's name
   */
  @Override
  public StructType transformSchema(StructType schema) {
    checkValues();
    ImageColumn.find(schema, value(inputCol()));
    String added = value(outputCol());
    if (Arrays.asList(schema.fieldNames()).contains(added)) {
      throw new OctavoException.Usage(
          "there is a column '%s' already: drop it, or choose another name with setOutputCol"
              .formatted(added));
    }
    return schema.add(added, PredictionColumns.SCHEMA, false);
  }

  /**
   * The table with the column of predictions, computed as it is read.
   *
   * @throws OctavoException if the schema doesn't fit ({@link #transformSchema}) or there is no
   *     model
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema());
    SparkSession spark = dataset.sparkSession();
    Broadcast<InferencePlan> plan =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(plan(spark));
    ImageColumn images = ImageColumn.find(dataset.schema(), value(inputCol()));
    return dataset
        .toDF()
        .mapPartitions(new PartitionClassifier(plan, images), Encoders.row(schema));
  }

  @Override
  public OctavoClassifier copy(ParamMap extra) {
    return defaultCopy(extra);
  }
}
