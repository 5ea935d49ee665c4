package dev.octavo.program;

import dev.octavo.network.Affine;
import dev.octavo.network.Gate;
import dev.octavo.network.Node;
import dev.octavo.torchscript.ScriptModule;

/** Affine maps as source, and what is made of them. */
enum AffineSource {
  /** With weights of torchvision's names and shapes. */
  OF_STATE {
    @Override
    String weight(Affine a) {
      String weight = ScriptModule.read(a.name() + ".weight");
      return a.form() == Affine.Form.LINEAR ? weight : "torch.flatten(%s, 1)".formatted(weight);
    }

    @Override
    String bias(Affine a) {
      return ScriptModule.read(a.name() + ".bias");
    }
  },

  /** With the buffers that a fused program has for them, {@code [out, in]}. */
  OF_FUSED {
    @Override
    String weight(Affine a) {
      return ScriptModule.read(a.name() + ".weight");
    }

    @Override
    String bias(Affine a) {
      return ScriptModule.read(a.name() + ".bias");
    }
  },

  /** With those of an int8 program. */
  OF_INT8 {
    @Override
    String weight(Affine a) {
      return ScriptModule.read(int8Name(a) + ".weight");
    }

    @Override
    String bias(Affine a) {
      return ScriptModule.read(int8Name(a) + ".bias");
    }
  };

  /** The name of an int8 program's buffers, which others may stand beside. */
  static String int8Name(Affine a) {
    return "int8_" + a.name();
  }

  /** The expression of the weight, {@code [out, in]}. */
  abstract String weight(Affine a);

  /** The expression of the bias. */
  abstract String bias(Affine a);

  /** The expression of the map. */
  String apply(Affine a, String in) {
    return "torch.linear(%s, %s, %s)".formatted(in, weight(a), bias(a));
  }

  /** The expression of a linear layer. */
  String apply(Node.Linear l, String in) {
    return EagerSource.activated(l.activation(), apply(l.affine(), in));
  }

  /** The expression of a block's gates, float32 {@code [N, C]}, given its input's mean. */
  String gates(Node.SqueezeExcitation s, String mean) {
    String hidden = EagerSource.activated(s.activation(), apply(s.squeeze(), mean));
    return gate(s.gate(), apply(s.excite(), hidden));
  }

  /** The expression of a gate. */
  static String gate(Gate gate, String x) {
    return switch (gate) {
      case SIGMOID -> "torch.sigmoid(%s)".formatted(x);
      case HARDSIGMOID -> "torch.hardsigmoid(%s)".formatted(x);
    };
  }

  /** The expression of vectors {@code [N, C]} as maps of one pixel, {@code [N, C, 1, 1]}. */
  static String asMaps(String vectors, int channels) {
    return "torch.view(%s, [-1, %d, 1, 1])".formatted(vectors, channels);
  }
}
