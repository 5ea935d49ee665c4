package dev.octavo.score;

import dev.octavo.inference.BatchRunner;
import dev.octavo.inference.Example;
import dev.octavo.inference.Outputs;
import dev.octavo.inference.Predicted;
import dev.octavo.inference.Prediction;
import dev.octavo.inference.ScoringModel;
import dev.octavo.metrics.Throughput;
import dev.octavo.results.ThroughputRow;
import dev.octavo.results.ThroughputRowBuilder;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;

/**
 * The predictions of one partition as rows, computed batch by batch as they are drawn: exactly one
 * row per input and model. Counts, and reports what it counted.
 */
final class PartitionScorer implements Iterator<Row> {
  private final Iterator<Example<String>> inputs;
  private final BatchRunner<String> runner;
  private final Outputs outputs;
  private final Report report;
  private final Deque<Row> ready = new ArrayDeque<>();
  private final long startNanos = System.nanoTime();
  private final long[] images;
  private final long[] failures;
  private long drawn;
  private boolean ended;

  /** A scorer of these inputs; the runner stays the caller's. */
  PartitionScorer(
      Iterator<Example<String>> inputs,
      BatchRunner<String> runner,
      Outputs outputs,
      Report report) {
    this.inputs = inputs;
    this.runner = runner;
    this.outputs = outputs;
    this.report = report;
    images = new long[runner.models().size()];
    failures = new long[runner.models().size()];
  }

  /** The reader of a partition's figures. */
  interface Report {
    /** A batch was scored; these are the totals so far. */
    void progress(Counts counts);

    /** The last batch was scored. */
    void end(PartitionScorer scorer);
  }

  /**
   * Figures of a partition.
   *
   * @param inputs drawn
   * @param images predicted, once per model
   * @param failures errors, once per model
   * @param bytes read
   * @param waitNanos without an input at hand
   * @param decodeNanos decoding
   * @param inferNanos in models
   */
  @RecordBuilder
  record Counts(
      long inputs,
      long images,
      long failures,
      long bytes,
      long waitNanos,
      long decodeNanos,
      long inferNanos) {
    static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0);
  }

  /** The executor that scores a partition. */
  record Place(int round, int partition, String executor, String host, List<String> cpuFeatures) {}

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && !ended) {
      scoreBatch();
    }
    return !ready.isEmpty();
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }

  private void scoreBatch() {
    Predicted<String> predicted = runner.predict(inputs);
    List<String> paths = predicted.keys();
    drawn += paths.size();
    for (int m = 0; m < images.length; m++) {
      List<Prediction> predictions = predicted.byModel().get(m);
      for (int i = 0; i < paths.size(); i++) {
        Prediction prediction = predictions.get(i);
        if (prediction.failed()) {
          failures[m]++;
        } else {
          images[m]++;
        }
        ready.add(
            PredictionRows.row(paths.get(i), runner.models().get(m).spec(), prediction, outputs));
      }
    }
    report.progress(counts());
    if (paths.isEmpty()) {
      ended = true;
      report.end(this);
    }
  }

  private Counts counts() {
    return PartitionScorerCountsBuilder.builder()
        .inputs(drawn)
        .images(Arrays.stream(images).sum())
        .failures(Arrays.stream(failures).sum())
        .bytes(runner.bytes())
        .waitNanos(runner.waitNanos())
        .decodeNanos(runner.decodeNanos())
        .inferNanos(inferNanos())
        .build();
  }

  private long inferNanos() {
    long all = 0;
    for (int m = 0; m < images.length; m++) {
      all += runner.inferNanos(m);
    }
    return all;
  }

  /** The partition's throughput so far, one row per model. */
  List<ThroughputRow> throughput(Place place, long residentBytes) {
    long elapsed = System.nanoTime() - startNanos;
    long inferAll = inferNanos();
    List<ThroughputRow> rows = new ArrayList<>();
    for (int m = 0; m < images.length; m++) {
      ScoringModel model = runner.models().get(m);
      Throughput alone = new Throughput(images[m], elapsed - inferAll + runner.inferNanos(m));
      rows.add(
          ThroughputRowBuilder.builder()
              .round(place.round())
              .partition(place.partition())
              .model(model.spec().name())
              .precision(model.spec().precisionName())
              .executor(place.executor())
              .host(place.host())
              .cpuFeatures(String.join(" ", place.cpuFeatures()))
              .threads(runner.threads())
              .images(images[m])
              .failures(failures[m])
              .bytes(runner.bytes())
              .decodeMillis(runner.decodeNanos() / 1e6)
              .inferMillis(runner.inferNanos(m) / 1e6)
              .waitMillis(runner.waitNanos() / 1e6)
              .wallMillis(alone.nanos() / 1e6)
              .imagesPerSecond(alone.imagesPerSecond())
              .imagesPerSecondPerCore(alone.imagesPerSecond() / runner.threads())
              .millisPerImage(images[m] == 0 ? 0 : alone.millisPerImage())
              .residentBytes(residentBytes)
              .modelLoadMillis(model.loadNanos() / 1e6)
              .build());
    }
    return rows;
  }
}
