package dev.octavo.program;

import dev.octavo.network.Network;
import dev.octavo.weights.StateDict;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
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
 * <p>The loss of a picture is the cross-entropy {@code -sum_k targets[k] log softmax(logits)[k]},
 * so that label smoothing, mixup and class weights are a matter of the targets alone. Its rank is
 * the number of logits that are greater than that of the class with the largest target (or of the
 * label): 0 is a top-1 hit, less than 5 a top-5 hit. A logit that is NaN counts as greater.
 *
 * <p>What the layout leaves out is frozen: batch norm uses its running statistics there, and
 * autograd goes back no further than to the first layer that is trained.
 */
public final class TrainProgram {
  /** What batch norm does in {@code step}. */
  public enum BatchNorm {
    /** Normalises with the batch's own statistics and updates the running ones. */
    LOCAL,
    /** Normalises with the running statistics and leaves them alone. */
    FROZEN
  }

  /**
   * In which type convolutions compute. Weights, statistics, logits and loss are float32 either
   * way.
   */
  public enum Compute {
    /** float32. */
    FP32,
    /** bfloat16. */
    BF16
  }

  /**
   * What the program is specialised for.
   *
   * @param batchNorm what batch norm does in {@code step}, where it is not frozen by the layout
   * @param compute the type of the convolutions
   */
  public record Options(BatchNorm batchNorm, Compute compute) {}

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
    boolean bf16 = options.compute() == Compute.BF16;
    module.method(step(network, layout, options, bf16));
    module.method(evaluate(network, bf16));
    module.method(reader("parameters", layout.parameters()));
    module.method(reader("buffers", layout.buffers()));
    module.method(loader("load_parameters", layout.parameters()));
    module.method(loader("load_buffers", layout.buffers()));
    ScriptArchive.write(
        module, List.of(Normalization.meanTensor(), Normalization.stdTensor()), out);
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

  private static String step(Network network, FlatLayout layout, Options options, boolean bf16) {
    List<String> body = new ArrayList<>();
    body.add("torch.set_grad_enabled(True)");
    body.addAll(EagerSource.normalise());
    boolean local = options.batchNorm() == BatchNorm.LOCAL;
    body.addAll(
        new EagerSource(conv -> local && layout.trains(conv) ? "True" : "False", bf16)
            .forward(network));
    body.addAll(targetLosses());
    List<String> parameters =
        layout.parameters().stream().map(e -> ScriptModule.read(e.name())).toList();
    body.add(
        "gradients = torch.autograd.grad([torch.sum(losses)], [%s])"
            .formatted(String.join(", ", parameters)));
    body.add("flat = annotate(List[Tensor], [])");
    body.add("for i in range(torch.len(gradients)):");
    body.add("  gradient = unchecked_cast(Tensor, gradients[i])");
    body.add("  _0 = torch.append(flat, torch.reshape(gradient, [-1]))");
    body.add("gradient = torch.cat(flat)");
    body.add("torch.set_grad_enabled(False)");
    body.addAll(ranks());
    return """
      def step(self: __torch__.Trainer, images: Tensor, targets: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    %s
        return (torch.detach(losses), ranks, gradient)
    """
        .formatted(ScriptModule.indent(body));
  }

  private static String evaluate(Network network, boolean bf16) {
    List<String> body = new ArrayList<>();
    body.add("torch.set_grad_enabled(False)");
    body.addAll(EagerSource.normalise());
    body.addAll(new EagerSource(conv -> "False", bf16).forward(network));
    body.addAll(labelLosses());
    body.addAll(ranks());
    return """
      def evaluate(self: __torch__.Trainer, images: Tensor, labels: Tensor) -> Tuple[Tensor, Tensor]:
    %s
        return (losses, ranks)
    """
        .formatted(ScriptModule.indent(body));
  }

  /** Lines from {@code logits} and {@code targets} to {@code losses} and the {@code chosen}. */
  private static List<String> targetLosses() {
    return List.of(
        "terms = torch.mul(torch.log_softmax(logits, 1, 7), targets)",
        "losses = torch.neg(torch.sum(terms, [1]))",
        "chosen = torch.argmax(targets, 1, True)");
  }

  /** Lines from {@code logits} and {@code labels} to {@code losses} and the {@code chosen}. */
  private static List<String> labelLosses() {
    return List.of(
        "chosen = torch.unsqueeze(labels, 1)",
        "losses = torch.neg(torch.squeeze(torch.gather(torch.log_softmax(logits, 1, 7), 1, chosen), 1))");
  }

  /** Lines that turn {@code logits} and {@code chosen} classes, [N, 1], into {@code ranks}. */
  private static List<String> ranks() {
    return List.of(
        "reference = torch.gather(logits, 1, chosen)",
        "ranks = torch.sum(torch.logical_not(torch.le(logits, reference)), [1])");
  }

  private static String reader(String name, List<FlatLayout.Entry> entries) {
    List<String> flat =
        entries.stream()
            .map(
                e -> "torch.reshape(torch.detach(%s), [-1])".formatted(ScriptModule.read(e.name())))
            .toList();
    return """
      def %s(self: __torch__.Trainer, unused: Tensor) -> Tensor:
        return %s
    """
        .formatted(
            name,
            flat.isEmpty() ? "torch.empty([0])" : "torch.cat([" + String.join(", ", flat) + "])");
  }

  private static String loader(String name, List<FlatLayout.Entry> entries) {
    List<String> body = new ArrayList<>();
    body.add("torch.set_grad_enabled(False)");
    for (FlatLayout.Entry e : entries) {
      body.add(
          "_0 = torch.copy_(torch.detach(%s), torch.view(torch.narrow(flat, 0, %d, %d), %s))"
              .formatted(ScriptModule.read(e.name()), e.offset(), e.length(), e.shape()));
    }
    return """
      def %s(self: __torch__.Trainer, flat: Tensor) -> Tensor:
    %s
        return torch.empty([0])
    """
        .formatted(name, ScriptModule.indent(body));
  }
}
