package dev.octavo.score;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;

/**
 * Elapsed and processor time of the jobs that decode and predict, without those that list files,
 * pack predictions or compute measures.
 */
final class ScoringJobs extends SparkListener {
  private final Map<Integer, Times> running = new HashMap<>();
  private Times done = new Times(0, 0);

  /**
   * Seconds.
   *
   * @param wall elapsed
   * @param cpu of all processes
   */
  record Times(double wall, double cpu) {
    private static Times now() {
      return new Times(System.nanoTime() / 1e9, Processes.cpuSeconds());
    }

    private Times plus(Times from, Times to) {
      return new Times(wall + to.wall - from.wall, cpu + to.cpu - from.cpu);
    }

    /** The share of that many cores that was used. */
    double share(int cores) {
      return cpu / (wall * cores);
    }
  }

  @Override
  public synchronized void onJobStart(SparkListenerJobStart job) {
    String description = job.properties().getProperty("spark.job.description", "");
    if (description.startsWith("scoring ")) {
      running.put(job.jobId(), Times.now());
    }
  }

  @Override
  public synchronized void onJobEnd(SparkListenerJobEnd job) {
    Times start = running.remove(job.jobId());
    if (start != null) {
      done = done.plus(start, Times.now());
    }
  }

  /** What was measured since the last call. */
  synchronized Times take() {
    Times taken = done;
    done = new Times(0, 0);
    return taken;
  }
}
