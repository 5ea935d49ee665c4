package dev.octavo.train;

import java.util.List;

/**
 * Stochastic gradient descent with Nesterov momentum on one slice of the parameters, in place.
 *
 * <p>With gradient <i>g</i>, decay <i>d</i>, momentum <i>m</i> and rate <i>r</i>, as {@code
 * torch.optim.SGD(nesterov=True)} has it: <i>g ← g + d w; v ← m v + g; w ← w - r (g + m v)</i>.
 */
final class MomentumSgd {
  private final List<ParameterGroup> groups;
  private final float momentum;
  private final float[] velocity;

  /** An optimizer at rest; {@code groups} are relative to the slice. */
  MomentumSgd(List<ParameterGroup> groups, double momentum, int length) {
    this.groups = groups;
    this.momentum = (float) momentum;
    this.velocity = new float[length];
  }

  /**
   * One update.
   *
   * @param weights of the slice
   * @param gradient summed over the samples
   * @param samples that it is divided by
   */
  void update(float[] weights, float[] gradient, double samples, double learningRate) {
    float scale = (float) (1 / samples);
    for (ParameterGroup g : groups) {
      update(
          weights,
          gradient,
          g.from(),
          g.to(),
          scale,
          (float) g.weightDecay(),
          (float) (learningRate * g.rateFactor()));
    }
  }

  private void update(
      float[] weights,
      float[] gradient,
      int from,
      int to,
      float scale,
      float weightDecay,
      float rate) {
    float[] v = velocity;
    for (int i = from; i < to; i++) {
      float g = gradient[i] * scale + weightDecay * weights[i];
      float next = momentum * v[i] + g;
      v[i] = next;
      weights[i] -= rate * (g + momentum * next);
    }
  }
}
