package dev.octavo.program;

import dev.octavo.network.Node;
import dev.octavo.weights.DType;
import dev.octavo.weights.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The int8 program: oneDNN convolutions on unsigned activations and signed weights, with bias,
 * ReLU, residual add and requantization fused. Pixels enter as they are; the image is padded with
 * the mean colour, since zero padding of the normalised image means just that. The file holds plain
 * int8 weights, packed for the CPU when they are loaded.
 */
public final class Int8Program {
  private static final int FIRST_CONVOLUTION_PADDING = 3;

  private Int8Program() {}

  /**
   * Writes the archive; doesn't close the stream.
   *
   * @param imageSize height and width that the weights are packed for; others run too
   * @param batchSize images per call that the weights are packed for; others run too
   */
  public static void write(
      QuantizedNetwork quantized, int imageSize, int batchSize, OutputStream out)
      throws IOException {
    FusionPlan plan = FusionPlan.of(quantized.network());
    int[] sizes = FusedSource.spatialSizes(quantized.network().nodes(), imageSize);
    ScriptModule module = new ScriptModule("Int8");
    List<String> body = new ArrayList<>(padding());
    String logits = "";
    for (FusionPlan.Step step : plan.steps()) {
      String value = EagerSource.value(step.output());
      if (step instanceof FusionPlan.Convolution c) {
        Node.Conv conv = c.conv();
        int size =
            conv.input() == Node.PIXELS
                ? imageSize + 2 * FIRST_CONVOLUTION_PADDING
                : sizes[conv.input()];
        long[] inputShape = {batchSize, conv.inChannels(), size, size};
        module.submodule(FusedSource.module(conv), convolution(quantized, conv, inputShape));
        body.add("%s = %s".formatted(value, call(quantized, c)));
      } else if (step instanceof FusionPlan.Plain p) {
        body.addAll(plain(module, quantized, p.node(), value));
      }
      logits = value;
    }
    module.method(
        """
          def forward(self: __torch__.Int8, images: Tensor) -> Tensor:
        %s
            return %s
        """
            .formatted(ScriptModule.indent(body), logits));
    ScriptArchive.write(module, List.of(meanColour()), out);
  }

  private static List<String> padding() {
    int p = FIRST_CONVOLUTION_PADDING;
    return List.of(
        "if torch.eq(ops.prim.dtype(images), 0):",
        "  pass",
        "else:",
        "  images = torch.to(torch.round(torch.mul(torch.permute(images, [0, 2, 3, 1]), 255.)), 0)",
        "height = torch.size(images, 1)",
        "width = torch.size(images, 2)",
        "padded = torch.repeat(CONSTANTS.c0, [torch.size(images, 0), torch.add(height, %d), torch.add(width, %d), 1])"
            .formatted(2 * p, 2 * p),
        "_0 = torch.copy_(torch.narrow(torch.narrow(padded, 1, %d, height), 2, %d, width), images)"
            .formatted(p, p),
        "pixels = torch.permute(padded, [0, 3, 1, 2])");
  }

  private static Tensor meanColour() {
    ByteBuffer rgb = ByteBuffer.allocate(3);
    for (int c : QuantizedNetwork.MEAN_COLOUR) {
      rgb.put((byte) c);
    }
    return Tensor.of(DType.UINT8, new long[] {1, 1, 1, 3}, rgb.flip());
  }

  private static int padding(Node.Conv c) {
    return c.input() == Node.PIXELS ? 0 : c.padding();
  }

  /** The mapping of what a convolution reads: a pooled tensor keeps that of its source. */
  private static QuantizedNetwork.Activation input(QuantizedNetwork q, int node) {
    if (node == Node.PIXELS) {
      return new QuantizedNetwork.Activation(1, 0);
    }
    return q.network().nodes().get(node) instanceof Node.MaxPool p
        ? input(q, p.input())
        : q.activations().get(node);
  }

