package dev.octavo.ingest;

import dev.octavo.artifact.Paths;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.image.PerceptualHash;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.LongAccumulator;

/**
 * Makes the rows of a dataset, or entries of the quarantine, of a table's rows. No row, whatever it
 * holds, fails the task.
 */
final class RowReading implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final ArrayList<String> classes;
  private final Broadcast<Map<String, String>> splits;
  private final RowMaker maker;
  private final LongAccumulator bytes;

  /**
   * Reads rows.
   *
   * @param splits of the rows, by path
   * @param bytes counts those of the images
   */
  RowReading(
      List<String> classes,
      Broadcast<Map<String, String>> splits,
      RowMaker maker,
      LongAccumulator bytes) {
    this.classes = new ArrayList<>(classes);
    this.splits = splits;
    this.maker = maker;
    this.bytes = bytes;
  }

  /** Lazily: one image is in memory at a time. */
  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    Map<String, Integer> ids = new HashMap<>();
    classes.forEach(label -> ids.put(label, ids.size()));
    PerceptualHash hash = RowMaker.hashOfTask();
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(rows, Spliterator.ORDERED), false)
        .map(row -> read(row, ids, hash))
        .flatMap(Optional::stream)
        .iterator();
  }

  private Optional<Row> read(Row row, Map<String, Integer> ids, PerceptualHash hash) {
    String path = row.getAs(DatasetSchema.PATH);
    String label = row.getAs(DatasetSchema.LABEL);
    byte[] image = row.getAs(DatasetSchema.IMAGE);
    String split = splits.value().get(path);
    long length = image == null ? 0 : image.length;
    Source source = new Source(path, path, length, split, label, ids.get(label));
    if (image == null) {
      return maker.quarantined(source, Quarantined.NO_IMAGE, "the image is null", null);
    }
    bytes.add(length);
    return maker
        .row(source, Paths.of(path), (where, bytes) -> image, hash)
        .map(made -> with(made, split));
  }

  private static Row with(Row made, String split) {
    Object[] values = new Object[made.size() + 1];
    for (int i = 0; i < made.size(); i++) {
      values[i] = made.get(i);
    }
    values[made.size()] = split;
    return RowFactory.create(values);
  }
}
