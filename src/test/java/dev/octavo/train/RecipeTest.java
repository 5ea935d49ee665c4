package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.OctavoException;
import dev.octavo.network.Architecture;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.network.ResNet;
import dev.octavo.train.optim.Finite;
import dev.octavo.train.optim.LearningRateSchedule;
import dev.octavo.train.optim.LearningRateSchedule.Shape;
import dev.octavo.train.optim.OptimizerSettings;
import dev.octavo.train.optim.OptimizerSettings.Algorithm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeTest {
  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> Recipes.of(4, 8).schedule(LearningRateSchedule.cosine(4)).build())
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage("warmupEpochs is 4.0, but must be below the number of epochs, 4");
    assertThatThrownBy(() -> Recipes.of(4, 0).build())
        .hasMessage("batchSize is 0, but must be from 1 to 4096");
    assertThatThrownBy(() -> Recipes.of(4, 8).optimizer(Recipes.learningRate(Double.NaN)).build())
        .hasMessage("learningRate is NaN, but must be above 0 and finite");
    assertThatThrownBy(() -> Recipes.of(4, 8).samRho(-0.05).build())
        .hasMessage("samRho is -0.05, but must be at least 0 and finite");
    assertThatThrownBy(() -> new OptimizerSettings(Algorithm.SGD, 0.1, 1, 1, 0, 0))
        .hasMessage("momentum is 1.0, but must be at least 0 and below 1");
    assertThatThrownBy(
            () -> Recipes.of(4, 8).scope(Recipe.Scope.CLASSIFIER).loss(Recipes.mixup(0.2)).build())
        .hasMessage(
            "mixup mixes images, but a linear probe sees only their features: leave it out");
    assertThatThrownBy(
            () -> Recipes.of(4, 8).scope(Recipe.Scope.CLASSIFIER).loss(Recipes.cutmix(1)).build())
        .hasMessage(
            "cutmix mixes images, but a linear probe sees only their features: leave it out");
  }

  /** timm's {@code param_groups_layer_decay}: {@code layer_decay ** (layer_max - layer)}. */
  @Test
  void stagesLearnTheSlowerTheFartherTheyAreFromTheClassifier() {
    Recipe recipe = Recipes.of(4, 8).layerDecay(0.5).build();
    assertThat(recipe.rateFactor(ResNet.RESNET18, "fc.weight")).isEqualTo(1);
    assertThat(recipe.rateFactor(ResNet.RESNET18, "layer4.1.bn2.bias")).isEqualTo(0.5);
    assertThat(recipe.rateFactor(ResNet.RESNET18, "layer3.0.downsample.0.weight")).isEqualTo(0.25);
    assertThat(recipe.rateFactor(ResNet.RESNET18, "layer1.0.conv1.weight")).isEqualTo(0.0625);
    assertThat(recipe.rateFactor(ResNet.RESNET18, "bn1.weight")).isEqualTo(0.03125);
    Architecture mobile = Architectures.of("mobilenet_v3_small");
    assertThat(recipe.rateFactor(mobile, "classifier.0.weight")).isEqualTo(0.5); // its head
    Recipe factor =
        Recipes.of(4, 8)
            .optimizer(new OptimizerSettings(Algorithm.SGD, 0.1, 0.2, 0.9, 0, 0))
            .build();
    assertThat(factor.rateFactor(ResNet.RESNET18, "conv1.weight")).isEqualTo(0.2);
    assertThat(factor.rateFactor(ResNet.RESNET18, "fc.bias")).isEqualTo(1);
  }

  @Test
  void aDecayByLayersGoesWithNoOtherFactorAndNoProbe() {
    assertThatThrownBy(() -> Recipes.of(4, 8).layerDecay(0).build())
        .hasMessage("layerDecay is 0.0, but must be above 0 and at most 1");
    assertThatThrownBy(
            () ->
                Recipes.of(4, 8)
                    .layerDecay(0.7)
                    .optimizer(new OptimizerSettings(Algorithm.SGD, 0.1, 0.2, 0.9, 0, 0))
                    .build())
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageStartingWith("--layer-decay and --backbone-lr-factor both say");
    assertThatThrownBy(
            () -> Recipes.of(4, 8).layerDecay(0.7).scope(Recipe.Scope.CLASSIFIER).build())
        .hasMessageContaining("--linear-probe leaves as they are");
  }

  @Test
  void dropoutIsTheNetworksOwnTimesTheFactor() {
    Network efficient = Architectures.of("efficientnet_b0").network(5);
    assertThat(Recipes.of(4, 8).build().dropping(efficient)).isSameAs(efficient);
    double[] off = probabilities(Recipes.of(4, 8).dropoutFactor(0).build().dropping(efficient));
    assertThat(off).hasSize(10).containsOnly(0);
    double[] twice = probabilities(Recipes.of(4, 8).dropoutFactor(2).build().dropping(efficient));
    assertThat(twice[8]).isCloseTo(2 * 0.2 * 14 / 16, within(1e-12)); // of 16, the last is plain
    assertThat(twice[9]).isCloseTo(2 * 0.2, within(1e-12)); // the classifier
    Recipe tooHigh = Recipes.of(4, 8).dropoutFactor(5).build();
    assertThatThrownBy(() -> tooHigh.dropping(efficient))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage(
            "--dropout-factor 5.0 is too high: efficientnet_b0 drops 0.2 already, so give less than 5.0");
    assertThatThrownBy(() -> tooHigh.dropping(ResNet.RESNET18.network(5)))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage(
            "resnet18 has neither dropout nor stochastic depth: leave --dropout-factor out");
    assertThatThrownBy(
            () -> Recipes.of(4, 8).dropoutFactor(0).scope(Recipe.Scope.CLASSIFIER).build())
        .hasMessageStartingWith("--dropout-factor is for networks, but --linear-probe");
  }

  private static double[] probabilities(Network network) {
    return network.nodes().stream()
        .filter(Node.Dropout.class::isInstance)
        .mapToDouble(node -> ((Node.Dropout) node).probability())
        .toArray();
  }

  @Test
  void repeatsAreForImages() {
    assertThatThrownBy(() -> Recipes.of(4, 8).repeats(0).build())
        .hasMessage("repeats is 0, but must be from 1 to 64");
    assertThatThrownBy(() -> Recipes.of(4, 8).repeats(3).scope(Recipe.Scope.CLASSIFIER).build())
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining("--linear-probe computes its features once");
  }

  @Test
  void warmsUpThenFollowsACosine() {
    LearningRateSchedule schedule = LearningRateSchedule.cosine(2);
    assertThat(schedule.factor(0, 10)).isEqualTo(1e-3);
    assertThat(schedule.factor(1, 10)).isEqualTo(0.5);
    assertThat(schedule.factor(2, 10)).isEqualTo(1);
    assertThat(schedule.factor(6, 10)).isEqualTo(0.5, within(1e-12));
    assertThat(schedule.factor(10, 10)).isEqualTo(0, within(1e-12));
    assertThat(LearningRateSchedule.cosine(0).factor(0, 1)).isEqualTo(1);
  }

  @Test
  void stepsFallByAFactorAndConstantStays() {
    LearningRateSchedule step = new LearningRateSchedule(Shape.STEP, 1, 3, 0.1);
    assertThat(step.factor(0.5, 10)).isEqualTo(0.5);
    assertThat(step.factor(2.9, 10)).isEqualTo(1);
    assertThat(step.factor(3, 10)).isEqualTo(0.1);
    assertThat(step.factor(9.5, 10)).isEqualTo(1e-3, within(1e-12));
    assertThat(new LearningRateSchedule(Shape.CONSTANT, 0, 1, 0.5).factor(9.9, 10)).isEqualTo(1);
  }

  /** {@code OneCycleLR(max_lr=1, total_steps=101, pct_start=0.3)}, whose top is at step 29.3. */
  @Test
  void oneCycleFollowsTorchs() {
    LearningRateSchedule schedule = new LearningRateSchedule(Shape.ONE_CYCLE, 29.3, 1, 0.5);
    int steps = 100;
    assertThat(schedule.factor(0, steps)).isEqualTo(0.04, within(1e-9));
    assertThat(schedule.factor(10, steps)).isEqualTo(0.29047396, within(1e-6));
    assertThat(schedule.factor(65, steps)).isEqualTo(0.49222613, within(1e-6));
    assertThat(schedule.factor(100, steps)).isEqualTo(4e-6, within(1e-9));
  }

  @Test
  void freezesModulesByNameAndTheStemByItsLayers() {
    Recipe recipe = Recipes.of(1, 1).frozen(List.of("stem", "layer1")).build();
    assertThat(recipe.trained(ResNet.RESNET18))
        .rejects("conv1.weight", "bn1.bias", "layer1.0.conv1.weight")
        .accepts("layer2.0.conv1.weight", "fc.bias");
    Recipe probe = Recipes.of(1, 1).scope(Recipe.Scope.CLASSIFIER).build();
    assertThat(probe.trained(ResNet.RESNET18)).rejects("layer2.0.conv1.weight").accepts("fc.bias");
  }

  @Test
  void whatIsFrozenMustBeAPartOfTheNetwork() {
    assertThatThrownBy(
            () -> Recipes.of(1, 1).frozen(List.of("layr1")).build().trained(ResNet.RESNET18))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage(
            "resnet18 has no part 'layr1': choose of stem, layer1, layer2, layer3, layer4, or"
                + " modules in these");
    assertThat(Recipes.of(1, 1).frozen(List.of("layer4.1.conv2")).build().trained(ResNet.RESNET18))
        .rejects("layer4.1.conv2.weight")
        .accepts("layer4.1.conv1.weight");
  }

  @Test
  void writesTheHistoryAsTheContractHasIt() {
    EvalMetrics none = new EvalMetrics(Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    Epoch epoch =
        EpochBuilder.builder()
            .epoch(1)
            .step(34)
            .learningRate(0.005)
            .train(new EvalMetrics(1.5, 0.25, 0.75, 0.2))
            .val(none)
            .imagesPerSecond(12.3456)
            .computeMillis(1000)
            .communicationMillis(50.5)
            .waitMillis(0.25)
            .build();
    assertThat(Epoch.csv(List.of(epoch)))
        .isEqualTo(
            """
            epoch,step,train_loss,train_top1,train_top5,train_mean_per_class,val_loss,val_top1,val_top5,val_mean_per_class,learning_rate,images_per_second,compute_ms,communication_ms,wait_ms
            1,34,1.50000,0.250000,0.750000,0.200000,NaN,NaN,NaN,NaN,0.00500000,12.3456,1000.00,50.5000,0.250000
            """);
  }

  @Test
  void countsHitsPerClassAndTakesMeansOnce() {
    MetricSums sums = new MetricSums(3);
    sums.add(0, 1, 1, 0);
    sums.add(0, 2, 1, 4);
    sums.add(0, 3, 1, 5);
    sums.add(1, 4, 2, 0);
    assertThat(sums.metrics()).isEqualTo(new EvalMetrics(10 / 5.0, 0.5, 0.75, (1 / 3.0 + 1) / 2));
    assertThat(sums.images()).isEqualTo(4);
    sums.add(-1, 6, 1, 0); // without a label: in the loss alone
    assertThat(sums.metrics()).isEqualTo(new EvalMetrics(16 / 6.0, 0.5, 0.75, (1 / 3.0 + 1) / 2));
    assertThat(sums.images()).isEqualTo(4);
    assertThat(sums.unlabelled()).isEqualTo(1);
    sums.clear();
    assertThat(sums.metrics().loss()).isNaN();
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void findsASingleValueThatIsNotFinite(float value) {
    float[] floats = new float[40_001];
    floats[0] = -Float.MAX_VALUE;
    floats[1] = Float.MIN_VALUE;
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(floats.length * Float.BYTES).order(ByteOrder.nativeOrder());
    assertThat(Finite.all(floats)).isTrue();
    assertThat(Finite.all(fill(buffer, floats))).isTrue();
    floats[40_000] = value;
    assertThat(Finite.all(floats)).isFalse();
    assertThat(Finite.all(fill(buffer, floats))).isFalse();
  }

  private static ByteBuffer fill(ByteBuffer buffer, float[] floats) {
    buffer.asFloatBuffer().put(floats);
    return buffer;
  }
}
