package dev.octavo.program;

import dev.octavo.network.Network;
import dev.octavo.torchscript.SegmentedMethod;
import java.util.ArrayList;
import java.util.List;

/**
 * The source of a step whose batch norm uses the statistics of all workers' images. It is cut
 * wherever the workers must add up sums, and works out gradients by itself: autograd can't be cut.
 *
 * <p>Each trained convolution has two cuts. With {@code x} its output, {@code n} the number of
 * elements of a channel on all workers, and all sums over those:
 *
 * <ul>
 *   <li>forward, the sums of x and x² give {@code mean} and {@code var}, and these {@code y =
 *       weight * xhat + bias} where {@code xhat = (x - mean) * r} and {@code r = (var +
 *       epsilon)^(-1/2)};
 *   <li>backward, the sums {@code B} of dy and {@code G} of dy * xhat, which are also the gradients
 *       of bias and weight, give {@code dx = weight * r * (dy - B/n - xhat * G/n)} (Ioffe and
 *       Szegedy 2015, section 3).
 * </ul>
 *
 * <p>Names of values: {@code v3} is the output of node 3 and {@code d3} its gradient; {@code x3} is
 * the output of its convolution alone, with {@code n3}, {@code mean3}, {@code var3} as above.
 */
final class SyncedSource {
  private static final String IMAGES = "images";
  private static final String GIVEN = "given_";

  private SyncedSource() {}

  /**
   * The methods {@code step_0(images, targets)} (with dropout also {@code seeds}), {@code
   * step_1(sums)} and so on, and {@code update_statistics(sums)}.
   */
  static List<String> methods(Network network, FlatLayout layout, Precision precision) {
    // The caller's memory is lent for one call: what later pieces need is copied.
    List<String> inputs =
        TrainProgram.stepInputs(network).stream()
            .map(name -> name.equals(IMAGES) ? name : GIVEN + name)
            .toList();
    SegmentedMethod pieces = new SegmentedMethod(inputs);
    SyncedBatchNorm norms = new SyncedBatchNorm(layout, pieces, precision);
    SyncedForward forward = new SyncedForward(network, layout, pieces, norms, precision);
    SyncedBackward backward = new SyncedBackward(network, layout, pieces, norms, forward);
    inputs(network, pieces, precision);
    forward.emit();
    backward.emit(lossGradient(network, pieces));
    List<String> methods =
        new ArrayList<>(pieces.methods("Trainer", "step", inputs, "Tuple[Tensor, Tensor, Tensor]"));
    methods.add(SyncedBatchNorm.updateStatistics(network, layout));
    return methods;
  }

  /** The type of what flows between convolutions. */
  static int type(Precision precision) {
    return precision == Precision.BF16 ? ScalarType.BFLOAT16 : ScalarType.FLOAT;
  }

  private static void inputs(Network network, SegmentedMethod pieces, Precision precision) {
    for (String name : TrainProgram.stepInputs(network)) {
      if (!name.equals(IMAGES)) {
        pieces.let(name, "torch.clone(%s%s)".formatted(GIVEN, name));
      }
    }
    pieces.lines(EagerSource.normalise(), List.of("scaled"));
    pieces.lines(
        List.of("pixels = torch.to(pixels, %d)".formatted(type(precision))), List.of("pixels"));
  }

  /** The expression of the gradient of the sum of the losses with respect to the logits. */
  private static String lossGradient(Network network, SegmentedMethod pieces) {
    pieces.let("logits", EagerSource.value(network.nodes().size() - 1));
    pieces.lines(TrainSource.targetLosses(), List.of("log_p", "losses", "chosen"));
    pieces.lines(TrainSource.ranks(), List.of("reference", "ranks"));
    // The gradient of -sum(t log softmax(z)) with respect to z is softmax(z) sum(t) - t.
    String expected = "torch.mul(torch.exp(log_p), torch.sum(targets, [1], True))";
    return "torch.to(torch.sub(%s, targets), %d)".formatted(expected, ScalarType.FLOAT);
  }
}
