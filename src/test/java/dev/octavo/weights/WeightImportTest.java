package dev.octavo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.OctavoException;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.weights.WeightImport.Policy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightImportTest {
  private static final long SEED = 17;
  private static final Network NETWORK = ResNet.RESNET18.network(6);
  private static final StateDict FILE = WeightImport.fresh(NETWORK, 1);

  @Test
  void aWholeStateDictIsTakenAsItIs() {
    WeightImport.Result result = WeightImport.into(NETWORK, FILE, SEED, Policy.REQUIRE_HALF);
    assertThat(result.state()).isEqualTo(FILE);
    assertThat(result.report().matched()).containsExactlyElementsOf(FILE.names());
    assertThat(result.report().summary()).containsExactly("122 tensors taken from the file");
  }

  @Test
  void whatIsMissingStartsFreshAndWhatIsUnexpectedIsListed() {
    Map<String, Tensor> tensors = only(FILE, n -> !n.startsWith("fc"));
    tensors.put("aux.weight", Tensor.scalar(1));
    WeightImport.Result result =
        WeightImport.into(NETWORK, new StateDict(tensors), SEED, Policy.REQUIRE_HALF);
    assertThat(result.state().names()).containsExactlyElementsOf(NETWORK.stateShapes().keySet());
    assertThat(result.state().tensor("conv1.weight")).isEqualTo(FILE.tensor("conv1.weight"));
    assertThat(result.state().tensor("fc.weight"))
        .isEqualTo(WeightImport.fresh(NETWORK, SEED).tensor("fc.weight"))
        .isNotEqualTo(FILE.tensor("fc.weight"));
    assertThat(result.report().summary())
        .containsExactly(
            "120 tensors taken from the file",
            "2 missing in the file, start fresh: fc.weight, fc.bias",
            "1 in the file but not in the network, not used: aux.weight");
  }

  @Test
  void aClassifierOfAnotherNumberOfClassesIsReplaced() {
    StateDict imagenet = WeightImport.fresh(ResNet.RESNET18.network(1000), 1);
    WeightImport.Result result = WeightImport.into(NETWORK, imagenet, SEED, Policy.REQUIRE_HALF);
    assertThat(result.report().replaced()).containsExactly("fc.weight", "fc.bias");
    assertThat(result.report().missing()).isEmpty();
    assertThat(result.state().tensor("fc.weight").shape()).containsExactly(6, 512);
    assertThat(result.state().tensor("fc.bias"))
        .isEqualTo(WeightImport.fresh(NETWORK, SEED).tensor("fc.bias"));
  }

  @Test
  void missingBatchCountersDoNotCount() {
    StateDict old = new StateDict(only(FILE, n -> !n.endsWith("num_batches_tracked")));
    WeightImport.Result result = WeightImport.into(NETWORK, old, SEED, Policy.REQUIRE_HALF);
    assertThat(result.state()).isEqualTo(FILE);
    assertThat(result.report().missing()).isEmpty();
  }

  @Test
  void otherShapesAreRefusedByName() {
    StateDict resnet50 = WeightImport.fresh(ResNet.RESNET50.network(6), 1);
    assertThatThrownBy(() -> WeightImport.into(NETWORK, resnet50, SEED, Policy.ALLOW_PARTIAL))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "the weights do not fit resnet18: layer1.0.conv1.weight is [64, 64, 1, 1] in the file"
                + " but [64, 64, 3, 3] in resnet18 (and 23 more tensors differ); they are"
                + " those of --network resnet50");
  }

  @Test
  void anImportOfLessThanHalfIsRefusedUnlessAllowed() {
    Map<String, Tensor> tensors = only(FILE, n -> n.startsWith("conv1") || n.startsWith("layer1"));
    tensors.put("encoder.conv1.weight", Tensor.scalar(1));
    StateDict little = new StateDict(tensors);
    assertThatThrownBy(() -> WeightImport.into(NETWORK, little, SEED, Policy.REQUIRE_HALF))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "only 13 of the 62 parameters of resnet18 are in the weights (missing: bn1.weight,"
                + " bn1.bias, bn1.running_mean, bn1.running_var, layer2.0.conv1.weight,"
                + " layer2.0.bn1.weight, … (75 more); in the file but not in the network:"
                + " encoder.conv1.weight); choose the --network that they were trained with, or"
                + " pass --allow-partial to start the rest fresh");
    WeightImport.Result allowed = WeightImport.into(NETWORK, little, SEED, Policy.ALLOW_PARTIAL);
    assertThat(allowed.state().names()).containsExactlyElementsOf(NETWORK.stateShapes().keySet());
  }

  @Test
  void otherFloatingPointTypesBecomeFloat32() {
    Map<String, Tensor> tensors = only(FILE, n -> true);
    tensors.put("bn1.weight", doubles(64, 0.1));
    tensors.put("bn1.bias", halves(64, (short) 0x3c00)); // 1.0
    tensors.put("bn1.num_batches_tracked", halves((short) 0x4500)); // 5.0
    WeightImport.Result result =
        WeightImport.into(NETWORK, new StateDict(tensors), SEED, Policy.REQUIRE_HALF);
    assertThat(result.state().tensor("bn1.weight").dtype()).isEqualTo(DType.FLOAT32);
    assertThat(result.state().tensor("bn1.weight").toFloats()).containsOnly(0.1f);
    assertThat(result.state().tensor("bn1.bias").toFloats()).containsOnly(1);
    assertThat(result.state().tensor("bn1.num_batches_tracked")).isEqualTo(Tensor.scalar(5));
  }

  @Test
  void weightsThatAreIntegersOrNotFiniteAreRefused() {
    Map<String, Tensor> tensors = only(FILE, n -> true);
    tensors.put("bn1.bias", Tensor.of(new byte[64], 64));
    StateDict quantized = new StateDict(tensors);
    assertThatThrownBy(() -> WeightImport.into(NETWORK, quantized, SEED, Policy.REQUIRE_HALF))
        .hasMessage(
            "bn1.bias is of type INT8 in the weights, but floating-point weights are needed (is it"
                + " a quantized model?)");
    tensors.put("bn1.bias", doubles(64, 1e300));
    StateDict overflow = new StateDict(tensors);
    assertThatThrownBy(() -> WeightImport.into(NETWORK, overflow, SEED, Policy.REQUIRE_HALF))
        .hasMessage("bn1.bias holds Infinity in the weights: such weights cannot be used");
  }

  @Test
  void aVarianceThatOverflowedInFloat16IsKeptAndReported() {
    Map<String, Tensor> tensors = only(FILE, n -> true);
    tensors.put("bn1.running_var", halves(64, (short) 0x7c00)); // infinity
    ImportReport report =
        WeightImport.into(NETWORK, new StateDict(tensors), SEED, Policy.REQUIRE_HALF).report();
    assertThat(report.overflowed()).containsExactly("bn1.running_var");
    assertThat(report.summary())
        .contains("1 with infinite variances (float16 overflow), kept: bn1.running_var");
    tensors.put("bn1.running_var", halves(64, (short) 0x7e00)); // NaN
    StateDict nan = new StateDict(tensors);
    assertThatThrownBy(() -> WeightImport.into(NETWORK, nan, SEED, Policy.REQUIRE_HALF))
        .hasMessage("bn1.running_var holds NaN in the weights: such weights cannot be used");
  }

  /** As DataParallel, AveragedModel, Lightning, MoCo and detection frameworks save them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "module.",
        "_orig_mod.",
        "model.",
        "module.encoder_q.",
        "backbone.",
        "n.e.t.",
        "layer1."
      })
  void theNetworksNamesAreFoundBehindAnyPrefix(String prefix) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("n_averaged", Tensor.scalar(100));
    FILE.tensors().forEach((name, tensor) -> tensors.put(prefix + name, tensor));
    tensors.put("head.weight", Tensor.of(new float[3], 3));
    WeightImport.Result result =
        WeightImport.into(NETWORK, new StateDict(tensors), SEED, Policy.REQUIRE_HALF);
    assertThat(result.state()).isEqualTo(FILE);
    assertThat(result.report().summary())
        .containsExactly(
            "122 tensors taken from the file, where '%s' stands before their names"
                .formatted(prefix),
            "2 in the file but not in the network, not used: n_averaged, head.weight");
  }

  @Test
  void ofSeveralNetworksTheFirstInTheFileIsTaken() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    FILE.tensors().forEach((name, tensor) -> tensors.put("encoder_q." + name, tensor));
    WeightImport.fresh(NETWORK, 2)
        .tensors()
        .forEach((name, tensor) -> tensors.put("encoder_k." + name, tensor));
    WeightImport.Result result =
        WeightImport.into(NETWORK, new StateDict(tensors), SEED, Policy.REQUIRE_HALF);
    assertThat(result.state()).isEqualTo(FILE);
    assertThat(result.report().unexpected()).hasSize(122).allMatch(n -> n.startsWith("encoder_k."));
  }

  @Test
  void weightsOfSomethingElseAreNotAskedToBeAllowed() {
    StateDict other = new StateDict(Map.of("a.b", Tensor.of(new float[3], 3)));
    assertThatThrownBy(() -> WeightImport.into(NETWORK, other, SEED, Policy.REQUIRE_HALF))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "none of the 62 parameters of resnet18 are in the weights, which have a.b: give weights"
                + " of this --network, or leave --weights out to start from scratch");
  }

  @Test
  void negativeVariancesAreRefusedByName() {
    Map<String, Tensor> tensors = only(FILE, n -> true);
    tensors.put("layer2.0.bn1.running_var", doubles(128, -0.5));
    StateDict negative = new StateDict(tensors);
    assertThatThrownBy(() -> WeightImport.into(NETWORK, negative, SEED, Policy.ALLOW_PARTIAL))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "layer2.0.bn1.running_var holds the negative variance -0.5 in the weights: such weights"
                + " cannot be used");
  }

  @Test
  void freshWeightsFollowTorchvisionsInitialisation() {
    StateDict state = WeightImport.fresh(ResNet.RESNET18.network(1000), SEED);
    float[] conv = state.tensor("layer4.1.conv2.weight").toFloats(); // 2,359,296 draws
    double expected = Math.sqrt(2.0 / (512 * 9));
    assertThat(mean(conv)).isCloseTo(0, within(5 * expected / Math.sqrt(conv.length)));
    // A sample's standard deviation varies by sigma / sqrt(2 n): five of that.
    assertThat(deviation(conv))
        .isCloseTo(expected, within(5 * expected / Math.sqrt(2.0 * conv.length)));
    double bound = 1 / Math.sqrt(512);
    float[] fc = state.tensor("fc.weight").toFloats();
    assertThat(fc).hasSize(512_000);
    assertThat(deviation(fc)).isCloseTo(bound / Math.sqrt(3), within(1e-3 * bound));
    assertThat(state.tensor("fc.bias").toFloats()).hasSize(1000);
    assertThat(IntStream.range(0, fc.length).mapToDouble(i -> Math.abs(fc[i])).max())
        .hasValueCloseTo(bound, within(1e-4 * bound));
    assertThat(state.tensor("bn1.weight").toFloats()).containsOnly(1);
    assertThat(state.tensor("bn1.bias").toFloats()).containsOnly(0);
    assertThat(state.tensor("bn1.running_mean").toFloats()).containsOnly(0);
    assertThat(state.tensor("bn1.running_var").toFloats()).containsOnly(1);
    assertThat(state.tensor("bn1.num_batches_tracked")).isEqualTo(Tensor.scalar(0));
  }

  @Test
  void freshWeightsAreAFunctionOfSeedAndName() {
    StateDict state = WeightImport.fresh(NETWORK, SEED);
    assertThat(WeightImport.fresh(NETWORK, SEED)).isEqualTo(state);
    assertThat(WeightImport.fresh(ResNet.RESNET34.network(6), SEED).tensor("layer1.0.conv1.weight"))
        .isEqualTo(state.tensor("layer1.0.conv1.weight"));
    assertThat(state.tensor("layer1.0.conv2.weight"))
        .isNotEqualTo(state.tensor("layer1.0.conv1.weight"));
    assertThat(WeightImport.fresh(NETWORK, SEED + 1).tensor("conv1.weight"))
        .isNotEqualTo(state.tensor("conv1.weight"));
  }

  @Test
  void whatNeedsAllTensorsNamesThoseThatAreMissing() {
    StateDict half =
        new StateDict(only(FILE, n -> !n.startsWith("layer4") && !n.equals("fc.bias")));
    assertThatThrownBy(() -> WeightImport.into(NETWORK, half, SEED, Policy.REQUIRE_ALL))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "26 of the 102 tensors of resnet18 are missing in the weights: layer4.0.conv1.weight,"
                + " layer4.0.bn1.weight, layer4.0.bn1.bias, layer4.0.bn1.running_mean,"
                + " layer4.0.bn1.running_var, layer4.0.conv2.weight, … (20 more); an import needs"
                + " all of them, but train --weights starts from what there is");
    StateDict other = new StateDict(Map.of("a.b", Tensor.of(new float[3], 3)));
    assertThatThrownBy(() -> WeightImport.into(NETWORK, other, SEED, Policy.REQUIRE_ALL))
        .hasMessage(
            "none of the 62 parameters of resnet18 are in the weights, which have a.b: choose the"
                + " --network that they were trained with");
  }

  /** A ResNet-34 has all tensors of a ResNet-18 in the same shapes, and more. */
  @Test
  void whatNeedsAllTensorsTakesNoDeeperNetwork() {
    StateDict resnet34 = WeightImport.fresh(ResNet.RESNET34.network(6), 1);
    assertThatThrownBy(() -> WeightImport.into(NETWORK, resnet34, SEED, Policy.REQUIRE_ALL))
        .isInstanceOf(OctavoException.class)
        .hasMessageMatching(
            "the weights are not those of a resnet18, which has no layer1\\.2\\.conv1\\.weight,.*"
                + " more\\): they are those of --network resnet34");
  }

  @Test
  void whatNeedsAllTensorsWantsAsManyClasses() {
    StateDict imagenet = WeightImport.fresh(ResNet.RESNET18.network(1000), 1);
    assertThatThrownBy(() -> WeightImport.into(NETWORK, imagenet, SEED, Policy.REQUIRE_ALL))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "the weights tell 1000 classes apart (fc.weight), but 6 are named: name those that it"
                + " was trained on, in the order of its logits");
  }

  @Test
  void whatNeedsAllTensorsPassesOverWhatStandsBeside() {
    Map<String, Tensor> tensors = only(FILE, n -> true);
    tensors.put("AuxLogits.fc.weight", Tensor.of(new float[3], 3));
    tensors.put("layer1.0.total_ops", Tensor.of(new float[1], 1));
    WeightImport.Result result =
        WeightImport.into(NETWORK, new StateDict(tensors), SEED, Policy.REQUIRE_ALL);
    assertThat(result.state()).isEqualTo(FILE);
    assertThat(result.report().unexpected())
        .containsExactly("AuxLogits.fc.weight", "layer1.0.total_ops");
  }

  private static Map<String, Tensor> only(StateDict state, Predicate<String> names) {
    Map<String, Tensor> tensors = new LinkedHashMap<>(state.tensors());
    tensors.keySet().removeIf(names.negate());
    return tensors;
  }

  private static Tensor doubles(int n, double value) {
    ByteBuffer bytes = ByteBuffer.allocate(n * 8).order(ByteOrder.LITTLE_ENDIAN);
    IntStream.range(0, n).forEach(i -> bytes.putDouble(value));
    return Tensor.of(DType.FLOAT64, new long[] {n}, bytes.flip());
  }

  private static Tensor halves(int n, short bits) {
    ByteBuffer bytes = ByteBuffer.allocate(n * 2).order(ByteOrder.LITTLE_ENDIAN);
    IntStream.range(0, n).forEach(i -> bytes.putShort(bits));
    return Tensor.of(DType.FLOAT16, new long[] {n}, bytes.flip());
  }

  private static Tensor halves(short bits) {
    return Tensor.of(DType.FLOAT16, new long[] {}, halves(1, bits).bytes());
  }

  private static double mean(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).average().orElseThrow();
  }

  private static double deviation(float[] values) {
    double mean = mean(values);
    return Math.sqrt(
        IntStream.range(0, values.length)
            .mapToDouble(i -> (values[i] - mean) * (values[i] - mean))
            .average()
            .orElseThrow());
  }
}
