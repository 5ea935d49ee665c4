package dev.octavo.score;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.ModelSet;
import dev.octavo.latency.AlternatingBenchmark;
import dev.octavo.latency.AlternatingBenchmark.Machine;
import dev.octavo.latency.AlternatingBenchmark.Subject;
import dev.octavo.latency.LatencyRow;
import dev.octavo.spark.JvmResource;
import java.time.Duration;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Times the models of a run against each other in one task, on an executor that has them loaded.
 */
final class ExecutorLatency {
  /** The batch sizes of the results table. */
  static final List<Integer> BATCH_SIZES = List.of(8, 16);

  private ExecutorLatency() {}

  /** A row per model and batch size, measured with the threads of a task. */
  static List<LatencyRow> measure(
      JavaSparkContext context, Broadcast<InferencePlan> plan, Duration perModel) {
    return context
        .parallelize(List.of(0), 1)
        .flatMap(
            ignored -> {
              try (JvmResource.Lease<ModelSet> models =
                  ModelSet.borrow(plan.value(), TaskContext.get().cpus())) {
                return measure(models.resource(), perModel).iterator();
              }
            })
        .collect();
  }

  private static List<LatencyRow> measure(ModelSet models, Duration perModel) {
    List<Subject> subjects =
        models.models().stream()
            .map(
                m ->
                    new Subject(
                        m.spec().name(),
                        m.spec().precisionName(),
                        m.preprocessing().cropSize(),
                        m::logits))
            .toList();
    return new AlternatingBenchmark(perModel)
        .measure(
            subjects, BATCH_SIZES, new Machine(models.threads(), CpuFeatures.current().names()));
  }
}