  private static ScriptModule convolution(QuantizedNetwork q, Node.Conv c, long[] inputShape) {
    QuantizedNetwork.Conv integers = q.convolutions().get(c.name());
    QuantizedNetwork.Activation in = input(q, c.input());
    ScriptModule module = new ScriptModule("Convolution_" + FusedSource.module(c));
    module.packed(
        List.of(
            Tensor.of(integers.weight(), c.outChannels(), c.inChannels(), c.kernel(), c.kernel()),
            Tensor.of(integers.scale(), c.outChannels()),
            Tensor.of(integers.bias(), c.outChannels())),
        List.of("weight", "scale", "zero", "bias"),
        List.of(
            "self.weight = ops.onednn.qconv_prepack((state)[0], (state)[1], %s, %d, %s, [1, 1], 1, [%d, %d, %d, %d])"
                .formatted(
                    literal(in.scale()),
                    in.zeroPoint(),
                    strideAndPadding(c),
                    inputShape[0],
                    inputShape[1],
                    inputShape[2],
                    inputShape[3]),
            "self.scale = (state)[1]",
            "self.zero = torch.zeros([%d], dtype=3)".formatted(c.outChannels()),
            "self.bias = (state)[2]"));
    return module;
  }

  private static String strideAndPadding(Node.Conv c) {
    return "[%d, %d], [%d, %d]".formatted(c.stride(), c.stride(), padding(c), padding(c));
  }

  private static String call(QuantizedNetwork q, FusionPlan.Convolution step) {
    Node.Conv c = step.conv();
    QuantizedNetwork.Activation in = input(q, c.input());
    QuantizedNetwork.Activation out = q.activations().get(step.output());
    String m = "self." + FusedSource.module(c);
    String relu = step.relu() ? "relu" : "none";
    String none = "annotate(List[Optional[number]], [])";
    String head =
        "ops.onednn.qconv2d_pointwise(%s, %s, %d, %s.weight, %s.scale, %s.zero, "
            .formatted(EagerSource.value(c.input()), literal(in.scale()), in.zeroPoint(), m, m, m);
    String geometry =
        "%s.bias, %s, [1, 1], 1, %s, %d, 0, "
            .formatted(m, strideAndPadding(c), literal(out.scale()), out.zeroPoint());
    if (!step.accumulates()) {
      return head + geometry + "\"%s\", %s, \"\")".formatted(relu, none);
    }
    QuantizedNetwork.Activation shortcut = input(q, step.shortcut());
    return head
        + EagerSource.value(step.shortcut())
        + ", "
        + geometry
        + "%s, %d, \"sum\", 1., \"%s\", %s, \"\")"
            .formatted(literal(shortcut.scale()), shortcut.zeroPoint(), relu, none);
  }

  private static List<String> plain(
      ScriptModule module, QuantizedNetwork q, Node node, String value) {
    if (node instanceof Node.MaxPool p) {
      // libtorch pools bytes only when they are declared a quantized tensor.
      return List.of(
          "%s = torch._make_per_tensor_quantized_tensor(%s, 1., 0)"
              .formatted(value, EagerSource.value(p.input())),
          EagerSource.maxPool(value, value, p),
          "%s = torch.int_repr(%s)".formatted(value, value));
    }
    if (node instanceof Node.GlobalAveragePool g) {
      return List.of(
          "%s = torch.mean(%s, [2, 3], False, dtype=6)"
              .formatted(value, EagerSource.value(g.input())));
    }
    Node.Linear l = (Node.Linear) node;
    float[] scaled = scaledClassifier(q, l);
    FusedSource.addLinear(module, l, scaled, q.linearBias());
    return List.of(
        "%s = torch.linear(%s, %s, %s)"
            .formatted(
                value,
                EagerSource.value(l.input()),
                ScriptModule.read(l.name() + ".weight"),
                ScriptModule.read(l.name() + ".bias")));
  }

  /** The classifier's weights times the scale of the pooled codes, which the pool leaves out. */
  private static float[] scaledClassifier(QuantizedNetwork q, Node.Linear l) {
    Node.GlobalAveragePool pool = (Node.GlobalAveragePool) q.network().nodes().get(l.input());
    QuantizedNetwork.Activation in = input(q, pool.input());
    if (in.zeroPoint() != 0) {
      throw new IllegalArgumentException("the pooled tensor must have zero point 0");
    }
    float[] scaled = q.linearWeight().clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= in.scale();
    }
    return scaled;
  }

  private static String literal(float value) {
    return Double.toString(value);
  }
}
