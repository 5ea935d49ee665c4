package dev.octavo.ml;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import dev.octavo.OctavoException;
import dev.octavo.dataset.LabelNames;
import dev.octavo.inference.PredictionColumns;
import java.util.Arrays;
import org.apache.spark.ml.evaluation.Evaluator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Compares the classes that {@link OctavoClassifier} predicts with a column of labels, for {@code
 * CrossValidator} and {@code TrainValidationSplit}. An image that could not be classified counts as
 * wrong; a row without a label does not count.
 */
public final class OctavoEvaluator extends Evaluator implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  private static final String ACCURACY = "accuracy";
  private static final String MEAN_PER_CLASS = "meanPerClass";

  private final String uid;
  private final Param<String> labelCol;
  private final Param<String> predictionCol;
  private final Param<String> metricName;

  /** An evaluator of accuracy. */
  public OctavoEvaluator() {
    this(Identifiable.randomUID("octavo-evaluator"));
  }

  /** The same with a name for error messages and files, as Spark ML makes copies. */
  public OctavoEvaluator(String uid) {
    this.uid = uid;
    labelCol = new Param<>(uid, "labelCol", "column of classes: strings or numbers");
    predictionCol = new Param<>(uid, "predictionCol", "column of predictions");
    metricName =
        new Param<>(
            uid, "metricName", "accuracy (of all rows) or meanPerClass (of the classes' ones)");
    setDefault(labelCol, "label");
    setDefault(predictionCol, "prediction");
    setDefault(metricName, ACCURACY);
  }

  /** Reads one that {@link #save} wrote. */
  public static OctavoEvaluator load(String path) {
    return read().load(path);
  }

  /** A reader of what {@link #write} wrote. */
  public static MLReader<OctavoEvaluator> read() {
    return new DefaultParamsReader<>();
  }

  @Override
  public String uid() {
    return uid;
  }

  /** Name of the column of classes. */
  public Param<String> labelCol() {
    return labelCol;
  }

  /** Name of the column of predictions. */
  public Param<String> predictionCol() {
    return predictionCol;
  }

  /** Name of the figure: {@code accuracy} or {@code meanPerClass}. */
  public Param<String> metricName() {
    return metricName;
  }

  /** Sets the column of classes ({@code label}). */
  public OctavoEvaluator setLabelCol(String column) {
    return with(labelCol, column);
  }

  /** Sets the column of predictions ({@code prediction}). */
  public OctavoEvaluator setPredictionCol(String column) {
    return with(predictionCol, column);
  }

  /** Sets the figure: {@code accuracy} or {@code meanPerClass} (accuracy). */
  public OctavoEvaluator setMetricName(String name) {
    return with(metricName, name);
  }

  private OctavoEvaluator with(Param<String> param, String value) {
    set(param, value);
    return this;
  }

  /**
   * The figure, from 0 to 1.
   *
   * @throws OctavoException.Usage if no row has a label, or the figure is unknown
   */
  @Override
  public double evaluate(Dataset<?> dataset) {
    String label = getOrDefault(labelCol);
    String prediction = getOrDefault(predictionCol);
    for (String name : new String[] {label, prediction}) {
      if (!Arrays.asList(dataset.columns()).contains(name)) {
        throw new OctavoException.Usage(
            "there is no column '%s' to evaluate (there are: %s)"
                .formatted(name, String.join(", ", dataset.columns())));
      }
    }
    String truth = "truth";
    String hit = "hit";
    Dataset<Row> rows =
        dataset
            .select(
                LabelNames.of(col(label), dataset.schema().apply(label).dataType()).as(truth),
                col(prediction).getField(PredictionColumns.LABEL).as(hit))
            .where(col(truth).isNotNull())
            .select(
                col(truth),
                coalesce(col(truth).equalTo(col(hit)), lit(false)).cast("double").as(hit));
    String metric = getOrDefault(metricName);
    Row result =
        switch (metric) {
          case ACCURACY -> rows.agg(avg(hit)).first();
          case MEAN_PER_CLASS -> rows.groupBy(truth).agg(avg(hit).as(hit)).agg(avg(hit)).first();
          default ->
              throw new OctavoException.Usage(
                  "metricName of %s is %s, but must be accuracy or meanPerClass"
                      .formatted(uid, metric));
        };
    if (result.isNullAt(0)) {
      throw new OctavoException.Usage(
          "no row has a label in the column '%s': there is nothing to evaluate".formatted(label));
    }
    return result.getDouble(0);
  }

  @Override
  public boolean isLargerBetter() {
    return true;
  }

  @Override
  public OctavoEvaluator copy(ParamMap extra) {
    return defaultCopy(extra);
  }
}
