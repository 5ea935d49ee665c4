package dev.octavo.program;

import dev.octavo.torchscript.ScriptModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Source of the train program's methods; see {@link TrainProgram} for what they compute. */
final class TrainSource {
  private static final String LOG_SOFTMAX =
      "log_p = torch.log_softmax(torch.to(logits, %d), 1)".formatted(ScalarType.DOUBLE);

  private TrainSource() {}

  /**
   * The method {@code step}, with autograd.
   *
   * @param inputs the names of its first parameters, {@code targets} among them
   * @param forward lines from there to {@code logits}
   * @param distillation whether the logits of a teacher are one more parameter
   * @param classes columns of the targets that are of classes
   */
  static String step(
      List<String> inputs,
      List<String> forward,
      FlatLayout layout,
      Optional<Distillation> distillation,
      int classes) {
    List<String> body = new ArrayList<>();
    body.add("torch.set_grad_enabled(True)");
    body.addAll(forward);
    distillation.ifPresent(
        d -> {
          body.add("counted = torch.sum(targets, [1])");
          if (d.unlabelled()) {
            body.add("targets = torch.narrow(targets, 1, 0, %d)".formatted(classes));
          }
        });
    body.addAll(targetLosses());
    distillation.ifPresent(d -> body.addAll(teacherLosses(d)));
    List<String> parameters =
        layout.parameters().stream().map(e -> ScriptModule.read(e.name())).toList();
    body.add(
        "gradients = torch.autograd.grad([torch.sum(losses)], [%s])"
            .formatted(String.join(", ", parameters)));
    body.add("flat = annotate(List[Tensor], [])");
    body.add("for i in range(torch.len(gradients)):");
    body.add("  gradient = unchecked_cast(Tensor, gradients[i])");
    body.add("  flat = torch.append(flat, torch.reshape(gradient, [-1]))");
    body.add("gradient = torch.cat(flat)");
    body.add("torch.set_grad_enabled(False)");
    body.addAll(ranks());
    return """
      def step(self: __torch__.Trainer, %s: Tensor%s) -> Tuple[Tensor, Tensor, Tensor]:
    %s
        return (torch.detach(losses), ranks, gradient)
    """
        .formatted(
            String.join(": Tensor, ", inputs),
            distillation.isPresent() ? ", teacher: Tensor" : "",
            ScriptModule.indent(body));
  }

  /** Lines that give a teacher its part in {@code losses}. */
  private static List<String> teacherLosses(Distillation d) {
    String soft = "%s = torch.log_softmax(torch.div(torch.to(%s, %d), %s), 1)";
    return List.of(
        soft.formatted("taught", "teacher", ScalarType.DOUBLE, d.temperature()),
        soft.formatted("learned", "logits", ScalarType.DOUBLE, d.temperature()),
        "divergence = torch.sum(torch.mul(torch.exp(taught), torch.sub(taught, learned)), [1])",
        "divergence = torch.mul(divergence, counted)",
        "losses = torch.add(torch.mul(losses, %s), torch.mul(divergence, %s))"
            .formatted(1 - d.weight(), d.weight() * d.temperature() * d.temperature()));
  }

  /** The method {@code features} of a probe. */
  static String features(List<String> forward) {
    List<String> body = new ArrayList<>();
    body.add("torch.set_grad_enabled(False)");
    body.addAll(EagerSource.normalise());
    body.addAll(forward);
    return """
      def features(self: __torch__.Trainer, images: Tensor) -> Tensor:
    %s
        return features
    """
        .formatted(ScriptModule.indent(body));
  }

  /** The method {@code evaluate}; parameters as for {@link #step}. */
  static String evaluate(String input, List<String> forward) {
    List<String> body = new ArrayList<>();
    body.add("torch.set_grad_enabled(False)");
    body.addAll(forward);
    body.addAll(labelLosses());
    body.addAll(ranks());
    return """
      def evaluate(self: __torch__.Trainer, %s: Tensor, labels: Tensor) -> Tuple[Tensor, Tensor]:
    %s
        return (losses, ranks)
    """
        .formatted(input, ScriptModule.indent(body));
  }

  /**
   * Lines from {@code logits} and {@code targets} to {@code log_p}, {@code losses} and {@code
   * chosen}.
   */
  static List<String> targetLosses() {
    return List.of(
        LOG_SOFTMAX,
        "losses = torch.neg(torch.sum(torch.mul(log_p, targets), [1]))",
        "chosen = torch.argmax(targets, 1, True)");
  }

  /** Lines from {@code logits} and {@code labels} to {@code losses} and {@code chosen}. */
  private static List<String> labelLosses() {
    return List.of(
        "chosen = torch.unsqueeze(labels, 1)",
        LOG_SOFTMAX,
        "losses = torch.neg(torch.squeeze(torch.gather(log_p, 1, chosen), 1))");
  }

  /** Lines that turn {@code logits} and {@code chosen} classes, [N, 1], into {@code ranks}. */
  static List<String> ranks() {
    return List.of(
        "reference = torch.gather(logits, 1, chosen)",
        "ranks = torch.sum(torch.logical_not(torch.le(logits, reference)), [1])");
  }

  /** The methods that read and set the flat vectors. */
  static List<String> vectors(FlatLayout layout) {
    return List.of(
        reader("parameters", layout.parameters()),
        reader("buffers", layout.buffers()),
        loader("load_parameters", layout.parameters()),
        loader("load_buffers", layout.buffers()));
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
