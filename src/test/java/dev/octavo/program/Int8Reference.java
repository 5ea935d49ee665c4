package dev.octavo.program;

import dev.octavo.network.Activation;
import dev.octavo.network.Affine;
import dev.octavo.network.Extent;
import dev.octavo.network.Geometry;
import dev.octavo.network.Node;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * The integers of a quantized network, computed one by one in plain Java: sums of products of codes
 * in int, everything else in double. Slow and obvious.
 */
public final class Int8Reference implements LayerVisitor<Void> {
  /** Codes of a feature map, {@code [channels][size * size]}. */
  record Codes(int[][] values, int size, QuantParams mapping) {}

  private final QuantizedNetwork quantized;
  private final Int8Operators operators;
  private final Map<Integer, Codes> computed = new HashMap<>();
  private final Map<Integer, double[]> vectors = new HashMap<>();

  /** A reference. */
  public Int8Reference(QuantizedNetwork quantized, Int8Operators operators) {
    this.quantized = quantized;
    this.operators = operators;
  }

  /** Logits of one image, {@code size * size * 3} bytes in HWC order. */
  public double[] logits(byte[] pixels, int size) {
    computed.clear();
    vectors.clear();
    computed.put(Node.PIXELS, padded(pixels, size));
    quantized.graph().layers().forEach(layer -> layer.accept(this));
    return vectors.get(quantized.graph().classifier().output());
  }

  @Override
  public Void convolution(Layer.Convolution layer) {
    Codes shortcut = layer.accumulates() ? computed.get(layer.shortcut()) : null;
    boolean separate = layer.accumulates() && operators == Int8Operators.PORTABLE;
    computed.put(
        layer.output(),
        separate
            ? sum(
                convolution(layer, layer.branch(), Activation.NONE, null),
                shortcut,
                layer.activation(),
                layer.output())
            : convolution(layer, layer.output(), layer.activation(), shortcut));
    return null;
  }

  @Override
  public Void maxPool(Layer.MaxPool layer) {
    computed.put(layer.output(), maxPool(computed.get(layer.input()), layer.pool()));
    return null;
  }

  @Override
  public Void sum(Layer.Sum s) {
    computed.put(
        s.output(),
        sum(computed.get(s.left()), computed.get(s.right()), s.activation(), s.output()));
    return null;
  }

  @Override
  public Void averagePool(Layer.AveragePool layer) {
    computed.put(layer.output(), averagePool(computed.get(layer.input()), layer.pool()));
    return null;
  }

  @Override
  public Void concat(Layer.Concat layer) {
    List<Codes> parts = layer.inputs().stream().map(computed::get).toList();
    int[][] channels =
        parts.stream().flatMap(part -> Arrays.stream(part.values())).toArray(int[][]::new);
    computed.put(
        layer.output(),
        new Codes(channels, parts.get(0).size(), quantized.mapping(layer.output())));
    return null;
  }

  @Override
  public Void channelSlice(Layer.ChannelSlice layer) {
    Codes in = computed.get(layer.input());
    int from = layer.slice().from();
    int[][] channels = Arrays.copyOfRange(in.values(), from, from + layer.slice().channels());
    computed.put(layer.output(), new Codes(channels, in.size(), in.mapping()));
    return null;
  }

  @Override
  public Void channelShuffle(Layer.ChannelShuffle layer) {
    Codes in = computed.get(layer.input());
    int groups = layer.shuffle().groups();
    int[][] channels = new int[in.values().length][];
    for (int c = 0; c < channels.length; c++) {
      channels[c] = in.values()[c % groups * (channels.length / groups) + c / groups];
    }
    computed.put(layer.output(), new Codes(channels, in.size(), in.mapping()));
    return null;
  }

  @Override
  public Void squeezeExcitation(Layer.SqueezeExcitation layer) {
    Node.SqueezeExcitation s = layer.block();
    Codes in = computed.get(layer.input());
    double[] squeezed = affine(s.squeeze(), s.activation()::apply, average(in));
    double[] gates = affine(s.excite(), s.gate()::apply, squeezed);
    QuantParams mapping = quantized.mapping(layer.output());
    int[][] out = new int[in.values().length][];
    for (int c = 0; c < out.length; c++) {
      double gate = gates[c];
      out[c] =
          Arrays.stream(in.values()[c])
              .map(code -> mapping.code(in.mapping().real(code) * gate))
              .toArray();
    }
    computed.put(layer.output(), new Codes(out, in.size(), mapping));
    return null;
  }

  @Override
  public Void globalAveragePool(Layer.GlobalAveragePool layer) {
    vectors.put(layer.output(), average(computed.get(layer.input())));
    return null;
  }

  @Override
  public Void linear(Layer.Linear layer) {
    Node.Linear l = layer.linear();
    vectors.put(
        layer.output(), affine(l.affine(), l.activation()::apply, vectors.get(layer.input())));
    return null;
  }

  private int pixelPadding() {
    return quantized.network().convolutions().get(0).geometry().padding().height();
  }

