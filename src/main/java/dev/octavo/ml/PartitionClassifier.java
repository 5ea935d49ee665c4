package dev.octavo.ml;

import dev.octavo.inference.InferencePlan;
import java.util.Iterator;
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
    if (!rows.hasNext()) {
      return rows;
    }
    return new ClassifiedRows<>(
        plan.value(), rows, row -> column.image(row), PartitionClassifier::append);
  }

  private static Row append(Row row, Row prediction) {
    Object[] values = new Object[row.size() + 1];
    for (int i = 0; i < row.size(); i++) {
      values[i] = row.get(i);
    }
    values[row.size()] = prediction;
    return RowFactory.create(values);
  }
}
