package dev.octavo.score;

import dev.octavo.score.PartitionScorer.Counts;
import java.io.Serializable;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.metrics.source.LongAccumulatorSource$;
import org.apache.spark.util.LongAccumulator;

/**
 * Running totals of all tasks: accumulators, which the Spark UI shows per stage and which the
 * driver offers to Spark's metrics system, so that each of its sinks (Prometheus, JMX, Graphite,
 * CSV, ...) sees them as gauges of the source {@code AccumulatorSource}.
 *
 * <p>A task that fails and is run again counts once, since only tasks that succeed are added for
 * good.
 */
final class ScoreCounters implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The one that progress is measured by. */
  static final String INPUTS = "octavo inputs";

  private final LongAccumulator inputs;
  private final LongAccumulator images;
  private final LongAccumulator failures;
  private final LongAccumulator bytes;
  private final LongAccumulator waitMillis;
  private final LongAccumulator decodeMillis;
  private final LongAccumulator inferMillis;

  /** Accumulators that start at 0. */
  ScoreCounters(SparkContext context) {
    inputs = context.longAccumulator(INPUTS);
    images = context.longAccumulator("octavo images");
    failures = context.longAccumulator("octavo failures");
    bytes = context.longAccumulator("octavo bytes");
    waitMillis = context.longAccumulator("octavo wait ms");
    decodeMillis = context.longAccumulator("octavo decode ms");
    inferMillis = context.longAccumulator("octavo infer ms");
    // Once per application: the metrics system keeps the first it is given.
    LongAccumulatorSource$.MODULE$.register(
        context,
        scala(
            Map.of(
                "octavo.inputs", inputs,
                "octavo.images", images,
                "octavo.failures", failures,
                "octavo.bytes", bytes,
                "octavo.waitMillis", waitMillis,
                "octavo.decodeMillis", decodeMillis,
                "octavo.inferMillis", inferMillis)));
  }

  @SuppressWarnings("unchecked") // Scala 2.13's signature is a raw type
  private static <V> scala.collection.immutable.Map<String, V> scala(Map<String, V> values) {
    scala.collection.immutable.Map<String, V> scala = new scala.collection.immutable.HashMap<>();
    for (Map.Entry<String, V> value : values.entrySet()) {
      scala = scala.updated(value.getKey(), value.getValue());
    }
    return scala;
  }

  /** Adds what a task did since it was last asked. */
  void add(Counts before, Counts now) {
    inputs.add(now.inputs() - before.inputs());
    images.add(now.images() - before.images());
    failures.add(now.failures() - before.failures());
    bytes.add(now.bytes() - before.bytes());
    // Whole milliseconds so far, so that no remainder is lost.
    waitMillis.add(now.waitNanos() / 1_000_000 - before.waitNanos() / 1_000_000);
    decodeMillis.add(now.decodeNanos() / 1_000_000 - before.decodeNanos() / 1_000_000);
    inferMillis.add(now.inferNanos() / 1_000_000 - before.inferNanos() / 1_000_000);
  }
}
