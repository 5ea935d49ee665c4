package dev.octavo.results;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.Serializable;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The throughput of one partition for one model.
 *
 * <p>Within a task, waiting for bytes, decoding and inference follow each other (each of them on
 * all the threads of the task), so their times add up to the elapsed time, but for what handing
 * over the rows takes. Waiting and decoding happen once for all models of the run and are stated in
 * the row of each; {@code wallMillis} leaves out the inference of the other models: it is what the
 * partition would have taken with this model alone.
 *
 * @param round of the run, from 0: what is committed together
 * @param partition its number within the round, from 0
 * @param model the model's name
 * @param precision as in {@code int8}
 * @param executor Spark's id of the executor
 * @param host where it ran
 * @param cpuFeatures of that machine, separated by spaces
 * @param threads that decoded, and that libtorch used
 * @param images predicted
 * @param failures inputs with an error instead
 * @param bytes of all inputs, as they are stored
 * @param decodeMillis elapsed while decoding and resizing
 * @param inferMillis elapsed in this model, from pixels to predictions
 * @param waitMillis elapsed while no input was at hand
 * @param wallMillis elapsed in the task without the inference of the other models
 * @param imagesPerSecond images over {@code wallMillis}, 0 for none
 * @param imagesPerSecondPerCore that over {@code threads}
 * @param millisPerImage {@code wallMillis} over images, 0 for none
 * @param residentBytes memory of the executor's process at the end, 0 where the system doesn't tell
 * @param modelLoadMillis that loading and warming up this model took, once per executor
 */
@RecordBuilder
public record ThroughputRow(
    int round,
    int partition,
    String model,
    String precision,
    String executor,
    String host,
    String cpuFeatures,
    int threads,
    long images,
    long failures,
    long bytes,
    double decodeMillis,
    double inferMillis,
    double waitMillis,
    double wallMillis,
    double imagesPerSecond,
    double imagesPerSecondPerCore,
    double millisPerImage,
    long residentBytes,
    double modelLoadMillis)
    implements Serializable {

  /** The file's name within a scores artifact. */
  public static final String FILE_NAME = "throughput.csv";

  private static final List<RecordComponent> COMPONENTS =
      List.of(ThroughputRow.class.getRecordComponents());

  /** The columns, in order: this record's components, from which all else follows. */
  public static final List<Column> COLUMNS =
      COMPONENTS.stream().map(c -> new Column(c.getName(), c.getType())).toList();

  /**
   * A column.
   *
   * @param name in the file and in the table
   * @param type {@code int}, {@code long}, {@code double} or {@link String}
   */
  public record Column(String name, Class<?> type) {
    private Object read(Csv.Row row) {
      if (type == String.class) {
        return row.text(name);
      }
      if (type == int.class) {
        return row.integer(name);
      }
      return type == long.class ? (Object) (long) row.number(name) : (Object) row.number(name);
    }
  }

  /** The values in the order of {@link #COLUMNS}. */
  public List<Object> values() {
    List<Object> values = new ArrayList<>();
    try {
      for (RecordComponent component : COMPONENTS) {
        values.add(component.getAccessor().invoke(this));
      }
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("an accessor of a public record", e);
    }
    return values;
  }

  /** The rows as CSV, with a header. */
  public static String toCsv(List<ThroughputRow> rows) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(COLUMNS.stream().map(Column::name).toList());
    for (ThroughputRow row : rows) {
      cells.add(
          row.values().stream()
              .map(
                  v -> v instanceof Double d ? String.format(Locale.ROOT, "%.3f", d) : v.toString())
              .toList());
    }
    return Csv.write(cells);
  }

  /** Reads {@link #toCsv} back; {@code source} names the file in errors. */
  public static List<ThroughputRow> fromCsv(String csv, String source) {
    return Csv.table(csv, source).stream().map(ThroughputRow::of).toList();
  }

  private static ThroughputRow of(Csv.Row row) {
    Class<?>[] types = COLUMNS.stream().map(Column::type).toArray(Class<?>[]::new);
    Object[] values = COLUMNS.stream().map(column -> column.read(row)).toArray();
    try {
      return ThroughputRow.class.getConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the constructor of a public record", e);
    }
  }
}
