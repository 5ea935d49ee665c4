package dev.octavo.program;

import dev.octavo.network.Network;
import dev.octavo.weights.StateDict;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The program that computes losses and gradients. Load it in training mode. Images are {@code uint8
 * [N, H, W, 3]}, labels {@code int64 [N]}; {@code P} and {@code B} are the lengths of {@link
 * FlatLayout}'s vectors.
 *
 * <ul>
 *   <li>{@code step(images, labels) -> (float64 [2], float32 [P])}: the sum of the losses and the
 *       number of correct images, and the gradient of that sum. Sums, not means, so that workers
 *       add up and divide once.
 *   <li>{@code evaluate(images, labels) -> float64 [2]}: the same figures without smoothing, with
 *       running statistics.
 *   <li>{@code load_parameters(float32 [P])}, {@code load_buffers(float32 [B])}: set the weights;
 *       return an empty tensor.
 *   <li>{@code parameters(any) -> float32 [P]}, {@code buffers(any) -> float32 [B]}: read the
 *       weights (the argument is ignored: DJL calls no method without one).
 * </ul>
 *
 * <p>The loss is cross-entropy with label smoothing {@code e}: targets are {@code 1 - e + e/K} for
 * the label and {@code e/K} for each other of {@code K} classes (Szegedy et al. 2015, section 7).
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
   * @param batchNorm what batch norm does in {@code step}
   * @param compute the type of the convolutions
   * @param labelSmoothing from 0 (off) to less than 1
   */
  public record Options(BatchNorm batchNorm, Compute compute, double labelSmoothing) {
    /** Checks the range of the smoothing. */
    public Options {
      if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
        throw new IllegalArgumentException("label smoothing must be in [0, 1): " + labelSmoothing);
      }
    }
  }

  private TrainProgram() {}

  /**
   * Writes the archive, which starts with the weights of {@code state}; doesn't close the stream.
   */
  public static void write(Network network, StateDict state, Options options, OutputStream out)
      throws IOException {
    ScriptModule module = new ScriptModule("Trainer");
    PortableProgram.addState(module, network, state);
    FlatLayout layout = FlatLayout.of(network);
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

  private static String step(Network network, FlatLayout layout, Options options, boolean bf16) {
    List<String> body = new ArrayList<>();
    body.add("torch.set_grad_enabled(True)");
    body.addAll(EagerSource.normalise());
    String batchStatistics = options.batchNorm() == BatchNorm.LOCAL ? "True" : "False";
    body.addAll(new EagerSource(batchStatistics, bf16).forward(network));
    body.add(
        String.format(
            Locale.ROOT,
            "loss = torch.cross_entropy_loss(logits, labels, None, 2, -100, %s)",
            options.labelSmoothing()));
    List<String> parameters =
        layout.parameters().stream().map(e -> ScriptModule.read(e.name())).toList();
    body.add("gradients = torch.autograd.grad([loss], [" + String.join(", ", parameters) + "])");
    body.add("flat = annotate(List[Tensor], [])");
    body.add("for i in range(torch.len(gradients)):");
    body.add("  gradient = unchecked_cast(Tensor, gradients[i])");
    body.add("  _0 = torch.append(flat, torch.reshape(gradient, [-1]))");
    body.add("gradient = torch.cat(flat)");
    body.add("torch.set_grad_enabled(False)");
    body.addAll(statistics());
    return """
      def step(self: __torch__.Trainer, images: Tensor, labels: Tensor) -> Tuple[Tensor, Tensor]:
    %s
        return (statistics, gradient)
    """
        .formatted(ScriptModule.indent(body));
  }

  private static String evaluate(Network network, boolean bf16) {
    List<String> body = new ArrayList<>();
    body.add("torch.set_grad_enabled(False)");
    body.addAll(EagerSource.normalise());
    body.addAll(new EagerSource("False", bf16).forward(network));
    body.add("loss = torch.cross_entropy_loss(logits, labels, None, 2, -100, 0.)");
    body.addAll(statistics());
    return """
      def evaluate(self: __torch__.Trainer, images: Tensor, labels: Tensor) -> Tensor:
    %s
        return statistics
    """
        .formatted(ScriptModule.indent(body));
  }

  private static List<String> statistics() {
    return List.of(
        "correct = torch.sum(torch.eq(torch.argmax(logits, 1), labels))",
        "statistics = torch.stack([torch.to(torch.detach(loss), 7), torch.to(correct, 7)])");
  }

  private static String reader(String name, List<FlatLayout.Entry> entries) {
    List<String> flat =
        entries.stream()
            .map(
                e -> "torch.reshape(torch.detach(%s), [-1])".formatted(ScriptModule.read(e.name())))
            .toList();
    return """
      def %s(self: __torch__.Trainer, unused: Tensor) -> Tensor:
        return torch.cat([%s])
    """
        .formatted(name, String.join(", ", flat));
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
