package dev.octavo.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.train.LossSettings;
import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TargetsTest {
  private static final double[][] LOGITS = {{0.1, 0.2, -0.3}, {1, 0, 2}, {0.5, 0.25, 0.125}};

  /**
   * {@code torch.nn.CrossEntropyLoss(weight=[1, 2, 0.5], label_smoothing=0.3, reduction='none')} of
   * labels 1, 2, 0.
   */
  @Test
  void giveTorchsWeightedAndSmoothedCrossEntropy() {
    Batch batch = batch(1, 2, 0);
    new Targets(new float[] {1, 2, 0.5f}, 0.3).write(batch, 1);
    assertThat(loss(batch, 0)).isCloseTo(1.6464, within(1e-4));
    assertThat(loss(batch, 1)).isCloseTo(0.7853, within(1e-4));
    assertThat(loss(batch, 2)).isCloseTo(1.0165, within(1e-4));
    assertThat(batch.weight(0)).isEqualTo(2);
    assertThat(batch.weight(1)).isEqualTo(0.5);
  }

  @Test
  void ofMixedImagesAreSharedInPairs() {
    Batch batch = batch(1, 2, 0);
    new Targets(new float[] {1, 2, 1}, 0).write(batch, 0.75);
    assertThat(row(batch, 0)).containsExactly(0, 1.5f, 0.25f);
    assertThat(row(batch, 1)).containsExactly(0, 0.5f, 0.75f);
    assertThat(row(batch, 2)).containsExactly(1, 0, 0); // has no partner
    assertThat(batch.weight(0)).isEqualTo(2 * 0.75 + 0.25);
  }

  @Test
  void whatHasNoLabelHasNoClassAndAColumnOfItsOwn() {
    Batch batch = Batch.ofImages(2, 1, 4);
    batch.clear();
    batch.add(1);
    batch.add(TrainData.NO_LABEL);
    Targets targets = new Targets(new float[] {1, 2, 1}, 0.3, true);
    targets.write(batch, 1);
    assertThat(batch.targets().toFloats())
        .containsExactly(new float[] {0.1f, 1.6f, 0.1f, 0, 0, 0, 0, 1}, within(1e-6f));
    assertThat(batch.weight(0)).isEqualTo(2);
    assertThat(batch.weight(1)).isEqualTo(1);
    targets.write(batch, 0.75);
    assertThat(batch.targets().toFloats())
        .containsExactly(
            new float[] {0.075f, 1.2f, 0.075f, 0.25f, 0.025f, 0.4f, 0.025f, 0.75f}, within(1e-6f));
    assertThat(batch.weight(1)).isEqualTo(0.75 + 0.25 * 2);
  }

  @Test
  void balancedWeightsMakeClassesCountAlikeAndHaveMeanOne() {
    LossSettings balanced = new LossSettings(0, LossSettings.ClassWeights.BALANCED, 0, 0);
    float[] weights = balanced.weights(Map.of("a", 0, "b", 0, "c", 0, "d", 1), 3);
    assertThat(weights).containsExactly(4 / 9f, 4 / 3f, 0);
    assertThat(new LossSettings(0, LossSettings.ClassWeights.NONE, 0, 0).weights(Map.of("a", 0), 2))
        .containsExactly(1, 1);
  }

  @Test
  void mixupMixesTheImagesOfAPairInPlace() {
    ByteBuffer pixels = ByteBuffer.wrap(new byte[] {0, 100, (byte) 200, 10, 40, (byte) 255});
    Mixup.mix(pixels, 3, 2, 0.75);
    // 0.75 * 0 + 0.25 * 200, ...; 150 and 32.5 in the other; the third has no partner
    assertThat(pixels.array()).containsExactly(50, 78, (byte) 150, 33, 40, (byte) 255);
  }

  @Test
  void mixupsShareIsAFunctionOfTheSeedAndFollowsTheBetaDistribution() {
    double sum = 0;
    int n = 20_000;
    for (int i = 0; i < n; i++) {
      double share = Mixup.share(0.2, 7, 1, String.valueOf(i));
      assertThat(share).isBetween(0.5, 1.0);
      sum += (share - 0.5) * (share - 0.5);
    }
    // The variance of Beta(a, a) is 1 / (4 (2 a + 1)); folding at a half keeps it.
    assertThat(sum / n).isCloseTo(1 / (4 * 1.4), within(0.003));
    assertThat(Mixup.share(0.2, 7, 1, "3")).isEqualTo(Mixup.share(0.2, 7, 1, "3"));
    assertThat(Mixup.share(0.2, 7, 2, "3")).isNotEqualTo(Mixup.share(0.2, 7, 1, "3"));
    assertThat(Mixup.share(0, 7, 1, "3")).isEqualTo(1);
  }

  private static Batch batch(int... labels) {
    Batch batch = Batch.ofImages(labels.length, 1, 3);
    batch.clear();
    for (int label : labels) {
      batch.add(label);
    }
    return batch;
  }

  private static float[] row(Batch batch, int image) {
    float[] all = batch.targets().toFloats();
    return new float[] {all[3 * image], all[3 * image + 1], all[3 * image + 2]};
  }

  private static double loss(Batch batch, int image) {
    double[] logits = LOGITS[image];
    double sum = Math.exp(logits[0]) + Math.exp(logits[1]) + Math.exp(logits[2]);
    double loss = 0;
    for (int k = 0; k < 3; k++) {
      loss -= row(batch, image)[k] * (logits[k] - Math.log(sum));
    }
    return loss;
  }
}
