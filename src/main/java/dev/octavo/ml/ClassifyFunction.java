package dev.octavo.ml;

import dev.octavo.inference.BatchRunner;
import dev.octavo.inference.Example;
import dev.octavo.inference.ImageItem;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.Prediction;
import dev.octavo.inference.PredictionColumns;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;

/**
 * One image to one prediction. Each task has a copy of its own, which holds on to the models until
 * the task ends; where Spark evaluates an expression on the driver there is no task, and the models
 * are borrowed for that one call (the JVM keeps them loaded).
 */
final class ClassifyFunction implements UDF1<Object, Row> {
  private static final long serialVersionUID = 1L;

  private final Broadcast<InferencePlan> plan;
  private transient TaskContext task;
  private transient BatchRunner<ImageItem> ofTask;

  /** A function with a plan for batches of one image. */
  ClassifyFunction(Broadcast<InferencePlan> plan) {
    this.plan = plan;
  }

  @Override
  public synchronized Row call(Object value) {
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
