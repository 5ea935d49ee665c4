package dev.octavo.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.octavo.OctavoException;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.dataset.EvaluationImages;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.Dense;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.FusedProgram;
import dev.octavo.program.InputShape;
import dev.octavo.program.Precision;
import dev.octavo.program.TestModels;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Models made fragile by scaling channels up and down again, which changes nothing in float32. */
class GatedSearchTest {
  private static final int SIZE = 32;
  private static final int BATCH = 16;
  private static final int BATCHES = 3;
  private static final int CLASSES = 4;
  private static final Network NETWORK = ResNet.RESNET18.network(CLASSES);
  private static final QuantizationConfig MINMAX =
      new QuantizationConfig(RangeMethod.MINMAX, Set.of(), Set.of());
  private static final QualityGate GATE = new QualityGate(100, 0.9);

  private final List<String> progress = new ArrayList<>();

  /** Images labelled with what the network takes them for. */
  private static EvaluationImages images() {
    return consumer -> {
      for (int b = 0; b < BATCHES; b++) {
        consumer.accept(
            new EvaluationImages.Batch(TestModels.images(BATCH, SIZE, 41 + b), new int[BATCH]));
      }
    };
  }

  private static LoadedProgram load(FoldedNetwork folded) throws IOException {
    return NetworkQuantizer.load(
        out -> FusedProgram.write(folded, new InputShape(SIZE, BATCH), Precision.FP32, out));
  }

  /** Random weights whose logits are centred, so that images get different classes. */
  private static FoldedNetwork sound() throws IOException {
    FoldedNetwork random =
        FoldedNetwork.of(NETWORK, TestModels.weights(NETWORK, 40), Normalization.IMAGENET);
    float[] bias = random.classifier().bias().clone();
    try (LoadedProgram program = load(random)) {
      images()
          .forEach(
              batch -> {
                float[] logits = TestModels.logits(program, batch.images());
                for (int i = 0; i < logits.length; i++) {
                  bias[i % CLASSES] -= logits[i] / (BATCH * BATCHES);
                }
              });
    }
    Dense classifier = new Dense(random.classifier().weight(), bias);
    return new FoldedNetwork(
        random.graph(),
        random.convolutions(),
        Map.of(NETWORK.classifier().name(), classifier),
        Normalization.IMAGENET);
  }

  /** Scales every second output channel of some convolutions, and undoes it in their readers. */
  private static FoldedNetwork fragile(List<String> writers, List<String> readers)
      throws IOException {
    FoldedNetwork sound = sound();
    Map<String, FoldedNetwork.Conv> convolutions = new HashMap<>(sound.convolutions());
    writers.forEach(
        name ->
            convolutions.computeIfPresent(
                name,
                (n, conv) -> {
                  float[] weight = conv.weight().clone();
                  float[] bias = conv.bias().clone();
                  int perChannel = weight.length / bias.length;
                  for (int k = 0; k < weight.length; k++) {
                    weight[k] *= scale(k / perChannel);
                  }
                  for (int o = 0; o < bias.length; o++) {
                    bias[o] *= scale(o);
                  }
                  return new FoldedNetwork.Conv(weight, bias);
                }));
    readers.forEach(
        name ->
            convolutions.computeIfPresent(
                name,
                (n, conv) -> {
                  float[] weight = conv.weight().clone();
                  int kernel = name.contains("downsample") ? 1 : 9;
                  for (int k = 0; k < weight.length; k++) {
                    weight[k] /= scale(k / kernel % 64);
                  }
                  return new FoldedNetwork.Conv(weight, conv.bias());
                }));
    return new FoldedNetwork(sound.graph(), convolutions, sound.dense(), Normalization.IMAGENET);
  }

  private static float scale(int channel) {
    return channel % 2 == 0 ? 1 : 4096;
  }

  private static FoldedNetwork fragileInsideOfABlock() throws IOException {
    return fragile(List.of("layer1.0.conv1"), List.of("layer1.0.conv2"));
  }

  /** The channels that all of layer1 adds to, which nothing can equalize. */
  private static FoldedNetwork fragileAroundTheBlocks() throws IOException {
    return fragile(
        List.of("conv1", "layer1.0.conv2", "layer1.1.conv2"),
        List.of("layer1.0.conv1", "layer1.1.conv1", "layer2.0.conv1", "layer2.0.downsample.0"));
  }

