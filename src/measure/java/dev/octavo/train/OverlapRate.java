package dev.octavo.train;

import dev.octavo.engine.Engine;
import dev.octavo.network.Architectures;
import dev.octavo.program.Precision;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.BarrierStage;
import dev.octavo.spark.LocalCluster;
import dev.octavo.spark.collective.CommDtype;
import dev.octavo.spark.collective.Ring;
import dev.octavo.train.data.Batch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * What the exchange of gradients could gain at most by running beside the backward pass, at 224 px,
 * two executors of one core each. A step with the exchange after it, as training does it, and one
 * that sums other gradients, of the same size, on a thread of its own from the beginning of the
 * step on, in turns. A real overlap gains less: the first gradients are known after the forward
 * pass, the last ones at the end. Prints medians in milliseconds. Arguments: network, precision,
 * images of each executor, steps of each kind, and the type on the wire if it isn't FP32.
 */
public final class OverlapRate {
  private OverlapRate() {}

  /** Takes the steps. */
  public static void main(String[] args) {
    String network = args[0];
    Precision precision = Precision.valueOf(args[1]);
    int images = Integer.parseInt(args[2]);
    int steps = Integer.parseInt(args[3]);
    CommDtype wire = CommDtype.valueOf(args.length > 4 ? args[4] : "FP32");
    var spark = LocalCluster.start("local-cluster[2,1,3000]", Map.of("spark.task.cpus", "1"));
    var tasks =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(IntStream.range(0, 2).boxed().toList(), 2);
    List<double[]> workers =
        BarrierStage.run(
            tasks,
            (task, rows) -> {
              try (Ring ring = Ring.join(task, Duration.ofMinutes(5));
                  OverlapRate.Worker worker =
                      new OverlapRate.Worker(ring, network, precision, images, wire)) {
                double[] medians = worker.medians(steps);
                task.barrier();
                return medians;
              }
            });
    for (double[] m : workers) {
      System.out.printf(
          Locale.ROOT,
          "%s %s, %d images, %s on the wire: step %.0f ms, then gradients %.0f, weights %.0f: %.0f ms in all; gradients beside the step: %.0f ms%n",
          network,
          precision,
          images,
          wire,
          m[0],
          m[1],
          m[2],
          m[3],
          m[4]);
    }
    LocalCluster.stop();
  }

  private static final class Worker implements AutoCloseable {
    private final Ring ring;
    private final CommDtype wire;
    private final Replica replica;
    private final Batch batch;
    private final ByteBuffer other;
    private final ExecutorService beside = Executors.newSingleThreadExecutor();

    Worker(Ring ring, String network, Precision precision, int images, CommDtype wire)
        throws IOException {
      Engine.start(1);
      this.ring = ring;
      this.wire = wire;
      this.replica =
          StepRate.replica(
              Architectures.of(network).network(StepRate.CLASSES), BatchNorm.LOCAL, precision);
      this.batch = StepRate.batch(images);
      this.other = ByteBuffer.allocateDirect(replica.gradient().capacity());
    }

    double[] medians(int steps) throws InterruptedException, ExecutionException {
      double[][] times = new double[5][steps];
      for (int i = -1; i < steps; i++) { // the first one warms up
        double[] after = after();
        double overlapped = overlapped();
        for (int k = 0; i >= 0 && k < 4; k++) {
          times[k][i] = after[k];
        }
        if (i >= 0) {
          times[4][i] = overlapped;
        }
      }
      return Arrays.stream(times).mapToDouble(Worker::median).toArray();
    }

    private double[] after() {
      ring.sum();
      long start = System.nanoTime();
      step();
      long computed = System.nanoTime();
      ring.reduceScatter(replica.gradient(), wire);
      long reduced = System.nanoTime();
      ring.allGather(replica.parameters(), wire);
      long end = System.nanoTime();
      return new double[] {
        (computed - start) / 1e6,
        (reduced - computed) / 1e6,
        (end - reduced) / 1e6,
        (end - start) / 1e6
      };
    }

    private double overlapped() throws InterruptedException, ExecutionException {
      ring.sum();
      long start = System.nanoTime();
      Future<?> exchange = beside.submit(() -> ring.reduceScatter(other, wire));
      step();
      exchange.get();
      ring.allGather(replica.parameters(), wire);
      return (System.nanoTime() - start) / 1e6;
    }

    private void step() {
      replica.step(replica.inputs(batch), terms -> terms);
    }

    private static double median(double[] times) {
      double[] sorted = times.clone();
      Arrays.sort(sorted);
      return sorted[sorted.length / 2];
    }

    @Override
    public void close() {
      beside.shutdownNow();
      replica.close();
    }
  }
}
