package dev.octavo.score;

import dev.octavo.inference.Batch;
import dev.octavo.inference.Content;
import dev.octavo.inference.Input;
import dev.octavo.inference.ModelSet;
import dev.octavo.inference.Outputs;
import dev.octavo.inference.Prediction;
import dev.octavo.inference.ScoringModel;
import dev.octavo.metrics.Throughput;
import dev.octavo.results.ThroughputRow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;

/**
 * Scores the inputs of one partition, batch by batch, as its predictions are drawn. Gives exactly
 * one prediction per input and model.
 */
final class PartitionScorer implements Iterator<Row>, AutoCloseable {
  private final InputReader reader;
  private final ModelSet models;
  private final Batch batch;
  private final Outputs outputs;
  private final Deque<Row> ready = new ArrayDeque<>();
  private final long startNanos = System.nanoTime();
  private final long[] inferNanos;
  private final long[] images;
  private final long[] failures;
  private long decodeNanos;
  private long bytes;
  private long inputs;

  /** Whether no thread may still be writing to the batch: a task can be interrupted anywhere. */
  private boolean atRest = true;

  private boolean closed;

  /** Takes over the reader; the models stay the caller's. */
  PartitionScorer(InputReader reader, ModelSet models, Outputs outputs) {
    this.reader = reader;
    this.models = models;
    this.outputs = outputs;
    this.batch = models.borrowBatch();
    int n = models.models().size();
    inferNanos = new long[n];
    images = new long[n];
    failures = new long[n];
  }

  /**
   * Figures of a partition.
   *
   * @param inputs read
   * @param images predicted, once per model
   * @param failures errors, once per model
   * @param bytes read
   * @param waitNanos without an input at hand
   * @param decodeNanos decoding
   * @param inferNanos in models
   */
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
    boolean more = true;
    while (ready.isEmpty() && more) {
      more = scoreBatch();
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

  /** Scores as many inputs as a batch holds; returns whether there may be more. */
  private boolean scoreBatch() {
    atRest = false;
    batch.clear();
    boolean more = true;
    // Files that can't be decoded leave room, which the next ones take: all batches but the last
    // are full.
    while (more && batch.room() > 0) {
      List<Content> contents = reader.take(batch.room());
      more = !contents.isEmpty();
      inputs += contents.size();
      contents.forEach(c -> bytes += Math.max(0, c.input().length()));
      long start = System.nanoTime();
      batch.add(contents, this::fail);
      decodeNanos += System.nanoTime() - start;
    }
    if (!batch.inputs().isEmpty()) {
      infer();
    }
    atRest = true;
    return more;
  }

  private void fail(Input input, String error) {
    Prediction failure = Prediction.failure(error);
    for (int m = 0; m < failures.length; m++) {
      emit(m, input, failure);
    }
  }

  private void infer() {
    for (int m = 0; m < inferNanos.length; m++) {
      long start = System.nanoTime();
      List<Prediction> predictions = models.models().get(m).predict(batch, outputs);
      inferNanos[m] += System.nanoTime() - start;
      for (int i = 0; i < predictions.size(); i++) {
        emit(m, batch.inputs().get(i), predictions.get(i));
      }
    }
  }

  private void emit(int model, Input input, Prediction prediction) {
    if (prediction.failed()) {
      failures[model]++;
    } else {
      images[model]++;
    }
    ready.add(PredictionRows.row(input, models.models().get(model), prediction, outputs));
  }

  /** The counts so far, over all models. */
  Counts counts() {
    return new Counts(
        inputs,
        Arrays.stream(images).sum(),
        Arrays.stream(failures).sum(),
        bytes,
        reader.waitNanos(),
        decodeNanos,
        Arrays.stream(inferNanos).sum());
  }

  /** The partition's throughput so far, one row per model. */
  List<ThroughputRow> throughput(Place place, long residentBytes) {
    long elapsed = System.nanoTime() - startNanos;
    long inferAll = 0;
    for (long nanos : inferNanos) {
      inferAll += nanos;
    }
    List<ThroughputRow> rows = new ArrayList<>();
    for (int m = 0; m < inferNanos.length; m++) {
      ScoringModel model = models.models().get(m);
      Throughput alone = new Throughput(images[m], elapsed - inferAll + inferNanos[m]);
      rows.add(
          new ThroughputRow(
              place.round(),
              place.partition(),
              model.spec().name(),
              model.spec().precisionName(),
              place.executor(),
              place.host(),
              String.join(" ", place.cpuFeatures()),
              models.threads(),
              images[m],
              failures[m],
              bytes,
              decodeNanos / 1e6,
              inferNanos[m] / 1e6,
              reader.waitNanos() / 1e6,
              alone.nanos() / 1e6,
              alone.imagesPerSecond(),
              alone.imagesPerSecond() / models.threads(),
              images[m] == 0 ? 0 : alone.millisPerImage(),
              residentBytes,
              model.loadNanos() / 1e6));
    }
    return rows;
  }

  /** Stops reading ahead and gives the buffers back; a second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      reader.close();
      if (atRest) {
        models.giveBack(batch);
      } else {
        batch.close();
      }
    }
  }
}
