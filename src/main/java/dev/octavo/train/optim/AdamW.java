package dev.octavo.train.optim;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019).
 *
 * <p>With gradient <i>g</i>, decay <i>d</i>, rate <i>r</i> and update number <i>t</i>, as {@code
 * torch.optim.AdamW} has it: <i>w ← w - r d w; m ← β₁ m + (1-β₁) g; v ← β₂ v + (1-β₂) g²; w ← w - r
 * m̂ / (√v̂ + ε)</i> with <i>m̂ = m / (1-β₁ᵗ)</i> and <i>v̂ = v / (1-β₂ᵗ)</i>; <i>β₂</i> is 0.999
 * and <i>ε</i> 1e-8.
 */
final class AdamW implements Optimizer {
  private static final double BETA2 = 0.999;
  private static final float EPSILON = 1e-8f;

  private final List<ParameterGroup> groups;
  private final double beta1;
  private final float[] mean;
  private final float[] square;

  AdamW(List<ParameterGroup> groups, double beta1, int length) {
    this.groups = groups;
    this.beta1 = beta1;
    this.mean = new float[length];
    this.square = new float[length];
  }

  @Override
  public void update(
      float[] weights, float[] gradient, float scale, double learningRate, long update) {
    double correction1 = 1 - Math.pow(beta1, (double) update);
    float rootCorrection2 = (float) Math.sqrt(1 - Math.pow(BETA2, (double) update));
    float b1 = (float) beta1;
    float b2 = (float) BETA2;
    for (ParameterGroup group : groups) {
      double rate = learningRate * group.rateFactor();
      float keep = (float) (1 - rate * group.weightDecay());
      float step = (float) (rate / correction1);
      for (int i = group.from(); i < group.to(); i++) {
        float g = gradient[i] * scale;
        float m = b1 * mean[i] + (1 - b1) * g;
        float v = b2 * square[i] + (1 - b2) * g * g;
        mean[i] = m;
        square[i] = v;
        float root = (float) Math.sqrt(v) / rootCorrection2 + EPSILON;
        weights[i] = keep * weights[i] - step * m / root;
      }
    }
  }

  @Override
  public Map<String, float[]> state() {
    return new TreeMap<>(Map.of("exp_avg", mean, "exp_avg_sq", square));
  }
}
