package dev.octavo.results;

import java.io.Serializable;
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

  /** The columns, in order. */
  public static final List<String> COLUMNS =
      List.of(
          "round",
          "partition",
          "model",
          "precision",
          "executor",
          "host",
          "cpuFeatures",
          "threads",
          "images",
          "failures",
          "bytes",
          "decodeMillis",
          "inferMillis",
          "waitMillis",
          "wallMillis",
          "imagesPerSecond",
          "imagesPerSecondPerCore",
          "millisPerImage",
          "residentBytes",
          "modelLoadMillis");

  /** The values in the order of {@link #COLUMNS}. */
  public List<Object> values() {
    return List.of(
        round,
        partition,
        model,
        precision,
        executor,
        host,
        cpuFeatures,
        threads,
        images,
        failures,
        bytes,
        decodeMillis,
        inferMillis,
        waitMillis,
        wallMillis,
        imagesPerSecond,
        imagesPerSecondPerCore,
        millisPerImage,
        residentBytes,
        modelLoadMillis);
  }

  /** The rows as CSV, with a header. */
  public static String toCsv(List<ThroughputRow> rows) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(COLUMNS);
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
    return Csv.table(csv, source).stream()
        .map(
            r ->
                new ThroughputRow(
                    r.integer("round"),
                    r.integer("partition"),
                    r.text("model"),
                    r.text("precision"),
                    r.text("executor"),
                    r.text("host"),
                    r.text("cpuFeatures"),
                    r.integer("threads"),
                    (long) r.number("images"),
                    (long) r.number("failures"),
                    (long) r.number("bytes"),
                    r.number("decodeMillis"),
                    r.number("inferMillis"),
                    r.number("waitMillis"),
                    r.number("wallMillis"),
                    r.number("imagesPerSecond"),
                    r.number("imagesPerSecondPerCore"),
                    r.number("millisPerImage"),
                    (long) r.number("residentBytes"),
                    r.number("modelLoadMillis")))
        .toList();
  }
}
