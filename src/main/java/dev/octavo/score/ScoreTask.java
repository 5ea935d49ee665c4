package dev.octavo.score;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.inference.BatchRunner;
import dev.octavo.inference.Example;
import dev.octavo.inference.InferencePlan;
import dev.octavo.results.ThroughputRow;
import dev.octavo.score.PartitionScorer.Counts;
import dev.octavo.score.PartitionScorer.Place;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.CollectionAccumulator;

/**
 * The scoring of a partition of inputs on an executor. The result is drawn by the task that writes
 * it, so the accumulators belong to the tasks of a result stage: Spark counts each partition's
 * exactly once, whatever is retried or run twice.
 */
final class ScoreTask implements FlatMapFunction<Iterator<Example<String>>, Row> {
  private static final long serialVersionUID = 1L;

  private final Broadcast<InferencePlan> plan;
  private final CollectionAccumulator<ThroughputRow> throughput;
  private final ScoreCounters counters;
  private final int round;

  ScoreTask(
      Broadcast<InferencePlan> plan,
      CollectionAccumulator<ThroughputRow> throughput,
      ScoreCounters counters,
      int round) {
    this.plan = plan;
    this.throughput = throughput;
    this.counters = counters;
    this.round = round;
  }

  @Override
  public Iterator<Row> call(Iterator<Example<String>> inputs) {
    if (!inputs.hasNext()) {
      return List.<Row>of().iterator();
    }
    TaskContext task = TaskContext.get();
    BatchRunner<String> runner = BatchRunner.of(task, plan.value(), path -> path);
    Place place =
        new Place(
            round,
            task.partitionId(),
            SparkEnv.get().executorId(),
            SparkEnv.get().blockManager().blockManagerId().host(),
            CpuFeatures.current().names());
    return new PartitionScorer(inputs, runner, plan.value().outputs(), new Accumulated(place));
  }

  /** Figures as accumulators. */
  private final class Accumulated implements PartitionScorer.Report {
    private final Place place;
    private Counts told = Counts.NONE;

    Accumulated(Place place) {
      this.place = place;
    }

    @Override
    public void progress(Counts counts) {
      counters.add(told, counts);
      told = counts;
    }

    @Override
    public void end(PartitionScorer scorer) {
      scorer.throughput(place, ResidentMemory.bytes()).forEach(throughput::add);
    }
  }
}
