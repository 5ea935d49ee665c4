package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.network.ResNet;
import dev.octavo.program.AllKinds;
import dev.octavo.program.FlatLayout;
import dev.octavo.program.Precision;
import dev.octavo.program.TestModels;
import dev.octavo.program.TrainProgram;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.train.data.Batch;
import dev.octavo.train.data.Targets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Workers with synchronised batch norm against one worker with all their images, whose batch norm
 * and gradients are torch's own.
 */
class SyncedBatchNormTest {
  private static final int CLASSES = 3;
  private static final int SIZE = 64;
  private static final int IMAGES = 7;

  /** float32 leaves 6e-6 at most; a lost or doubly counted image moves a gradient by a seventh. */
  private static final double TOLERANCE = 1e-4;

  /** What a step leaves behind. */
  private record Step(double loss, int top1, float[] gradient, float[] buffers) {}

  @Test
  void basicBlocksGiveTheGradientAndTheStatisticsOfTheWholeBatch() throws Exception {
    Network network = ResNet.RESNET18.network(CLASSES);
    assertEqualsWholeBatch(network, FlatLayout.of(network), 3, 4);
  }

  @Test
  void bottlenecksGiveTheGradientAndTheStatisticsOfTheWholeBatch() throws Exception {
    Network network = bottlenecks();
    FlatLayout layout = FlatLayout.of(network);
    // Where a ReLU's input is zero but for rounding, which differs with the kernels, a gradient is
    // off by thousandths. What is wrong is wrong for all weights.
    AssertionError failure = null;
    int seeds = CpuFeatures.current().runsBfloat16() ? 1 : 8; // AVX-512's kernels need one
    for (int seed = 1; seed <= seeds; seed++) {
      try {
        assertEqualsWholeBatch(network, TestModels.weights(network, seed), layout, 3, 4);
        return;
      } catch (AssertionError e) {
        assertThat(e).hasMessageContaining("gradient of");
        failure = e;
      }
    }
    throw failure;
  }

  @Test
  void inBfloat16TheGradientIsAsCloseToThatOfFloat32AsTorchsOwn() throws Exception {
    Network network = bottlenecks();
    FlatLayout layout = FlatLayout.of(network);
    StateDict state = TestModels.weights(network, 1);
    float[] exact = sum(steps(network, state, layout, BatchNorm.LOCAL, Precision.FP32, IMAGES));
    float[] torch = sum(steps(network, state, layout, BatchNorm.LOCAL, Precision.BF16, IMAGES));
    float[] own = sum(steps(network, state, layout, BatchNorm.SYNC, Precision.BF16, 3, 4));
    assertThat(distance(own, exact))
        .isPositive()
        .isLessThan(Math.min(0.3, 1.2 * distance(torch, exact)));
  }

  @Test
  void aWorkerWithoutImagesAddsNothingAndKeepsTheSameStatistics() throws Exception {
    Network network = ResNet.RESNET18.network(CLASSES);
    assertEqualsWholeBatch(network, FlatLayout.of(network), 7, 0);
  }

  @Test
  void everyKindOfNodeHasTorchsGradient() throws Exception {
    Network network = AllKinds.network(CLASSES);
    assertEqualsWholeBatch(network, FlatLayout.of(network), 3, 4);
    FlatLayout upper =
        FlatLayout.of(
            network,
            name -> name.matches("(se2|conv6|bn6|conv7|bn7|conv8|bn8|conv9|bn9|fc1|fc2)\\..*"));
    assertEqualsWholeBatch(network, upper, 3, 4);
  }

  @Test
  void frozenLayersTakeNoPart() throws Exception {
    Network network = ResNet.RESNET18.network(CLASSES);
    FlatLayout upper =
        FlatLayout.of(network, name -> name.matches("(layer3\\.1|layer4\\.0|fc)\\..*"));
    assertEqualsWholeBatch(network, upper, 3, 4);
  }

  private static void assertEqualsWholeBatch(Network network, FlatLayout layout, int... shares)
      throws Exception {
    assertEqualsWholeBatch(network, TestModels.weights(network, 1), layout, shares);
  }

  private static void assertEqualsWholeBatch(
      Network network, StateDict state, FlatLayout layout, int... shares) throws Exception {
    Step whole = steps(network, state, layout, BatchNorm.LOCAL, Precision.FP32, IMAGES).get(0);
    List<Step> parts = steps(network, state, layout, BatchNorm.SYNC, Precision.FP32, shares);
    double loss = 0;
    int top1 = 0;
    for (Step part : parts) {
      loss += part.loss();
      top1 += part.top1();
    }
    float[] gradient = sum(parts);
    assertThat(relative(loss, whole.loss())).as("loss").isLessThan(TOLERANCE);
    assertThat(top1).isEqualTo(whole.top1());
    for (FlatLayout.Entry e : layout.parameters()) {
      assertThat(distance(part(gradient, e), part(whole.gradient(), e)))
          .as("gradient of " + e.name())
          .isLessThan(TOLERANCE);
    }
    for (FlatLayout.Entry e : layout.buffers()) {
      assertThat(distance(part(parts.get(0).buffers(), e), part(whole.buffers(), e)))
          .as(e.name())
          .isLessThan(TOLERANCE);
    }
    assertThat(parts.get(1).buffers()).isEqualTo(parts.get(0).buffers());
    assertThat(parts.get(0).buffers()).isNotEqualTo(layout.flattenBuffers(state));
  }

