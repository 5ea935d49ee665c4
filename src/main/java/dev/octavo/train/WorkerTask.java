package dev.octavo.train;

import dev.octavo.spark.BarrierStage;
import dev.octavo.spark.collective.Ring;
import dev.octavo.train.data.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.Utils;

/** Sets a worker up in its barrier task, and cleans up after it. */
final class WorkerTask implements BarrierStage.Body<Sample, Outcome> {
  private static final long serialVersionUID = 1L;
  private static final String TIMEOUT = "spark.octavo.exchange.timeout";

  private final WorkPlan plan;
  private final TrainAccumulators accumulators;

  WorkerTask(WorkPlan plan, TrainAccumulators accumulators) {
    this.plan = plan;
    this.accumulators = accumulators;
  }

  @Override
  public Outcome run(BarrierTaskContext task, Iterator<Sample> samples) throws IOException {
    SparkConf conf = SparkEnv.get().conf();
    Duration timeout = Duration.ofSeconds(conf.getTimeAsSeconds(TIMEOUT, "300s"));
    try (WorkerResources resources = new WorkerResources(plan, Path.of(Utils.getLocalDir(conf)))) {
      String failure = resources.open(samples);
      for (String reason : task.allGather(failure)) { // also waits for the slowest
        if (!reason.isEmpty()) {
          return new Outcome.Stopped(reason);
        }
      }
      try (Ring ring = Ring.join(task, timeout)) {
        Outcome outcome = new Trainer(plan, ring, resources, accumulators).train();
        if (outcome instanceof Outcome.Finished) {
          task.barrier(); // nobody closes connections on which another still waits for an answer
        }
        return outcome;
      }
    }
  }
}
