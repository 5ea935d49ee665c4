package dev.octavo.program;

import dev.octavo.image.Normalization;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.tensor.StateDict;
import dev.octavo.torchscript.ScriptArchive;
import dev.octavo.torchscript.ScriptModule;
import dev.octavo.torchscript.SegmentedMethod;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The program that computes losses and gradients. Load it in training mode. Images are {@code uint8
 * [N, H, W, 3]}, targets {@code float32 [N, K]} for {@code K} classes, labels {@code int64 [N]};
 * {@code P} and {@code B} are the lengths of {@link FlatLayout}'s vectors.
 *
 * <ul>
 *   <li>{@code step(images, targets) -> (float64 [N], int64 [N], float32 [P])}: losses, ranks, and
 *       the gradient of the sum of the losses. The sum, not the mean, so that workers add up and
 *       divide once.
 *   <li>{@code evaluate(images, labels) -> (float64 [N], int64 [N])}: losses and ranks with running
 *       statistics.
 *   <li>{@code load_parameters(float32 [P])}, {@code load_buffers(float32 [B])}: set the weights;
 *       return an empty tensor.
 *   <li>{@code parameters(any) -> float32 [P]}, {@code buffers(any) -> float32 [B]}: read the
 *       weights (the argument is ignored: DJL calls no method without one).
 * </ul>
 *
 * <p>The loss of an image is the cross-entropy {@code -sum_k targets[k] log softmax(logits)[k]}, so
 * that label smoothing, mixup and class weights are a matter of the targets alone. Its rank is the
 * number of logits that are greater than that of the class with the largest target (or of the
 * label): 0 is a top-1 hit, less than 5 a top-5 hit. A logit that is NaN counts as greater.
 *
 * <p>With {@link BatchNorm#SYNC} the workers must add up sums in the middle of a step, so it is cut
 * into {@code step_0(images, targets)} and {@code step_i(sums)} for <i>i</i> from 1. Each takes
 * what the one before returned ({@code float64 [n]}), summed over the workers; the last returns
 * what {@code step} does. For each trained convolution of <i>C</i> channels, in order, there are
 * {@code 2C + 1} sums, and then in reverse order {@code 2C}. {@code update_statistics(float64)}
 * moves the running statistics, given the first kind of sums one after the other.
 *
 * <p>Where a batch (with {@link BatchNorm#SYNC} those of all workers) has a single value per
 * channel, as one image has in maps of one pixel, there is no variance: batch norm then normalises
 * with its running statistics and leaves them alone.
 *
 * <p>With a {@link Distillation} it is {@code step(images, targets, float32 [N, K])}, the last the
 * logits of the teacher. Where images without a label take part, targets have one more column: the
 * share of an image that has none, which counts in the divergence alone.
 *
 * <p>With a {@link SimulatedInt8} both methods compute forward, in float32, what the int8 program
 * computes; batch norm is folded by the running statistics.
 *
 * <p>For a network with dropout, {@code step} and {@code step_0} take {@code int64 [N]} seeds after
 * the targets. What is set to zero for an image is a function of its seed.
 *
 * <p>What the layout leaves out is frozen: batch norm uses its running statistics there, and
 * autograd goes back no further than to the first layer that is trained.
 */
public final class TrainProgram {
  /** The behaviour of batch norm in {@code step}. */
  public enum BatchNorm {
    /** Normalises with the batch's own statistics and updates the running ones. */
    LOCAL,
    /** Normalises with the statistics of all workers' batches and updates the running ones. */
    SYNC,
    /** Normalises with the running statistics and leaves them alone. */
    FROZEN
  }

  /**
   * The options that a program is specialised for.
   *
   * @param batchNorm what batch norm does in {@code step}, where it is not frozen by the layout
   * @param precision fp32 or bf16
   * @param normalization of the pixels
   * @param int8 the program that is simulated, with batch norm frozen and in fp32 only; empty for
   *     none
   * @param distillation the loss of a student; empty for none, and with {@link BatchNorm#SYNC}
   */
  public record Options(
      BatchNorm batchNorm,
      Precision precision,
      Normalization normalization,
      Optional<SimulatedInt8> int8,
      Optional<Distillation> distillation) {
    /** Checks the precision. */
    public Options {
      precision.requireFp32OrBf16();
      if (int8.isPresent() && (batchNorm != BatchNorm.FROZEN || precision != Precision.FP32)) {
        throw new IllegalArgumentException("int8 is simulated in fp32 with batch norm frozen");
      }
      if (distillation.isPresent() && batchNorm == BatchNorm.SYNC) {
        throw new IllegalArgumentException("with synchronised batch norm nobody teaches");
      }
    }

    /** Of a float program without a teacher. */
    public Options(BatchNorm batchNorm, Precision precision, Normalization normalization) {
      this(batchNorm, precision, normalization, Optional.empty(), Optional.empty());
    }
  }

  private TrainProgram() {}

  /**
   * Writes the archive, which starts with the weights of {@code state}; doesn't close the stream.
   *
   * @param layout of the network; says what is trained
   */
  public static void write(
      Network network, StateDict state, FlatLayout layout, Options options, OutputStream out)
      throws IOException {
    ScriptModule module = new ScriptModule("Trainer");
    addState(module, network, state, layout);
    if (options.int8().isPresent()) {
      writeSimulated(module, network, layout, options.int8().get(), options, out);
      return;
    }
    Precision precision = options.precision();
    if (options.batchNorm() == BatchNorm.SYNC) {
      module.tensorList(SegmentedMethod.TAPE);
      SyncedSource.methods(network, layout, precision).forEach(module::method);
    } else {
      boolean local = options.batchNorm() == BatchNorm.LOCAL;
      EagerSource.BatchStatistics statistics =
          (node, c) -> local && layout.trains(c) ? hasVariance(node, c) : "False";
      List<String> forward = new ArrayList<>(EagerSource.normalise());
      forward.addAll(
          new EagerSource(statistics, DropoutSource.BY_SEED, precision).forward(network));
      module.method(
          TrainSource.step(
              stepInputs(network), forward, layout, options.distillation(), network.classes()));
    }
    List<String> forward = new ArrayList<>(EagerSource.normalise());
    forward.addAll(
        new EagerSource((node, conv) -> "False", DropoutSource.OFF, precision).forward(network));
    module.method(TrainSource.evaluate("images", forward));
    TrainSource.vectors(layout).forEach(module::method);
    ScriptArchive.write(
        module,
        List.of(options.normalization().meanTensor(), options.normalization().stdTensor()),
        out);
  }

  /** The first parameters of {@code step}. */
  static List<String> stepInputs(Network network) {
    return network.hasDropout()
        ? List.of("images", "targets", DropoutSource.SEEDS)
        : List.of("images", "targets");
  }

  private static void writeSimulated(
      ScriptModule module,
      Network network,
      FlatLayout layout,
      SimulatedInt8 int8,
      Options options,
      OutputStream out)
      throws IOException {
    Normalization normalization = options.normalization();
    module.method(SimulatedSource.roundWeights(int8));
    FusedNetwork graph = FusedNetwork.of(network);
    SimulatedSource training =
        new SimulatedSource(graph, int8, normalization, DropoutSource.BY_SEED);
    module.method(
        TrainSource.step(
            stepInputs(network),
            training.forward(),
            layout,
            options.distillation(),
            network.classes()));
    SimulatedSource evaluation = new SimulatedSource(graph, int8, normalization, DropoutSource.OFF);
    module.method(TrainSource.evaluate("images", evaluation.forward()));
    TrainSource.vectors(layout).forEach(module::method);
    ScriptArchive.write(module, training.constants(), out);
  }

  /**
   * Writes the archive of a linear probe; doesn't close the stream. It trains the classifier alone,
   * on features that {@code features(images) -> float32 [N, F]} computes once per image: what the
   * classifier reads, with running statistics and without dropout. {@code step} and {@code
   * evaluate} take features instead of images. The other methods are as above, with the layout of
   * {@link #probeLayout}.
   *
   * @param precision fp32 or bf16
   * @param normalization of the pixels
   */
  public static void writeProbe(
      Network network,
      StateDict state,
      Precision precision,
      Normalization normalization,
      OutputStream out)
      throws IOException {
    ScriptModule module = new ScriptModule("Trainer");
    FlatLayout layout = probeLayout(network);
    addState(module, network, state, layout);
    EagerSource source =
        new EagerSource((node, conv) -> "False", DropoutSource.OFF, precision.requireFp32OrBf16());
    module.method(TrainSource.features(source.features(network)));
    List<String> classifier =
        List.of("logits = " + AffineSource.OF_STATE.apply(network.classifier(), "features"));
    module.method(
        TrainSource.step(
            List.of("features", "targets"),
            classifier,
            layout,
            Optional.empty(),
            network.classes()));
    module.method(TrainSource.evaluate("features", classifier));
    TrainSource.vectors(layout).forEach(module::method);
    ScriptArchive.write(
        module, List.of(normalization.meanTensor(), normalization.stdTensor()), out);
  }

  /** The layout of a linear probe: weight and bias of the classifier. */
  public static FlatLayout probeLayout(Network network) {
    String prefix = network.classifier().name() + ".";
    return FlatLayout.of(network, name -> name.startsWith(prefix));
  }

  /** Returns whether a convolution's output has more than one value per channel. */
  private static String hasVariance(int node, Node.Conv conv) {
    String out = EagerSource.value(node);
    return "torch.gt(torch.numel(%s), %d)".formatted(out, conv.outChannels());
  }

  /** Only what is trained becomes a parameter: buffers need no gradient. */
  private static void addState(
      ScriptModule module, Network network, StateDict state, FlatLayout layout) {
    Set<String> trained =
        layout.parameters().stream().map(FlatLayout.Entry::name).collect(Collectors.toSet());
    for (String name : network.stateShapes().keySet()) {
      if (trained.contains(name)) {
        module.parameter(name, state.tensor(name));
      } else {
        module.buffer(name, state.tensor(name));
      }
    }
  }
}
