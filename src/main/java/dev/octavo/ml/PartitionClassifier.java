package dev.octavo.ml;

import dev.octavo.inference.Content;
import dev.octavo.inference.InferencePlan;
import java.util.ArrayDeque;
import java.util.ArrayList;
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

  private final Broadcast<InferencePlan> plan;
  private final ImageColumn column;

  PartitionClassifier(Broadcast<InferencePlan> plan, ImageColumn column) {
    this.plan = plan;
    this.column = column;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return rows.hasNext()
        ? new Classified(rows, column, TaskClassifier.of(TaskContext.get(), plan.value()))
        : List.<Row>of().iterator();
  }

  /** Rows with their predictions, computed a batch at a time as they are drawn. */
  private static final class Classified implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final ImageColumn column;
    private final TaskClassifier classifier;
    private final Deque<Row> ready = new ArrayDeque<>();

    Classified(Iterator<Row> rows, ImageColumn column, TaskClassifier classifier) {
      this.rows = rows;
      this.column = column;
      this.classifier = classifier;
    }

    @Override
    public boolean hasNext() {
      if (ready.isEmpty()) {
        if (!rows.hasNext()) {
          classifier.close(); // the next stage of the task may run for long
          return false;
        }
        classify();
      }
      return true;
    }

    private void classify() {
      List<Row> drawn = new ArrayList<>();
      List<Row> predictions =
          classifier.classify(
              new Iterator<Content>() {
                @Override
                public boolean hasNext() {
                  return rows.hasNext();
                }

                @Override
                public Content next() {
                  Row row = rows.next();
                  drawn.add(row);
                  return column.content(row);
                }
              });
      for (int i = 0; i < drawn.size(); i++) {
        ready.add(append(drawn.get(i), predictions.get(i)));
      }
    }

    private static Row append(Row row, Row prediction) {
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