  private GatedSearch search(FoldedNetwork folded, QualityGate gate, int maxFloatLayers)
      throws IOException {
    NetworkQuantizer quantizer =
        new NetworkQuantizer(
            folded,
            CpuTarget.of(CpuFeatures.current()),
            Precision.FP32,
            new NetworkQuantizer.Images(images(), BATCH * BATCHES),
            SIZE,
            progress::add);
    try (LoadedProgram program = load(folded)) {
      ReferenceLogits reference = ReferenceLogits.of(program, images(), CLASSES);
      return new GatedSearch(
          quantizer,
          new Validation(quantizer, images(), CLASSES),
          new Sensitivity(quantizer, () -> reference),
          gate,
          maxFloatLayers,
          progress::add);
    }
  }

  @Test
  void aSoundModelPassesAsItIsAskedFor() throws IOException {
    GatedSearch search = search(sound(), GATE, 0);
    // Seven bits, where the CPU has no VNNI, need the correction.
    boolean fullRange = CpuTarget.of(CpuFeatures.current()).isFullRange();
    QuantizationConfig asked = fullRange ? MINMAX : MINMAX.with(Refinement.BIAS_CORRECTION);
    assertThat(search.run(asked).approach()).isEqualTo(asked);
    assertThat(search.log()).hasSize(1).first().asString().endsWith("passes");
  }

  @Test
  void scalingChannelsChangesNothingInFloat() throws IOException {
    Tensor images = TestModels.images(BATCH, SIZE, 41);
    try (LoadedProgram sound = load(sound());
        LoadedProgram inside = load(fragileInsideOfABlock());
        LoadedProgram around = load(fragileAroundTheBlocks());
        LoadedProgram equalized = load(Equalization.of(fragileInsideOfABlock()))) {
      float[] expected = TestModels.logits(sound, images);
      for (LoadedProgram program : List.of(inside, around, equalized)) {
        float[] actual = TestModels.logits(program, images);
        assertThat(dev.octavo.metrics.SignalToNoise.of(expected, actual).decibels())
            .isGreaterThan(80);
      }
    }
  }

  @Test
  void channelsScaledInsideOfABlockAreRescuedByEqualization() throws IOException {
    GatedSearch search = search(fragileInsideOfABlock(), GATE, 0);
    GatedSearch.Trial trial = search.run(MINMAX);
    assertThat(trial.approach().has(Refinement.EQUALIZATION)).isTrue();
    assertThat(trial.approach().floatLayers()).isEmpty();
    assertThat(search.log()).hasSizeGreaterThan(2).first().asString().contains("--min-agreement");
  }

  @Test
  void channelsScaledAroundTheBlocksAreRescuedByFloatLayers() throws IOException {
    GatedSearch.Trial trial = search(fragileAroundTheBlocks(), GATE, 8).run(MINMAX);
    assertThat(trial.approach().floatLayers()).isNotEmpty();
    assertThat(trial.validation().agreement().value()).isGreaterThanOrEqualTo(0.9);
    assertThat(progress).anyMatch(line -> line.contains("which layers are to blame"));
  }

  @Test
  void whatWasToStayInFloatDoesSoBesideWhatTheSearchAdds() throws IOException {
    QuantizationConfig asked = MINMAX.withFloatLayers(Set.of("layer4.1.conv1"));
    GatedSearch.Trial trial = search(fragileAroundTheBlocks(), GATE, 8).run(asked);
    assertThat(trial.approach().floatLayers()).contains("layer4.1.conv1").hasSizeGreaterThan(1);
  }

  @Test
  void whatCannotBeRescuedIsRefusedWithTheFigureThatFellShort() throws IOException {
    GatedSearch search = search(fragileAroundTheBlocks(), GATE, 0);
    assertThatThrownBy(() -> search.run(MINMAX))
        .isInstanceOfSatisfying(
            OctavoException.QualityGate.class, e -> assertThat(e.exitCode()).isEqualTo(3))
        .hasMessageContaining("--min-agreement asks for 90.00 %")
        .hasMessageContaining("is not published");
  }

  @Test
  void gptqBringsTheSevenBitVariantCloserToTheFloatModel() throws IOException {
    assumeThat(CpuTarget.of(CpuFeatures.current()).isFullRange()).as("VNNI").isTrue();
    GatedSearch search = search(sound(), GATE, 0);
    double nearest = variantDecibels(search, MINMAX);
    double gptq = variantDecibels(search, MINMAX.with(Refinement.GPTQ));
    assertThat(gptq).isGreaterThan(nearest + 1);
    assertThat(progress)
        .anyMatch(line -> line.contains("with 7-bit weights for CPUs without VNNI"));
  }

  private static double variantDecibels(GatedSearch search, QuantizationConfig approach)
      throws IOException {
    return search
        .variant(search.attempt(approach), Quantize.Verdict.PASSED)
        .orElseThrow()
        .validation()
        .logits()
        .decibels();
  }
}
