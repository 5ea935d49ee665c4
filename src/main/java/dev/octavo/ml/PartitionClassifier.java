package dev.octavo.ml;

import dev.octavo.inference.BatchRunner;
import dev.octavo.inference.Example;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.Predicted;
import dev.octavo.inference.Prediction;
import dev.octavo.inference.PredictionColumns;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** The classification of a table's partition on an executor. */
final class PartitionClassifier implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  /** Batches of images, at most, that are held to get one full batch of those that decode. */
  private static final int HELD = 2;

  private final Broadcast<InferencePlan> plan;
  private final ImageColumn column;

  PartitionClassifier(Broadcast<InferencePlan> plan, ImageColumn column) {
    this.plan = plan;
    this.column = column;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return rows.hasNext() ? new Classified(rows) : List.<Row>of().iterator();
  }

  /** Rows with their predictions, computed a batch at a time as they are drawn. */
  private final class Classified implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final InferencePlan instructions = plan.value();
    private final BatchRunner<Row> runner;
    private final Deque<Row> ready = new ArrayDeque<>();

    Classified(Iterator<Row> rows) {
      this.rows = rows;
      this.runner = BatchRunner.of(TaskContext.get(), instructions, row -> "an image");
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
      Predicted<Row> predicted = runner.predict(images());
      List<Prediction> predictions = predicted.byModel().get(0);
      for (int i = 0; i < predictions.size(); i++) {
        ready.add(
            append(
                predicted.keys().get(i),
                PredictionColumns.row(predictions.get(i), instructions.outputs())));
      }
    }

    /** The next rows, no more of them than may be held. */
    private Iterator<Example<Row>> images() {
      return new Iterator<>() {
        private int left = HELD * instructions.models().batchSize();

        @Override
        public boolean hasNext() {
          return left > 0 && rows.hasNext();
        }

        @Override
        public Example<Row> next() {
          left--;
          Row row = rows.next();
          return Example.unlabelled(row, column.image(row));
        }
      };
    }

    private Row append(Row row, Row prediction) {
      Object[] values = new Object[row.size() + 1];
      for (int i = 0; i < row.size(); i++) {
        values[i] = row.get(i);
      }
      values[row.size()] = prediction;
      return RowFactory.create(values);
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }
  }
}
