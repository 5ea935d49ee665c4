package dev.octavo.ml;

import dev.octavo.inference.BatchRunner;
import dev.octavo.inference.Example;
import dev.octavo.inference.ImageItem;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.Prediction;
import dev.octavo.inference.PredictionColumns;
import dev.octavo.spark.ScalaCollections;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.expressions.SparkUserDefinedFunction;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import scala.Option;
import scala.runtime.AbstractFunction1;

/**
 * One image to one prediction, for the calls that {@link BatchedCalls} has to leave to Spark. Each
 * task has a copy of its own, which holds on to the models until the task ends; where Spark
 * evaluates an expression on the driver there is no task, and the models are borrowed for that one
 * call (the JVM keeps them loaded).
 */
final class ClassifyFunction extends AbstractFunction1<Object, Object> implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Broadcast<InferencePlan> plan;
  private transient TaskContext task;
  private transient BatchRunner<ImageItem> ofTask;

  ClassifyFunction(Broadcast<InferencePlan> plan) {
    this.plan = plan;
  }

  /** The instructions for executors. */
  Broadcast<InferencePlan> plan() {
    return plan;
  }

  /** The same for Spark's registry of functions. */
  UserDefinedFunction named(String name) {
    return new SparkUserDefinedFunction(
        this,
        PredictionColumns.SCHEMA,
        ScalaCollections.asScala(List.of(Option.empty())),
        Option.empty(),
        Option.apply(name),
        true,
        true);
  }

  /** A call of that name. */
  ScalaUDF call(String name, Expression image) {
    return new ScalaUDF(
        this,
        PredictionColumns.SCHEMA,
        ScalaCollections.asScala(List.of(image)),
        ScalaCollections.asScala(List.of(Option.empty())),
        Option.empty(),
        Option.apply(name),
        true,
        true);
  }

  @Override
  public synchronized Row apply(Object value) {
    ImageItem image = ImageColumn.image(value);
    TaskContext current = TaskContext.get();
    if (current == null) {
      try (BatchRunner<ImageItem> runner =
          new BatchRunner<>(plan.value(), 1, ClassifyFunction::description)) {
        return classify(runner, image);
      }
    }
    if (!current.equals(task)) {
      ofTask = BatchRunner.of(current, plan.value(), ClassifyFunction::description);
      task = current;
    }
    return classify(ofTask, image);
  }

  private Row classify(BatchRunner<ImageItem> runner, ImageItem image) {
    Prediction prediction =
        runner
            .predict(List.of(Example.unlabelled(image, image)).iterator())
            .byModel()
            .get(0)
            .get(0);
    return PredictionColumns.row(prediction, plan.value().outputs());
  }

  private static String description(ImageItem image) {
    return "an image of %,d bytes".formatted(image.length());
  }
}
