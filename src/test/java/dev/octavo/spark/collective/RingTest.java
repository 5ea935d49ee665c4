package dev.octavo.spark.collective;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.spark.BarrierStage;
import dev.octavo.spark.LocalCluster;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  // Empty slices, one chunk, several chunks of uneven length.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 262_145, 5_000_003})
  void sumsVectorsOverTwoExecutors(int length) {
    assertAllReduceEqualsSerialSum(LocalCluster.session(), 2, length);
  }

  @Test
  void givesEachWorkerTheSumOfItsSliceAndGathersUpdatedSlices() {
    List<float[]> results =
        BarrierStage.run(
            tasks(LocalCluster.session(), 2),
            (task, rows) -> {
              try (Ring ring = Ring.join(task, TIMEOUT)) {
                ByteBuffer vector = vector(new float[] {1, 2, 3, 4, 5});
                ring.reduceScatter(vector, CommDtype.FP32);
                FloatBuffer floats = vector.asFloatBuffer();
                Slice own = Slice.of(5, ring.size(), ring.rank());
                for (int i = own.from(); i < own.to(); i++) {
                  floats.put(i, floats.get(i) + 100 * (ring.rank() + 1));
                }
                ring.allGather(vector, CommDtype.FP32);
                task.barrier();
                return floats(vector);
              }
            });
    assertThat(results).hasSize(2);
    assertThat(results.get(0)).containsExactly(102, 104, 206, 208, 210);
    assertThat(results.get(1)).containsExactly(102, 104, 206, 208, 210);
  }

  @Test
  void broadcastsTheNumbersOfWorkerZero() {
    List<double[]> results =
        BarrierStage.run(
            tasks(LocalCluster.session(), 2),
            (task, rows) -> {
              try (Ring ring = Ring.join(task, TIMEOUT)) {
                double[] numbers = ring.broadcast(10.5 + ring.rank(), -1 - ring.rank());
                task.barrier();
                return numbers;
              }
            });
    assertThat(results).containsExactly(new double[] {10.5, -1}, new double[] {10.5, -1});
  }

  /** Each worker's terms are rounded to 8 bits on the way, the gathered sums once more. */
  @Test
  void sendsBfloat16IfAskedToAndAllWorkersHoldTheSameBits() {
    int length = 1_000_001; // several chunks of uneven length
    List<float[]> results =
        BarrierStage.run(
            tasks(LocalCluster.session(), 2),
            (task, rows) -> {
              try (Ring ring = Ring.join(task, TIMEOUT)) {
                ByteBuffer vector = vector(values(ring.rank(), length));
                ring.reduceScatter(vector, CommDtype.BF16);
                ring.allGather(vector, CommDtype.BF16);
                task.barrier();
                return floats(vector);
              }
            });
    assertThat(Arrays.equals(results.get(1), results.get(0))).isTrue();
    float[] first = values(0, length);
    float[] second = values(1, length);
    double worst = 0;
    for (int i = 0; i < length; i++) {
      worst = Math.max(worst, Math.abs(results.get(0)[i] - (first[i] + second[i])));
    }
    // Half a unit in the last of 8 places: 2^-9 of a term below 1, and 2^-9 of a sum below 2.
    assertThat(worst).isBetween(0x1p-9, 0x1p-9 + 0x1p-8);
  }

  @Test
  void sumsStatisticsInTheOrderOfRanks() {
    List<double[]> results =
        BarrierStage.run(
            tasks(LocalCluster.session(), 2),
            (task, rows) -> {
              try (Ring ring = Ring.join(task, TIMEOUT)) {
                double[] sums = null;
                for (int i = 0; i < 1_000; i++) {
                  sums = ring.sum(i, ring.rank() + 1, 1e16 * ring.rank(), 0.1);
                }
                task.barrier();
                return sums;
              }
            });
    assertThat(results.get(0)).containsExactly(1998, 3, 1e16, 0.2);
    assertThat(results.get(1)).containsExactly(results.get(0));
  }

  @Test
  void namesTheWorkerThatIsWaitedForInVain() {
    List<String> results =
        BarrierStage.run(
            tasks(LocalCluster.session(), 2),
            (task, rows) -> {
              try (Ring ring = Ring.join(task, Duration.ofSeconds(1))) {
                String failure = ring.rank() == 0 ? failureOf(() -> ring.sum(1)) : "";
                task.barrier();
                return failure;
              }
            });
    assertThat(results.get(0)).matches("no word from worker 1 \\(executor \\d on .*\\) for 1 s.*");
  }

  @Test
  void namesTheNeighbourThatSendsNoChunks() {
    List<String> results =
        BarrierStage.run(
            tasks(LocalCluster.session(), 2),
            (task, rows) -> {
              try (Ring ring = Ring.join(task, Duration.ofSeconds(1))) {
                String failure =
                    ring.rank() == 1
                        ? failureOf(() -> ring.reduceScatter(vector(new float[10]), CommDtype.FP32))
                        : "";
                task.barrier();
                return failure;
              }
            });
    assertThat(results.get(1)).matches("no word from worker 0 \\(executor \\d on .*\\) for 1 s.*");
  }

  @Test
  void tellsAllWorkersWhyOneAborts() {
    List<String> results =
        BarrierStage.run(
            tasks(LocalCluster.session(), 2),
            (task, rows) -> {
              try (Ring ring = Ring.join(task, TIMEOUT)) {
                if (ring.rank() == 1) {
                  ring.abort("the loss is NaN on " + ring.rank());
                  return "";
                }
                return failureOf(() -> ring.allReduce(vector(new float[3_000_000])));
              }
            });
    assertThat(results.get(0)).isEqualTo("the loss is NaN on 1");
  }

  static void assertAllReduceEqualsSerialSum(SparkSession spark, int workers, int length) {
    List<float[]> first = allReduce(spark, workers, length);
    List<float[]> second = allReduce(spark, workers, length);
    double[] expected = new double[length];
    for (int rank = 0; rank < workers; rank++) {
      float[] values = values(rank, length);
      for (int i = 0; i < length; i++) {
        expected[i] += values[i];
      }
    }
    // Every partial sum is rounded to 2^-24 of at most 3: the order of three terms moves no more.
    double worst = 0;
    for (int i = 0; i < length; i++) {
      worst = Math.max(worst, Math.abs(first.get(0)[i] - expected[i]));
    }
    assertThat(worst).isLessThanOrEqualTo(6 * 0x1p-24);
    for (int rank = 0; rank < workers; rank++) {
      assertThat(Arrays.equals(first.get(rank), first.get(0))).isTrue();
      assertThat(Arrays.equals(second.get(rank), first.get(0))).isTrue();
    }
  }

  private static List<float[]> allReduce(SparkSession spark, int workers, int length) {
    return BarrierStage.run(
        tasks(spark, workers),
        (task, rows) -> {
          try (Ring ring = Ring.join(task, TIMEOUT)) {
            ByteBuffer vector = vector(values(ring.rank(), length));
            ring.allReduce(vector);
            task.barrier();
            return floats(vector);
          }
        });
  }

  private static String failureOf(Runnable work) {
    try {
      work.run();
      return "nothing failed";
    } catch (CollectiveException e) {
      return e.getMessage();
    }
  }

  static JavaRDD<Integer> tasks(SparkSession spark, int workers) {
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(IntStream.range(0, workers).boxed().toList(), workers);
  }

  private static float[] values(int rank, int length) {
    Random random = new Random(rank);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    return values;
  }

  static ByteBuffer vector(float[] values) {
    ByteBuffer vector =
        ByteBuffer.allocateDirect(values.length * Float.BYTES).order(ByteOrder.nativeOrder());
    vector.asFloatBuffer().put(values);
    return vector;
  }

  private static float[] floats(ByteBuffer vector) {
    float[] values = new float[vector.remaining() / Float.BYTES];
    vector.asFloatBuffer().get(values);
    return values;
  }
}
