package dev.octavo.train;

import com.sun.management.OperatingSystemMXBean;
import dev.octavo.engine.Engine;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.program.FlatLayout;
import dev.octavo.program.FusedNetwork;
import dev.octavo.program.Int8Operators;
import dev.octavo.program.Layer;
import dev.octavo.program.Precision;
import dev.octavo.program.QuantParams;
import dev.octavo.program.SimulatedInt8;
import dev.octavo.program.TestModels;
import dev.octavo.program.TrainProgram;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.tensor.StateDict;
import dev.octavo.train.data.Batch;
import dev.octavo.train.data.Targets;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How long a training step takes at 224 px: gradient, and loading of new weights, without the
 * exchange and the update. Prints wall-clock and processor time; the latter is less disturbed by
 * others on the machine. Arguments: batch norm, precision ({@code INT8} simulates an int8 program),
 * images, threads, steps, and the network if it isn't a ResNet-50.
 */
public final class StepRate {
  static final int CLASSES = 67;
  private static final int SIZE = 224;

  private StepRate() {}

  /** Takes the steps. */
  public static void main(String[] args) throws IOException {
    BatchNorm batchNorm = BatchNorm.valueOf(args[0]);
    Precision precision = Precision.valueOf(args[1]);
    int images = Integer.parseInt(args[2]);
    Engine.start(Integer.parseInt(args[3]));
    Network network = Architectures.of(args.length > 5 ? args[5] : "resnet50").network(CLASSES);
    Batch batch = batch(images);
    try (Replica replica = replica(network, batchNorm, precision)) {
      OperatingSystemMXBean process =
          (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      for (int i = 0; i <= Integer.parseInt(args[4]); i++) {
        long wall = System.nanoTime();
        long cpu = process.getProcessCpuTime();
        replica.step(replica.inputs(batch), terms -> terms);
        replica.loadParameters();
        System.err.println(
            String.format(
                Locale.ROOT,
                "%s %s, %d images: %.3f s wall, %.3f s cpu%s",
                batchNorm,
                precision,
                images,
                (System.nanoTime() - wall) / 1e9,
                (process.getProcessCpuTime() - cpu) / 1e9,
                i == 0 ? " (first)" : ""));
      }
    }
  }

  /** Images of some classes, at 224 px. */
  static Batch batch(int images) {
    Batch batch = Batch.ofImages(images, SIZE, CLASSES);
    batch.clear().put(TestModels.images(images, SIZE, 2).bytes());
    for (int i = 0; i < images; i++) {
      batch.add(i % CLASSES);
    }
    float[] weights = new float[CLASSES];
    Arrays.fill(weights, 1);
    new Targets(weights, 0.1).write(batch, 1);
    return batch;
  }

  /** A network to train, of {@link #CLASSES}. */
  static Replica replica(Network network, BatchNorm batchNorm, Precision precision)
      throws IOException {
    boolean simulated = precision == Precision.INT8;
    FlatLayout layout = FlatLayout.of(network);
    StateDict state = TestModels.weights(network, 1);
    TrainProgram.Options options =
        new TrainProgram.Options(
            batchNorm,
            simulated ? Precision.FP32 : precision,
            Normalization.IMAGENET,
            simulated ? Optional.of(int8(network)) : Optional.empty(),
            Optional.empty());
    LoadedProgram program =
        TestModels.load(
            out -> TrainProgram.write(network, state, layout, options, out),
            LoadedProgram.Mode.TRAINING);
    return new Replica(program, layout, batchNorm, network.hasDropout(), List.of());
  }

  /** Every layer in integers; how long rounding takes doesn't depend on the ranges. */
  private static SimulatedInt8 int8(Network network) {
    Map<Integer, QuantParams> ranges =
        FusedNetwork.of(network).rangedLayers().stream()
            .collect(Collectors.toMap(Layer::output, layer -> new QuantParams(0.05f, 64)));
    return new SimulatedInt8(Int8Operators.ONEDNN, 8, ranges);
  }
}
