package dev.octavo.score;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.Input;
import dev.octavo.inference.ModelSet;
import dev.octavo.results.ThroughputRow;
import dev.octavo.score.PartitionScorer.Counts;
import dev.octavo.score.PartitionScorer.Place;
import dev.octavo.spark.JvmResource;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The scoring of a partition of inputs on an executor. The result is drawn by the task that writes
 * it, so the accumulators belong to the tasks of a result stage: Spark counts each partition's
 * exactly once, whatever is retried or run twice.
 */
final class ScoreTask implements FlatMapFunction<Iterator<Input>, Row> {
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
  public Iterator<Row> call(Iterator<Input> inputs) {
    if (!inputs.hasNext()) {
      return List.<Row>of().iterator();
    }
    TaskContext task = TaskContext.get();
    // Tasks × threads is what the executor has in cores: Spark sees to the first, this to the
    // other.
    JvmResource.Lease<ModelSet> lease = ModelSet.borrow(plan.value(), task.cpus());
    onCompletion(task, lease::close);
    InputReader reader =
        new InputReader(inputs, plan.value().limits(), plan.value().conf().value());
    PartitionScorer scorer = new PartitionScorer(reader, lease.resource(), plan.value().outputs());
    onCompletion(task, scorer::close); // called before the lease is closed
    Place place =
        new Place(
            round,
            task.partitionId(),
            SparkEnv.get().executorId(),
            SparkEnv.get().blockManager().blockManagerId().host(),
            CpuFeatures.current().names());
    return new Rows(scorer, place);
  }

  private static void onCompletion(TaskContext task, Runnable action) {
    // Named, because Spark has the same method for Scala's functions.
    TaskCompletionListener listener = context -> action.run();
    task.addTaskCompletionListener(listener);
  }

  /** The scorer's predictions as rows; reports when the last is drawn. */
  private final class Rows implements Iterator<Row> {
    private final PartitionScorer scorer;
    private final Place place;
    private Counts told = Counts.NONE;
    private boolean reported;

    Rows(PartitionScorer scorer, Place place) {
      this.scorer = scorer;
      this.place = place;
    }

    @Override
    public boolean hasNext() {
      boolean more = scorer.hasNext();
      Counts now = scorer.counts();
      if (now.inputs() > told.inputs() || !more) {
        counters.add(told, now);
        told = now;
      }
      if (!more && !reported) {
        reported = true;
        scorer.throughput(place, ResidentMemory.bytes()).forEach(throughput::add);
      }
      return more;
    }

    @Override
    public Row next() {
      return scorer.next();
    }
  }
}