  /**
   * The first four blocks of ResNet-50. All sixteen would have maps of a few pixels at the end,
   * where a ReLU's input that is zero but for rounding makes per cents of the gradient.
   */
  private static Network bottlenecks() {
    List<Node> nodes = new ArrayList<>();
    for (Node node : ResNet.RESNET50.network(CLASSES).nodes()) {
      if (node instanceof Node.Conv c && c.name().startsWith("layer2.1.")) {
        break;
      }
      nodes.add(node);
    }
    nodes.add(new Node.GlobalAveragePool(nodes.size() - 1));
    nodes.add(new Node.Linear("fc", nodes.size() - 1, 512, CLASSES));
    return new Network("bottlenecks", CLASSES, nodes);
  }

  private static float[] sum(List<Step> steps) {
    float[] sum = new float[steps.get(0).gradient().length];
    for (Step step : steps) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += step.gradient()[i];
      }
    }
    return sum;
  }

  private static List<Step> steps(
      Network network,
      StateDict state,
      FlatLayout layout,
      BatchNorm batchNorm,
      Precision precision,
      int... shares)
      throws IOException, InterruptedException, ExecutionException {
    RankOrderReducer reducer = new RankOrderReducer(shares.length);
    ExecutorService threads = Executors.newFixedThreadPool(shares.length);
    TrainProgram.Options options =
        new TrainProgram.Options(batchNorm, precision, Normalization.IMAGENET);
    List<Future<Step>> running = new ArrayList<>();
    int first = 0;
    for (int rank = 0; rank < shares.length; rank++) {
      Replica replica =
          new Replica(
              TestModels.load(
                  out -> TrainProgram.write(network, state, layout, options, out),
                  LoadedProgram.Mode.TRAINING),
              layout,
              batchNorm,
              network.hasDropout(),
              List.of());
      Batch batch = batch(first, shares[rank]);
      Reducer worker = reducer.worker(rank);
      running.add(threads.submit(() -> step(replica, batch, worker)));
      first += shares[rank];
    }
    List<Step> steps = new ArrayList<>();
    for (Future<Step> step : running) {
      steps.add(step.get());
    }
    threads.shutdown();
    return steps;
  }

  private static Step step(Replica replica, Batch batch, Reducer reducer) {
    try (replica) {
      double loss = 0;
      int top1 = 0;
      if (batch.size() == 0) {
        replica.emptyStep(reducer);
      } else {
        Replica.Scores scores = replica.step(replica.inputs(batch), reducer);
        for (int i = 0; i < scores.size(); i++) {
          loss += scores.loss(i);
          top1 += scores.rank(i) == 0 ? 1 : 0;
        }
      }
      replica.readBuffers();
      return new Step(loss, top1, floats(replica.gradient()), floats(replica.buffers()));
    }
  }

  private static Batch batch(int first, int images) {
    Batch batch = Batch.ofImages(Math.max(1, images), SIZE, CLASSES);
    int bytes = 3 * SIZE * SIZE;
    Tensor all = TestModels.images(IMAGES, SIZE, 2);
    batch.clear().put(all.bytes().slice(first * bytes, images * bytes));
    for (int i = 0; i < images; i++) {
      batch.add((first + i) % CLASSES, first + i);
    }
    float[] weights = new float[CLASSES];
    Arrays.fill(weights, 1);
    new Targets(weights, 0.1).write(batch, 1);
    return batch;
  }

  private static float[] floats(ByteBuffer bytes) {
    float[] values = new float[bytes.capacity() / Float.BYTES];
    bytes.duplicate().order(bytes.order()).asFloatBuffer().get(values);
    return values;
  }

  private static float[] part(float[] flat, FlatLayout.Entry entry) {
    return Arrays.copyOfRange(flat, entry.offset(), entry.end());
  }

  private static double relative(double actual, double expected) {
    return Math.abs(actual - expected) / Math.abs(expected);
  }

  /** Of two vectors, relative to the second one's length. */
  private static double distance(float[] actual, float[] expected) {
    double difference = 0;
    double length = 0;
    for (int i = 0; i < actual.length; i++) {
      difference += Math.pow((double) actual[i] - expected[i], 2);
      length += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / length);
  }
}
