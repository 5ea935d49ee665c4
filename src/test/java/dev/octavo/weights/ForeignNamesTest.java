package dev.octavo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  private static StateDict renamed(StateDict state, Map<String, String> rules) {
    Map<String, Tensor> renamed = new TreeMap<>();
    state
        .tensors()
        .forEach(
            (name, tensor) -> {
              String changed = name;
              for (Map.Entry<String, String> rule : rules.entrySet()) {
                Matcher matcher = Pattern.compile(rule.getKey()).matcher(name);
                if (matcher.lookingAt()) {
                  changed = matcher.replaceFirst(rule.getValue());
                  break;
                }
              }
              assertThat(changed).isNotEqualTo(name);
              renamed.put(changed, tensor);
            });
    return new StateDict(renamed);
  }

  @Test
  void timmsEfficientNetIsTorchvisions() {
    Network network = Architectures.of("efficientnet_b0").network(3);
    Map<String, String> rules = new LinkedHashMap<>();
    rules.put("features\\.0\\.0\\.", "conv_stem.");
    rules.put("features\\.0\\.1\\.", "bn1.");
    rules.put("features\\.8\\.0\\.", "conv_head.");
    rules.put("features\\.8\\.1\\.", "bn2.");
    rules.put("classifier\\.1\\.", "classifier.");
    rules.put("features\\.1\\.0\\.block\\.0\\.0\\.", "blocks.0.0.conv_dw.");
    rules.put("features\\.1\\.0\\.block\\.0\\.1\\.", "blocks.0.0.bn1.");
    rules.put("features\\.1\\.0\\.block\\.1\\.fc1\\.", "blocks.0.0.se.conv_reduce.");
    rules.put("features\\.1\\.0\\.block\\.1\\.fc2\\.", "blocks.0.0.se.conv_expand.");
    rules.put("features\\.1\\.0\\.block\\.2\\.0\\.", "blocks.0.0.conv_pw.");
    rules.put("features\\.1\\.0\\.block\\.2\\.1\\.", "blocks.0.0.bn2.");
    for (int stage = 2; stage < 8; stage++) {
      String from = "features\\.%d\\.(\\d)\\.block\\.".formatted(stage);
      String to = "blocks.%d.$1.".formatted(stage - 1);
      rules.put(from + "0\\.0\\.", to + "conv_pw.");
      rules.put(from + "0\\.1\\.", to + "bn1.");
      rules.put(from + "1\\.0\\.", to + "conv_dw.");
      rules.put(from + "1\\.1\\.", to + "bn2.");
      rules.put(from + "2\\.fc1\\.", to + "se.conv_reduce.");
      rules.put(from + "2\\.fc2\\.", to + "se.conv_expand.");
      rules.put(from + "3\\.0\\.", to + "conv_pwl.");
      rules.put(from + "3\\.1\\.", to + "bn3.");
    }
    StateDict state = TestModels.weights(network, 6);
    assertThat(importAll(network, renamed(state, rules).tensors()).state()).isEqualTo(state);
  }

  @ParameterizedTest
  @ValueSource(strings = {"regnet_x_400mf", "regnet_y_800mf"})
  void timmsRegNetIsTorchvisions(String id) {
    Network network = Architectures.of(id).network(3);
    Map<String, String> rules = new LinkedHashMap<>();
    rules.put("stem\\.0\\.", "stem.conv.");
    rules.put("stem\\.1\\.", "stem.bn.");
    rules.put("fc\\.", "head.fc.");
    for (int block = 0; block < 12; block++) {
      String from = "trunk_output\\.block(\\d)\\.block\\d-%d\\.".formatted(block);
      String to = "s$1.b%d.".formatted(block + 1);
      Map.of("proj", "downsample", "f\\.a", "conv1", "f\\.b", "conv2", "f\\.c", "conv3")
          .forEach(
              (theirs, timms) -> {
                rules.put(from + theirs + "\\.0\\.", to + timms + ".conv.");
                rules.put(from + theirs + "\\.1\\.", to + timms + ".bn.");
              });
      rules.put(from + "f\\.se\\.(fc[12])\\.", to + "se.$2.");
    }
    StateDict state = TestModels.weights(network, 7);
    assertThat(importAll(network, renamed(state, rules).tensors()).state()).isEqualTo(state);
  }

  /** timm's batch norms there have another epsilon, which their factors make up for. */
  @Test
  void timmsMobileNetV3IsTorchvisions() {
    Network network = Architectures.of("mobilenet_v3_large").network(3);
    Map<String, String> rules = new LinkedHashMap<>();
    rules.put("features\\.0\\.0\\.", "conv_stem.");
    rules.put("features\\.0\\.1\\.", "bn1.");
    rules.put("features\\.16\\.0\\.", "blocks.6.0.conv.");
    rules.put("features\\.16\\.1\\.", "blocks.6.0.bn1.");
    rules.put("classifier\\.0\\.", "conv_head.");
    rules.put("classifier\\.3\\.", "classifier.");
    int[] stages = {1, 2, 3, 4, 2, 3};
    int feature = 1;
    for (int stage = 0; stage < stages.length; stage++) {
      for (int block = 0; block < stages[stage]; block++) {
        String from = "features\\.%d\\.block\\.".formatted(feature++);
        String to = "blocks.%d.%d.".formatted(stage, block);
        rules.put(from + "\\d\\.fc1\\.", to + "se.conv_reduce.");
        rules.put(from + "\\d\\.fc2\\.", to + "se.conv_expand.");
        List<String> convolutions =
            stage == 0 ? List.of("conv_dw", "conv_pw") : List.of("conv_pw", "conv_dw", "conv_pwl");
        boolean excitation = stage == 2 || stage > 3;
        for (int i = 0; i < convolutions.size(); i++) {
          int index = excitation && i == 2 ? 3 : i;
          rules.put(from + index + "\\.0\\.", to + convolutions.get(i) + ".");
          rules.put(from + index + "\\.1\\.", to + "bn" + (i + 1) + ".");
        }
      }
    }
    StateDict state = TestModels.weights(network, 8);
    Map<String, Tensor> timms = new TreeMap<>(renamed(state, rules).tensors());
    timms.computeIfPresent(
        "conv_head.weight",
        (name, tensor) -> Tensor.of(tensor.toFloats(), 1280, tensor.shape()[1], 1, 1));
    StateDict imported = importAll(network, timms).state();
    state
        .tensors()
        .forEach(
            (name, tensor) -> {
              String norm = name.replaceAll("weight$", "running_var");
              if (name.equals(norm) || !state.names().contains(norm)) {
                assertThat(imported.tensor(name)).as(name).isEqualTo(tensor);
                return;
              }
              float[] variance = state.tensor(norm).toFloats();
              for (int i = 0; i < variance.length; i++) {
                // What a channel is multiplied by is the same in both.
                assertThat(imported.tensor(name).toFloats()[i] / Math.sqrt(variance[i] + 1e-3))
                    .isCloseTo(tensor.toFloats()[i] / Math.sqrt(variance[i] + 1e-5), within(1e-5));
              }
            });
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
