package dev.octavo.ml;

import dev.octavo.inference.Batch;
import dev.octavo.inference.Content;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.Input;
import dev.octavo.inference.ModelSet;
import dev.octavo.inference.Prediction;
import dev.octavo.inference.PredictionColumns;
import dev.octavo.inference.ScoringModel;
import dev.octavo.spark.JvmResource;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;

/**
 * A task's share of the JVM's models: turns images into predictions, one full batch after the
 * other.
 *
 * <p>Its methods exclude each other: where a Python function follows, another thread draws the
 * rows, and a task may end while that thread is at it.
 */
final class TaskClassifier implements AutoCloseable {
  /** Batches of images, at most, that are held to get one full batch of those that decode. */
  private static final int HELD = 2;

  private final InferencePlan plan;
  private final JvmResource.Lease<ModelSet> lease;
  private final Batch batch;
  private boolean working;
  private boolean closed;

  /** Borrows the models; the caller closes this. */
  TaskClassifier(InferencePlan plan, int threads) {
    this.plan = plan;
    lease = ModelSet.borrow(plan, threads);
    batch = lease.resource().borrowBatch();
  }

  /** One that gives the models back when the task ends, at the latest. */
  static TaskClassifier of(TaskContext task, InferencePlan plan) {
    TaskClassifier classifier = new TaskClassifier(plan, task.cpus());
    // Named, because Spark has the same method for Scala's functions.
    TaskCompletionListener listener = context -> classifier.close();
    task.addTaskCompletionListener(listener);
    return classifier;
  }

  /**
   * Predicts the next images: as many as fill a batch, or fewer where many of them can't be
   * decoded.
   *
   * @return a row of {@link PredictionColumns#SCHEMA} for each image that was drawn, in their order
   */
  synchronized List<Row> classify(Iterator<Content> images) {
    if (closed) {
      throw new IllegalStateException("the task has ended");
    }
    working = true;
    batch.clear();
    List<Input> drawn = new ArrayList<>();
    IdentityHashMap<Input, Prediction> predictions = new IdentityHashMap<>();
    while (batch.room() > 0 && drawn.size() < HELD * plan.batchSize() && images.hasNext()) {
      List<Content> contents = new ArrayList<>();
      while (contents.size() < batch.room() && images.hasNext()) {
        contents.add(images.next());
      }
      contents.forEach(c -> drawn.add(c.input()));
      batch.add(contents, (input, error) -> predictions.put(input, Prediction.failure(error)));
    }
    if (!batch.inputs().isEmpty()) {
      ScoringModel model = lease.resource().models().get(0);
      List<Prediction> ofBatch = model.predict(batch, plan.outputs());
      for (int i = 0; i < ofBatch.size(); i++) {
        predictions.put(batch.inputs().get(i), ofBatch.get(i));
      }
    }
    working = false;
    return drawn.stream().map(input -> row(predictions.get(input))).toList();
  }

  private Row row(Prediction prediction) {
    return RowFactory.create(PredictionColumns.values(prediction, plan.outputs()).toArray());
  }

  /** Gives the models back; a second call does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (working) { // it was interrupted: threads may still decode into the buffers
      batch.close();
    } else {
      lease.resource().giveBack(batch);
    }
    lease.close();
  }
}
