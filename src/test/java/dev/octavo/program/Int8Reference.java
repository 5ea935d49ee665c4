package dev.octavo.program;

import dev.octavo.network.Network;
import dev.octavo.network.Node;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The integers of a quantized network, computed one by one in plain Java: sums of products of codes
 * in int, everything else in double. Slow and obvious.
 */
public final class Int8Reference {
  /** Codes of a feature map, {@code [channels][size * size]}. */
  record Codes(int[][] values, int size, QuantizedNetwork.Activation mapping) {}

  private final QuantizedNetwork quantized;
  private final Int8Operators operators;
  private final Map<Integer, Codes> computed = new HashMap<>();

  /** A reference. */
  public Int8Reference(QuantizedNetwork quantized, Int8Operators operators) {
    this.quantized = quantized;
    this.operators = operators;
  }

  /** Logits of one image, {@code size * size * 3} bytes in HWC order. */
  public double[] logits(byte[] pixels, int size) {
    computed.clear();
    computed.put(Node.PIXELS, padded(pixels, size));
    Network network = quantized.network();
    double[] pooled = {};
    for (int i = 0; i < network.nodes().size(); i++) {
      Node node = network.nodes().get(i);
      if (node instanceof Node.Conv c) {
        if (!endsBranch(network, i)) {
          computed.put(i, convolution(c, i, null));
        }
      } else if (node instanceof Node.AddRelu a) {
        Node.Conv branch = (Node.Conv) network.nodes().get(a.branch());
        Codes shortcut = computed.get(a.shortcut());
        computed.put(
            i,
            operators == Int8Operators.ONEDNN
                ? convolution(branch, i, shortcut)
                : sum(convolution(branch, a.branch(), null), shortcut, i));
      } else if (node instanceof Node.MaxPool p) {
        computed.put(i, maxPool(p));
      } else if (node instanceof Node.GlobalAveragePool g) {
        pooled = average(computed.get(g.input()));
      } else if (node instanceof Node.Linear l) {
        return linear(l, pooled);
      }
    }
    throw new IllegalStateException("no classifier");
  }

  private static boolean endsBranch(Network network, int index) {
    return network.nodes().stream()
        .anyMatch(n -> n instanceof Node.AddRelu a && a.branch() == index);
  }

  private static Codes padded(byte[] pixels, int size) {
    int wide = size + 6;
    int[][] values = new int[3][wide * wide];
    for (int c = 0; c < 3; c++) {
      Arrays.fill(values[c], QuantizedNetwork.MEAN_COLOUR[c]);
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          values[c][(y + 3) * wide + x + 3] = Byte.toUnsignedInt(pixels[(y * size + x) * 3 + c]);
        }
      }
    }
    return new Codes(values, wide, new QuantizedNetwork.Activation(1, 0));
  }

  private Codes convolution(Node.Conv c, int output, Codes shortcut) {
    Codes in = computed.get(c.input());
    QuantizedNetwork.Conv w = quantized.convolutions().get(c.name());
    QuantizedNetwork.Activation mapping = quantized.activations().get(output);
    boolean relu = c.relu() || shortcut != null;
    int padding = c.input() == Node.PIXELS ? 0 : c.padding();
    int size = (in.size() + 2 * padding - c.kernel()) / c.stride() + 1;
    int[][] out = new int[c.outChannels()][size * size];
    for (int o = 0; o < c.outChannels(); o++) {
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          long sum = 0;
          for (int i = 0; i < c.inChannels(); i++) {
            for (int ky = 0; ky < c.kernel(); ky++) {
              for (int kx = 0; kx < c.kernel(); kx++) {
                int sy = y * c.stride() + ky - padding;
                int sx = x * c.stride() + kx - padding;
                if (sy >= 0 && sy < in.size() && sx >= 0 && sx < in.size()) {
                  int weight =
                      w.weight()[((o * c.inChannels() + i) * c.kernel() + ky) * c.kernel() + kx];
                  sum +=
                      weight
                          * (long) (in.values()[i][sy * in.size() + sx] - in.mapping().zeroPoint());
                }
              }
            }
          }
          double real = sum * (double) w.scale()[o] * in.mapping().scale() + w.bias()[o];
          if (shortcut != null) {
            int code = shortcut.values()[o][y * size + x] - shortcut.mapping().zeroPoint();
            real += code * (double) shortcut.mapping().scale();
          }
          if (relu) {
            real = Math.max(0, real);
          }
          double code = Math.rint(real / mapping.scale()) + mapping.zeroPoint();
          out[o][y * size + x] = (int) Math.max(0, Math.min(255, code));
        }
      }
    }
    return new Codes(out, size, mapping);
  }

  private Codes sum(Codes branch, Codes shortcut, int output) {
    QuantizedNetwork.Activation mapping = quantized.activations().get(output);
    int[][] out = new int[branch.values().length][branch.values()[0].length];
    for (int c = 0; c < out.length; c++) {
      for (int k = 0; k < out[c].length; k++) {
        double real =
            branch.mapping().real(branch.values()[c][k])
                + shortcut.mapping().real(shortcut.values()[c][k]);
        out[c][k] = mapping.code(Math.max(0, real));
      }
    }
    return new Codes(out, branch.size(), mapping);
  }

  private Codes maxPool(Node.MaxPool p) {
    Codes in = computed.get(p.input());
    int size = (in.size() + 2 * p.padding() - p.kernel()) / p.stride() + 1;
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

  private static double[] average(Codes in) {
    return Arrays.stream(in.values())
        .mapToDouble(
            channel -> Arrays.stream(channel).average().orElseThrow() * in.mapping().scale())
        .toArray();
  }

  private double[] linear(Node.Linear l, double[] features) {
    double[] logits = new double[l.out()];
    for (int o = 0; o < l.out(); o++) {
      logits[o] = quantized.linearBias()[o];
      for (int i = 0; i < l.in(); i++) {
        logits[o] += quantized.linearWeight()[o * l.in() + i] * features[i];
      }
    }
    return logits;
  }
}
