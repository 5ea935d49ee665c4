package dev.octavo.train.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.network.ResNet;
import dev.octavo.program.FlatLayout;
import dev.octavo.spark.collective.Slice;
import dev.octavo.train.optim.OptimizerSettings.Algorithm;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptimizerTest {
  /**
   * PyTorch's optimizers of the same names in double precision, with w = [1, -2], gradients [0.5,
   * 0.25], [-1, 3], [0.25, -0.5], lr = 0.1, momentum (beta1) = 0.9 and weight_decay = 0.01.
   */
  @ParameterizedTest
  @CsvSource({
    "NESTEROV, 0.9031, -2.0437, 1.05007411, -2.62844697, 1.04366846, -2.78656452",
    "SGD, 0.949, -2.023, 1.002151, -2.341677, 1.02398475, -2.57614462",
    "ADAMW, 0.899, -2.098, 0.93471135, -2.17562066, 0.94744571, -2.22376233"
  })
  void updatesAsTorchDoes(
      Algorithm algorithm, float a1, float b1, float a2, float b2, float a3, float b3) {
    Optimizer optimizer =
        Optimizer.of(
            new OptimizerSettings(algorithm, 0.1, 1, 0.9, 0.01, 0),
            List.of(new ParameterGroup(0, 2, 0.01, 1)),
            2);
    float[] weights = {1, -2};
    Offset<Float> rounding = Offset.offset(2e-6f);
    optimizer.update(weights, new float[] {1, 0.5f}, 0.5f, 0.1, 1);
    assertThat(weights).containsExactly(new float[] {a1, b1}, rounding);
    optimizer.update(weights, new float[] {-2, 6}, 0.5f, 0.1, 2);
    assertThat(weights).containsExactly(new float[] {a2, b2}, rounding);
    optimizer.update(weights, new float[] {0.5f, -1}, 0.5f, 0.1, 3);
    assertThat(weights).containsExactly(new float[] {a3, b3}, rounding);
  }

  @Test
  void givesEachGroupItsDecayAndItsRate() {
    Sgd sgd =
        new Sgd(
            List.of(new ParameterGroup(0, 1, 0, 0.5), new ParameterGroup(1, 2, 0.5, 1)),
            0,
            Sgd.Momentum.NESTEROV,
            2);
    float[] weights = {1, 1};
    sgd.update(weights, new float[] {1, 1}, 1, 0.5, 1);
    assertThat(weights).containsExactly(0.75f, 0.25f);
  }

  @Test
  void decaysWeightsButNeitherBiasesNorBatchNormAndSlowsWhatIsNotFresh() {
    FlatLayout layout = FlatLayout.of(ResNet.RESNET18.network(6));
    List<ParameterGroup> groups =
        ParameterGroup.of(layout, name -> name.startsWith("fc.") ? 1 : 0.25, 1e-4);
    for (FlatLayout.Entry entry : layout.parameters()) {
      ParameterGroup group =
          groups.stream()
              .filter(g -> g.from() <= entry.offset() && entry.end() <= g.to())
              .findFirst()
              .orElseThrow();
      boolean decays = entry.name().contains("conv") || entry.name().contains("downsample.0");
      assertThat(group.weightDecay())
          .as(entry.name())
          .isEqualTo(decays || entry.name().equals("fc.weight") ? 1e-4 : 0);
      assertThat(group.rateFactor())
          .as(entry.name())
          .isEqualTo(entry.name().startsWith("fc.") ? 1 : 0.25);
    }
  }

  @Test
  void cutsGroupsAtTheBordersOfSlices() {
    List<ParameterGroup> groups =
        List.of(new ParameterGroup(0, 5, 0, 1), new ParameterGroup(5, 9, 1, 1));
    assertThat(ParameterGroup.within(groups, new Slice(0, 4)))
        .containsExactly(new ParameterGroup(0, 4, 0, 1));
    assertThat(ParameterGroup.within(groups, new Slice(4, 9)))
        .containsExactly(new ParameterGroup(0, 1, 0, 1), new ParameterGroup(1, 5, 1, 1));
  }

  /** The decay of update t is at most (1 + t) / (10 + t). */
  @Test
  void theMovingAverageForgetsTheStart() {
    MovingAverage average = MovingAverage.of(0.5, new float[] {100});
    average.add(new float[] {2}, 1); // decay 2/11
    assertThat(average.values()).containsExactly(new float[] {2 + 98 * 2 / 11f}, within(1e-5f));
    for (int update = 2; update < 100; update++) {
      average.add(new float[] {2}, update);
    }
    assertThat(average.values()).containsExactly(new float[] {2}, within(1e-5f));
    average.add(new float[] {8}, 100);
    assertThat(average.values()).containsExactly(new float[] {5}, within(1e-5f));
  }

  private static Offset<Float> within(float offset) {
    return Offset.offset(offset);
  }
}
