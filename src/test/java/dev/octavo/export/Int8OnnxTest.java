package dev.octavo.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.bundle.CpuTarget;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.inference.TinyModel;
import dev.octavo.network.Node;
import dev.octavo.onnx.OnnxBuilder;
import dev.octavo.onnx.OnnxGraph;
import dev.octavo.onnx.OnnxReader;
import dev.octavo.program.QuantizedNetwork;
import dev.octavo.tensor.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Int8OnnxTest {
  private static final Configuration CONF = new Configuration();

  /** Less than the half of the scale of a channel without weights, which is 1. */
  private static final float BIAS = -0.34375f;

  private @TempDir Path work;

  /** Trained networks have such channels: all that they give is their bias. */
  @Test
  void channelsWithoutWeightsKeepTheirBias() throws IOException {
    QuantizedNetwork network =
        ModelBundle.open(
                CONF,
                TinyModel.publishInt8(
                    new org.apache.hadoop.fs.Path(work.resolve("int8").toUri()),
                    CpuTarget.VNNI,
                    33))
            .quantizedNetwork(CONF);
    Node.Conv c =
        network.network().convolutions().stream()
            .filter(conv -> !network.isFloat(conv))
            .skip(1)
            .findFirst()
            .orElseThrow();
    QuantizedNetwork.Conv conv = network.convolutions().get(c.name());
    byte[] weight = conv.weight().clone();
    float[] scale = conv.scale().clone();
    float[] bias = conv.bias().clone();
    for (int k = 0; k < weight.length / bias.length; k++) {
      weight[k] = 0;
    }
    scale[0] = 1;
    bias[0] = BIAS;
    Map<String, QuantizedNetwork.Conv> convolutions = new HashMap<>(network.convolutions());
    convolutions.put(c.name(), new QuantizedNetwork.Conv(weight, scale, bias));
    OnnxGraph graph =
        exported(
            new QuantizedNetwork(
                network.graph(),
                convolutions,
                network.activations(),
                network.floatConvolutions(),
                network.dense(),
                network.normalization()));
    IntBuffer codes =
        graph
            .initializers()
            .get(c.name() + ".bias")
            .bytes()
            .order(ByteOrder.LITTLE_ENDIAN)
            .asIntBuffer();
    float[] units = graph.initializers().get(c.name() + ".bias.scale").toFloats();
    assertThat(codes.get(0) * units[0]).isCloseTo(BIAS, within(1e-6f));
    for (int o = 1; o < bias.length; o++) {
      assertThat(codes.get(o) * units[o])
          .as("channel %d", o)
          .isCloseTo(bias[o], within(0.501f * units[o]));
    }
  }

  private OnnxGraph exported(QuantizedNetwork network) throws IOException {
    OnnxBuilder builder = new OnnxBuilder("tiny", "test");
    builder.input(Operators.IMAGES, DType.UINT8, "N", 32, 32, 3);
    Int8Onnx.add(builder, network);
    Path file = work.resolve("model.onnx");
    try (OutputStream out = Files.newOutputStream(file)) {
      builder.writeTo(out);
    }
    return OnnxReader.read(file);
  }
}