  private Codes padded(byte[] pixels, int size) {
    int padding = pixelPadding();
    int wide = size + 2 * padding;
    int[][] values = new int[3][wide * wide];
    for (int c = 0; c < 3; c++) {
      Arrays.fill(values[c], Math.round(quantized.normalization().meanPixel(c)));
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          values[c][(y + padding) * wide + x + padding] =
              Byte.toUnsignedInt(pixels[(y * size + x) * 3 + c]);
        }
      }
    }
    return new Codes(values, wide, new QuantParams(1, 0));
  }

  private Codes convolution(
      Layer.Convolution layer, int output, Activation activation, Codes shortcut) {
    Node.Conv c = layer.conv();
    Codes in = computed.get(layer.input());
    QuantizedNetwork.Conv w = quantized.convolutions().get(c.name());
    QuantParams mapping = quantized.mapping(output);
    Geometry g = c.input() == Node.PIXELS ? c.geometry().withoutPadding() : c.geometry();
    Extent kernel = g.kernel();
    int size = g.outputSize(in.size());
    int groupInputs = c.inChannels() / g.groups();
    int groupOutputs = c.outChannels() / g.groups();
    int[][] out = new int[c.outChannels()][size * size];
    for (int o = 0; o < c.outChannels(); o++) {
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          long sum = 0;
          for (int i = 0; i < groupInputs; i++) {
            int[] channel = in.values()[o / groupOutputs * groupInputs + i];
            for (int ky = 0; ky < kernel.height(); ky++) {
              for (int kx = 0; kx < kernel.width(); kx++) {
                int sy = y * g.stride() + ky * g.dilation() - g.padding().height();
                int sx = x * g.stride() + kx * g.dilation() - g.padding().width();
                if (sy >= 0 && sy < in.size() && sx >= 0 && sx < in.size()) {
                  int at = ((o * groupInputs + i) * kernel.height() + ky) * kernel.width() + kx;
                  sum +=
                      w.weight()[at]
                          * (long) (channel[sy * in.size() + sx] - in.mapping().zeroPoint());
                }
              }
            }
          }
          double real = sum * (double) w.scale()[o] * in.mapping().scale() + w.bias()[o];
          if (shortcut != null) {
            int code = shortcut.values()[o][y * size + x] - shortcut.mapping().zeroPoint();
            real += code * (double) shortcut.mapping().scale();
          }
          out[o][y * size + x] = mapping.code(activation.apply(real));
        }
      }
    }
    return new Codes(out, size, mapping);
  }

  private Codes sum(Codes branch, Codes shortcut, Activation activation, int output) {
    QuantParams mapping = quantized.mapping(output);
    int[][] out = new int[branch.values().length][branch.values()[0].length];
    for (int c = 0; c < out.length; c++) {
      for (int k = 0; k < out[c].length; k++) {
        double real =
            branch.mapping().real(branch.values()[c][k])
                + shortcut.mapping().real(shortcut.values()[c][k]);
        out[c][k] = mapping.code(activation.apply(real));
      }
    }
    return new Codes(out, branch.size(), mapping);
  }

  private static Codes maxPool(Codes in, Node.MaxPool p) {
    int size = p.outputSize(in.size());
    int[][] out = new int[in.values().length][size * size];
    for (int c = 0; c < out.length; c++) {
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          int greatest = 0;
          for (int ky = 0; ky < p.kernel(); ky++) {
            for (int kx = 0; kx < p.kernel(); kx++) {
              int sy = y * p.stride() + ky - p.padding();
              int sx = x * p.stride() + kx - p.padding();
              if (sy >= 0 && sy < in.size() && sx >= 0 && sx < in.size()) {
                greatest = Math.max(greatest, in.values()[c][sy * in.size() + sx]);
              }
            }
          }
          out[c][y * size + x] = greatest;
        }
      }
    }
    return new Codes(out, size, in.mapping());
  }

  private static Codes averagePool(Codes in, Node.AveragePool p) {
    int size = p.outputSize(in.size());
    int[][] out = new int[in.values().length][size * size];
    for (int c = 0; c < out.length; c++) {
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          int sum = 0;
          for (int ky = 0; ky < p.kernel(); ky++) {
            for (int kx = 0; kx < p.kernel(); kx++) {
              int sy = y * p.stride() + ky - p.padding();
              int sx = x * p.stride() + kx - p.padding();
              if (sy >= 0 && sy < in.size() && sx >= 0 && sx < in.size()) {
                sum += in.values()[c][sy * in.size() + sx] - in.mapping().zeroPoint();
              }
            }
          }
          double mean = (double) sum / (p.kernel() * p.kernel());
          out[c][y * size + x] = in.mapping().code(mean * in.mapping().scale());
        }
      }
    }
    return new Codes(out, size, in.mapping());
  }

  private static double[] average(Codes in) {
    return Arrays.stream(in.values())
        .mapToDouble(
            channel ->
                (Arrays.stream(channel).average().orElseThrow() - in.mapping().zeroPoint())
                    * in.mapping().scale())
        .toArray();
  }

  private double[] affine(Affine a, DoubleUnaryOperator function, double[] in) {
    Dense dense = quantized.dense().get(a.name());
    double[] out = new double[a.out()];
    for (int o = 0; o < a.out(); o++) {
      double sum = dense.bias()[o];
      for (int i = 0; i < a.in(); i++) {
        sum += dense.weight()[o * a.in() + i] * in[i];
      }
      out[o] = function.applyAsDouble(sum);
    }
    return out;
  }
}
