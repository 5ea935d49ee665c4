package dev.octavo.ml;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Paths;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.quantize.Quantize;
import dev.octavo.quantize.QuantizeResult;
import dev.octavo.spark.OctavoSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Quantizes a float model to int8, calibrated on a table of images and labels, as an estimator of
 * Spark ML.
 *
 * <p>In a pipeline it follows an {@link OctavoEstimator} or {@link OctavoClassifier}, whose model
 * it finds by {@link #predictionCol}; alone it needs {@link #model}. Activation ranges are observed
 * on the rows to train on, and both models are compared on those to validate with, which the same
 * parameters tell as for the estimator: give both the same. If int8 loses more than {@link
 * #maxDrop} allows, other ways are tried; if none helps, {@code fit} fails.
 *
 * <p>The model adds its predictions in a column of its own ({@code prediction_int8}): in a
 * pipeline's model both predict. For int8 alone take that stage.
 */
public final class OctavoQuantizer extends QuantizerParams implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(OctavoQuantizer.class);

  /** A quantizer with the settings that {@code jobs/quantize} has by default. */
  public OctavoQuantizer() {
    this(Identifiable.randomUID("octavo-quantizer"));
  }

  /** The same with a name for error messages and files, as Spark ML makes copies. */
  public OctavoQuantizer(String uid) {
    super(uid);
  }

  /** Reads one that {@link #save} wrote. */
  public static OctavoQuantizer load(String path) {
    return read().load(path);
  }

  /** A reader of what {@link #write} wrote; pipelines use it. */
  public static MLReader<OctavoQuantizer> read() {
    return new DefaultParamsReader<>();
  }

  @Override
  OctavoQuantizer self() {
    return this;
  }

  /**
   * Quantizes.
   *
   * @throws OctavoException if columns or parameters don't fit, there is no float model, or the
   *     table has classes that it doesn't know
   * @throws OctavoException.QualityGate if int8 loses too much
   */
  @Override
  public OctavoClassifier fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    SparkSession session = OctavoSession.beside(dataset.sparkSession());
    try (Workplace place = Workplace.open(session.sparkContext(), optional(workDir()), uid())) {
      Path floatModel = Paths.of(optional(model()).orElseGet(() -> modelOf(dataset.schema())));
      ModelBundle bundle =
          ModelBundle.open(session.sparkContext().hadoopConfiguration(), floatModel);
      OctavoEstimator.say(
          LabelledTable.write(
              OctavoClassifier.unclassified(dataset),
              this,
              session,
              bundle.classes(),
              place.data()));
      QuantizeResult result =
          new Quantize(session, settings(floatModel, place.data(), place.model()), LOG::info)
              .execute();
      place.keepModel();
      return new OctavoClassifier(uid())
          .setParent(this)
          .setModel(result.bundle().toString())
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

  private String modelOf(StructType schema) {
    return OctavoClassifier.modelOf(schema, value(predictionCol()))
        .orElseThrow(
            () ->
                new OctavoException.Usage(
                    "%s has no float model: name its directory with setModel, or let an OctavoClassifier that adds the column '%s' come before"
                        .formatted(uid(), value(predictionCol()))));
  }

  @Override
  public OctavoQuantizer copy(ParamMap extra) {
    return defaultCopy(extra);
  }
}
