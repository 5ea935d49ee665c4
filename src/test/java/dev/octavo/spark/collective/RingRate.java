package dev.octavo.spark.collective;

import dev.octavo.spark.BarrierStage;
import dev.octavo.spark.LocalCluster;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Measures how long an all-reduce of 100 MB takes; not a test: a plain {@code mvn test} does not
 * run it, {@code mvn -Dtest=RingRate test} does.
 */
class RingRate {
  @org.junit.jupiter.api.Test
  void measure() {
    for (Map<String, String> settings :
        List.of(
            Map.<String, String>of(),
            Map.of(
                "spark.authenticate", "true",
                "spark.authenticate.secret", "a secret",
                "spark.network.crypto.enabled", "true"))) {
      List<Double> seconds =
          BarrierStage.run(
              RingTest.tasks(LocalCluster.start("local-cluster[2,1,1024]", settings), 2),
              (task, rows) -> {
                try (Ring ring = Ring.join(task, Duration.ofMinutes(1))) {
                  ByteBuffer vector = RingTest.vector(new float[25_000_000]);
                  double best = Double.MAX_VALUE;
                  for (int i = 0; i < 10; i++) {
                    ring.sum();
                    long start = System.nanoTime();
                    ring.allReduce(vector);
                    best = Math.min(best, (System.nanoTime() - start) / 1e9);
                  }
                  task.barrier();
                  return best;
                }
              });
      System.out.printf(
          "100 MB over 2 executors, encrypted %b: %.3f s, %.0f MB/s%n",
          !settings.isEmpty(), seconds.get(0), 100 / seconds.get(0));
    }
    LocalCluster.stop();
  }
}
