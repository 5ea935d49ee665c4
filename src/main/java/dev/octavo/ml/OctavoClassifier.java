package dev.octavo.ml;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Paths;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.PredictionColumns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
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
 * <p>Saving writes the parameters and a copy of the model; what is loaded uses the copy.
 */
public final class OctavoClassifier extends ClassifierParams implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  /** In the metadata of a column of predictions: the directory of the model's bundle. */
  private static final String MODEL = "octavo.model";

  /** In a saved classifier: its model's bundle. */
  private static final String BUNDLE = "bundle";

  private static final Map<Dataset<?>, Dataset<?>> SOURCES = new WeakHashMap<>();

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
    return new Reader();
  }

  /** A writer of the parameters and the model. */
  @Override
  public MLWriter write() {
    return new Writer(this);
  }

  private static final class Reader extends MLReader<OctavoClassifier> {
    @Override
    public OctavoClassifier load(String path) {
      OctavoClassifier classifier =
          new DefaultParamsReader<OctavoClassifier>().session(sparkSession()).load(path);
      Path bundle = new Path(path, BUNDLE);
      try {
        FileSystem fs = bundle.getFileSystem(sparkSession().sparkContext().hadoopConfiguration());
        return fs.exists(bundle)
            ? classifier.setModel(fs.makeQualified(bundle).toString())
            : classifier;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class Writer extends MLWriter {
    private final OctavoClassifier classifier;

    Writer(OctavoClassifier classifier) {
      this.classifier = classifier;
    }

    @Override
    public void saveImpl(String path) {
      try {
        new DefaultParamsWriter(classifier).session(sparkSession()).save(path);
        if (classifier.isSet(classifier.model())) {
          copyModel(path);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("can't save to " + path, e);
      }
    }

    private void copyModel(String path) throws IOException {
      Configuration conf = sparkSession().sparkContext().hadoopConfiguration();
      Path from = Paths.of(classifier.value(classifier.model()));
      Path to = new Path(path, BUNDLE);
      ModelBundle.open(conf, from); // or it is none
      FileUtil.copy(from.getFileSystem(conf), from, to.getFileSystem(conf), to, false, false, conf);
    }
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

  /** Sets what is averaged: {@code one} view, or {@code flip}, the mirror image, too (one). */
  public OctavoClassifier setViews(String name) {
    return with(views(), name);
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
    return withPredictions(schema, value(outputCol()), metadata());
  }

  private Metadata metadata() {
    return new MetadataBuilder().putString(MODEL, value(model())).build();
  }

  /** A schema with a column of predictions, if it has no column of that name yet. */
  static StructType withPredictions(StructType schema, String added, Metadata metadata) {
    if (Arrays.asList(schema.fieldNames()).contains(added)) {
      throw new OctavoException.Usage(
          "there is a column '%s' already: drop it, or choose another name with setOutputCol"
              .formatted(added));
    }
    return schema.add(added, PredictionColumns.SCHEMA, false, metadata);
  }

  /** The model that made a column of predictions, as far as the column tells. */
  static Optional<String> modelOf(StructType schema, String column) {
    return Arrays.stream(schema.fields())
        .filter(field -> field.name().equals(column) && field.metadata().contains(MODEL))
        .map(field -> field.metadata().getString(MODEL))
        .findFirst();
  }

  /**
   * The table that a classifier was given, of one that it made: an estimator that follows in a
   * pipeline doesn't need the predictions, and the images need not be classified for it.
   */
  static Dataset<?> unclassified(Dataset<?> dataset) {
    Dataset<?> source;
    synchronized (SOURCES) {
      source = SOURCES.get(dataset);
    }
    return source == null ? dataset : unclassified(source);
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
    Dataset<Row> classified =
        dataset
            .toDF()
            .mapPartitions(new PartitionClassifier(plan, images), Encoders.row(schema))
            .withMetadata(value(outputCol()), metadata());
    synchronized (SOURCES) {
      SOURCES.put(classified, dataset);
    }
    return classified;
  }

  @Override
  public OctavoClassifier copy(ParamMap extra) {
    return defaultCopy(extra);
  }
}
