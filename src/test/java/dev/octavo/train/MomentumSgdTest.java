package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.network.ResNet;
import dev.octavo.program.FlatLayout;
import dev.octavo.spark.collective.Slice;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class MomentumSgdTest {
  /**
   * {@code torch.optim.SGD([w], lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01)} with w =
   * [1, -2], gradients [0.5, 0.25] and then [-1, 3]; worked out in double precision.
   */
  @Test
  void updatesAsTorchDoes() {
    MomentumSgd sgd = new MomentumSgd(List.of(new ParameterGroup(0, 2, 0.01, 1)), 0.9, 2);
    float[] weights = {1, -2};
    sgd.update(weights, new float[] {1, 0.5f}, 2, 0.1);
    assertThat(weights).containsExactly(new float[] {0.9031f, -2.0437f}, Offset.offset(1e-6f));
    sgd.update(weights, new float[] {-2, 6}, 2, 0.1);
    assertThat(weights)
        .containsExactly(new float[] {1.0500741f, -2.6284470f}, Offset.offset(1e-6f));
  }

  @Test
  void givesEachGroupItsDecayAndItsRate() {
    MomentumSgd sgd =
        new MomentumSgd(
            List.of(new ParameterGroup(0, 1, 0, 0.5), new ParameterGroup(1, 2, 0.5, 1)), 0, 2);
    float[] weights = {1, 1};
    sgd.update(weights, new float[] {1, 1}, 1, 0.5);
    assertThat(weights).containsExactly(0.75f, 0.25f);
  }

  @Test
  void decaysWeightsButNeitherBiasesNorBatchNormAndSlowsTheBackbone() {
    FlatLayout layout = FlatLayout.of(ResNet.RESNET18.network(6));
    List<ParameterGroup> groups =
        ParameterGroup.of(layout, "fc", new SgdSettings(0.1, 0.25, 0.9, 1e-4));
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
}
