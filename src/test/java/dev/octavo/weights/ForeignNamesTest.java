package dev.octavo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.network.ResNet;
import dev.octavo.program.TestModels;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.weights.WeightImport.Policy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights under names that other libraries and tools give them. */
class ForeignNamesTest {
  private static final Network RESNET = ResNet.RESNET18.network(3);
  private static final Network MOBILENET = Architectures.of("mobilenet_v2").network(3);
  private static final long SEED = 17;

  private static WeightImport.Result importAll(Network network, Map<String, Tensor> tensors) {
    return WeightImport.into(network, new StateDict(tensors), SEED, Policy.REQUIRE_ALL);
  }

  /** timm's names of MobileNetV2, written out block by block as timm's code has them. */
  private static Map<String, Tensor> timm(StateDict state, String prefix) {
    int[] stages = {1, 2, 3, 4, 3, 3, 1};
    Map<String, String> modules = new LinkedHashMap<>();
    modules.put("features.0.0", "conv_stem");
    modules.put("features.0.1", "bn1");
    int feature = 1;
    for (int stage = 0; stage < stages.length; stage++) {
      for (int block = 0; block < stages[stage]; block++) {
        String from = "features." + feature++ + ".conv.";
        String to = "blocks." + stage + "." + block + ".";
        if (stage == 0) {
          modules.put(from + "0.0", to + "conv_dw");
          modules.put(from + "0.1", to + "bn1");
          modules.put(from + "1", to + "conv_pw");
          modules.put(from + "2", to + "bn2");
        } else {
          modules.put(from + "0.0", to + "conv_pw");
          modules.put(from + "0.1", to + "bn1");
          modules.put(from + "1.0", to + "conv_dw");
          modules.put(from + "1.1", to + "bn2");
          modules.put(from + "2", to + "conv_pwl");
          modules.put(from + "3", to + "bn3");
        }
      }
    }
    modules.put("features.18.0", "conv_head");
    modules.put("features.18.1", "bn2");
    modules.put("classifier.1", "classifier");
    // As safetensors has them: sorted, blocks.10 before blocks.2 if there were as many.
    Map<String, Tensor> renamed = new TreeMap<>();
    state
        .tensors()
        .forEach(
            (name, tensor) -> {
              int dot = name.lastIndexOf('.');
              String module = modules.get(name.substring(0, dot));
              renamed.put(prefix + module + name.substring(dot), tensor);
            });
    return renamed;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "module.", "model."})
  void timmsMobileNetIsTorchvisions(String prefix) {
    StateDict state = TestModels.weights(MOBILENET, 5);
    WeightImport.Result result = importAll(MOBILENET, timm(state, prefix));
    assertThat(result.state()).isEqualTo(state);
    assertThat(result.report().unexpected()).isEmpty();
  }

  @Test
  void aBlockThatTimmsFileLacksIsMissing() {
    Map<String, Tensor> tensors = timm(TestModels.weights(MOBILENET, 5), "");
    tensors.keySet().removeIf(name -> name.startsWith("blocks.6.0."));
    assertThatThrownBy(() -> importAll(MOBILENET, tensors))
        .isInstanceOf(OctavoException.class)
        .hasMessageStartingWith(
            "15 of the 262 tensors of mobilenet_v2 are missing in the weights:"
                + " features.17.conv.0.0.weight, ");
  }

  /** As fuse_modules and exporters leave them. */
  @Test
  void aFoldedBatchNormBecomesTheIdentity() {
    StateDict state = TestModels.weights(RESNET, 6);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Node.Conv conv : RESNET.convolutions()) {
      tensors.put(conv.name() + ".weight", state.tensor(conv.name() + ".weight"));
      tensors.put(conv.name() + ".bias", state.tensor(conv.norm().name() + ".bias"));
    }
    tensors.put("fc.weight", state.tensor("fc.weight"));
    tensors.put("fc.bias", state.tensor("fc.bias"));
    WeightImport.Result result = importAll(RESNET, tensors);
    assertThat(result.report().folded()).hasSize(20).startsWith("conv1", "layer1.0.conv1");
    assertThat(result.report().unexpected()).isEmpty();
    StateDict imported = result.state();
    assertThat(imported.tensor("bn1.bias")).isEqualTo(state.tensor("bn1.bias"));
    assertThat(imported.tensor("conv1.weight")).isEqualTo(state.tensor("conv1.weight"));
    float variance = imported.tensor("bn1.running_var").toFloats()[0];
    float scale = imported.tensor("bn1.weight").toFloats()[0];
    assertThat((float) (scale / Math.sqrt(variance + 1e-5))).isEqualTo(1f);
    assertThat(imported.tensor("bn1.running_mean").toFloats()).containsOnly(0);
  }

  /** As {@code model.fc = nn.Sequential(nn.Dropout(0.5), nn.Linear(512, 3))}. */
  @Test
  void aClassifierBehindDropoutIsTheClassifier() {
    StateDict state = TestModels.weights(RESNET, 7);
    Map<String, Tensor> tensors = new LinkedHashMap<>(state.tensors());
    tensors.put("fc.1.weight", tensors.remove("fc.weight"));
    tensors.put("fc.1.bias", tensors.remove("fc.bias"));
    assertThat(importAll(RESNET, tensors).state()).isEqualTo(state);
    tensors.put("fc.4.weight", Tensor.of(new float[9], 3, 3));
    assertThatThrownBy(() -> importAll(RESNET, tensors))
        .hasMessage(
            "the weights are not those of a resnet18, which has no fc.1.weight, fc.1.bias,"
                + " fc.4.weight: choose the --network that they were trained with");
  }

  @Test
  void aClassifierWithoutDropoutIsTheClassifier() {
    StateDict state = TestModels.weights(MOBILENET, 8);
    Map<String, Tensor> tensors = new LinkedHashMap<>(state.tensors());
    tensors.put("classifier.weight", tensors.remove("classifier.1.weight"));
    tensors.put("classifier.bias", tensors.remove("classifier.1.bias"));
    assertThat(importAll(MOBILENET, tensors).state()).isEqualTo(state);
  }
}
