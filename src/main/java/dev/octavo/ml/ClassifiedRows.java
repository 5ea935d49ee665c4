package dev.octavo.ml;

import dev.octavo.inference.BatchRunner;
import dev.octavo.inference.Example;
import dev.octavo.inference.ImageItem;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.Predicted;
import dev.octavo.inference.Prediction;
import dev.octavo.inference.PredictionColumns;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;

/**
 * A task's rows with their predictions, computed a batch at a time as they are drawn.
 *
 * @param <R> a row; each must be an object of its own
 */
final class ClassifiedRows<R> implements Iterator<R> {
  /** Batches of images, at most, that are held to get one full batch of those that decode. */
  private static final int HELD = 2;

  private final InferencePlan plan;
  private final Iterator<R> rows;
  private final Function<R, ImageItem> image;
  private final BiFunction<R, Row, R> append;
  private final BatchRunner<R> runner;
  private final Deque<R> ready = new ArrayDeque<>();

  /**
   * The rows of the current task, which gives the models back.
   *
   * @param image of a row
   * @param append the prediction to its row
   */
  ClassifiedRows(
      InferencePlan plan,
      Iterator<R> rows,
      Function<R, ImageItem> image,
      BiFunction<R, Row, R> append) {
    this.plan = plan;
    this.rows = rows;
    this.image = image;
    this.append = append;
    this.runner = BatchRunner.of(TaskContext.get(), plan, row -> "an image");
  }

  @Override
  public boolean hasNext() {
    if (ready.isEmpty()) {
      if (!rows.hasNext()) {
        runner.close(); // the next stage of the task may run for long
        return false;
      }
      classify();
    }
    return true;
  }

  private void classify() {
    Predicted<R> predicted = runner.predict(images());
    List<Prediction> predictions = predicted.byModel().get(0);
    for (int i = 0; i < predictions.size(); i++) {
      Row prediction = PredictionColumns.row(predictions.get(i), plan.outputs());
      ready.add(append.apply(predicted.keys().get(i), prediction));
    }
  }

  /** The next rows, no more of them than may be held. */
  private Iterator<Example<R>> images() {
    return new Iterator<>() {
      private int left = HELD * plan.models().batchSize();

      @Override
      public boolean hasNext() {
        return left > 0 && rows.hasNext();
      }

      @Override
      public Example<R> next() {
        left--;
        R row = rows.next();
        return Example.unlabelled(row, image.apply(row));
      }
    };
  }

  @Override
  public R next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }
}
