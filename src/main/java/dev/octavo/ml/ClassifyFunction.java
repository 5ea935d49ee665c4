package dev.octavo.ml;

import dev.octavo.inference.Content;
import dev.octavo.inference.InferencePlan;
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
  private transient TaskClassifier ofTask;

  /** A function with a plan for batches of one image. */
  ClassifyFunction(Broadcast<InferencePlan> plan) {
    this.plan = plan;
  }

  @Override
  public synchronized Row call(Object image) {
    Content content = ImageColumn.content(image);
    TaskContext current = TaskContext.get();
    if (current == null) {
      try (TaskClassifier classifier = new TaskClassifier(plan.value(), 1)) {
        return classify(classifier, content);
      }
    }
    if (!current.equals(task)) {
      ofTask = TaskClassifier.of(current, plan.value());
      task = current;
    }
    return classify(ofTask, content);
  }

  private static Row classify(TaskClassifier classifier, Content content) {
    return classifier.classify(List.of(content).iterator()).get(0);
  }
}
