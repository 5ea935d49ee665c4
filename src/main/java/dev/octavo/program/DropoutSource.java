package dev.octavo.program;

import dev.octavo.network.Node;
import java.util.List;

/** Dropout as source. */
enum DropoutSource {
  /** Nothing. */
  OFF {
    @Override
    List<String> lines(String out, String in, int node, Node.Dropout dropout) {
      return List.of("%s = %s".formatted(out, in));
    }
  },

  /** In a module's training mode, zeros of torch's own random numbers. */
  IN_TRAINING_MODE {
    @Override
    List<String> lines(String out, String in, int node, Node.Dropout dropout) {
      String form =
          switch (dropout.unit()) {
            case ELEMENT -> "%s = torch.dropout(%s, %s, self.training)";
            // Images as the channels of one image: channels are dropped whole.
            case IMAGE ->
                "%s = torch.squeeze(torch.feature_dropout(torch.unsqueeze(%s, 0), %s, self.training), 0)";
          };
      return List.of(form.formatted(out, in, dropout.probability()));
    }
  },

  /**
   * Zeros that are a function of the image's seed, the node and the element, so that a run that is
   * resumed, or has another number of workers, drops the same. The function is SplitMix64's.
   */
  BY_SEED {
    @Override
    List<String> lines(String out, String in, int node, Node.Dropout dropout) {
      double probability = dropout.probability();
      boolean single = dropout.unit() == Node.Dropout.Unit.ELEMENT;
      String elements =
          single ? "torch.arange(torch.size(%s, 1))".formatted(in) : "torch.arange(1)";
      String shape = single ? "torch.size(%s)".formatted(in) : "[-1, 1, 1, 1]";
      long dropped = Math.round(probability * (1L << 32));
      return List.of(
          "bits = torch.mul(torch.add(%s, %d), %d)"
              .formatted(elements, (node + 1) * MOST_ELEMENTS, 0x9E3779B97F4A7C15L),
          "bits = torch.add(torch.unsqueeze(%s, 1), bits)".formatted(SEEDS),
          "bits = torch.mul(torch.bitwise_xor(bits, torch.bitwise_right_shift(bits, 30)), %d)"
              .formatted(0xBF58476D1CE4E5B9L),
          "bits = torch.mul(torch.bitwise_xor(bits, torch.bitwise_right_shift(bits, 27)), %d)"
              .formatted(0x94D049BB133111EBL),
          "kept = torch.ge(torch.bitwise_and(bits, 4294967295), %d)".formatted(dropped),
          "%s_kept = torch.mul(torch.view(torch.to(kept, ops.prim.dtype(%s)), %s), %s)"
              .formatted(out, in, shape, 1 / (1 - probability)),
          "%s = torch.mul(%s, %s_kept)".formatted(out, in, out));
    }
  };

  /** The variable that {@link #BY_SEED} reads, {@code int64 [N]}. */
  static final String SEEDS = "seeds";

  private static final long MOST_ELEMENTS = 1 << 20;

  /** Lines that compute dropout. */
  abstract List<String> lines(String out, String in, int node, Node.Dropout dropout);
}
