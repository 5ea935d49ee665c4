package dev.octavo.ml;

import dev.octavo.OctavoException;
import dev.octavo.ingest.IngestResult;
import dev.octavo.spark.OctavoSession;
import dev.octavo.train.Train;
import dev.octavo.train.TrainResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a classifier on a table of images and labels, as an estimator of Spark ML.
 *
 * <p>The images are files ({@code binary}) or in Spark's image schema; labels are strings or
 * numbers. The rows are written as a dataset, as {@code jobs/ingest} writes one, and {@code
 * jobs/train}'s trainer runs on it: the same rows and seed give the same weights, to the bit. Rows
 * to validate with are those that {@link #validationIndicatorCol} says, else a fraction of each
 * class; the epoch that did best on them is the model. A row without a label, or whose image can't
 * be decoded, is left aside; the log says how many.
 *
 * <p>The model is written to {@link #workDir}, and the dataset as long as it is needed. Training
 * runs in a barrier stage of one task for each executor, whose task slots it must fill: {@code
 * spark.task.cpus} is the executor's number of cores (in local mode anything is right).
 */
public final class OctavoEstimator extends RecipeParams implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(OctavoEstimator.class);

  /** An estimator with the recipe that {@code jobs/train} has by default. */
  public OctavoEstimator() {
    this(Identifiable.randomUID("octavo-estimator"));
  }

  /** The same with a name for error messages and files, as Spark ML makes copies. */
  public OctavoEstimator(String uid) {
    super(uid);
  }

  /** Reads one that {@link #save} wrote. */
  public static OctavoEstimator load(String path) {
    return read().load(path);
  }

  /** A reader of what {@link #write} wrote; pipelines use it. */
  public static MLReader<OctavoEstimator> read() {
    return new DefaultParamsReader<>();
  }

  @Override
  OctavoEstimator self() {
    return this;
  }

  /**
   * Trains.
   *
   * @throws OctavoException if columns or parameters don't fit, the cluster can't run the workers,
   *     or the loss stops being finite
   */
  @Override
  public OctavoClassifier fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    SparkSession session = OctavoSession.beside(dataset.sparkSession());
    try (Workplace place = Workplace.open(session.sparkContext(), optional(workDir()), uid())) {
      IngestResult rows = LabelledTable.write(dataset, this, session, List.of(), place.data());
      say(rows);
      TrainResult result =
          new Train(session, settings(place.data(), place.model(), place.run()), LOG::info)
              .execute();
      place.keepModel();
      return new OctavoClassifier(uid())
          .setParent(this)
          .setModel(result.model().toString())
          .setInputCol(value(inputCol()))
          .setOutputCol(value(outputCol()))
          .setMaxPixels(value(maxPixels()))
          .setMaxBytes(value(maxBytes()));
    } catch (OctavoException e) {
      throw inParams(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void say(IngestResult rows) {
    LOG.info("rows: {}, classes: {}", rows.rowsPerSplit(), rows.classes());
    if (rows.quarantined() > 0) {
      LOG.warn("left aside for their images: {}", rows.quarantinedPerReason());
    }
  }

  @Override
  public OctavoEstimator copy(ParamMap extra) {
    return defaultCopy(extra);
  }
}
