package dev.octavo.train.optim;

import java.util.List;
import java.util.Map;

/**
 * Stochastic gradient descent with momentum.
 *
 * <p>With gradient <i>g</i>, decay <i>d</i>, momentum <i>m</i> and rate <i>r</i>, as {@code
 * torch.optim.SGD} has it: <i>g ← g + d w; v ← m v + g;</i> then <i>w ← w - r v</i> for the heavy
 * ball and <i>w ← w - r (g + m v)</i> for Nesterov's.
 */
final class Sgd implements Optimizer {
  /** The point at which the gradient is taken. */
  enum Momentum {
    HEAVY_BALL,
    NESTEROV
  }

  private final List<ParameterGroup> groups;
  private final float momentum;
  private final Momentum kind;
  private final float[] velocity;

  Sgd(List<ParameterGroup> groups, double momentum, Momentum kind, int length) {
    this.groups = groups;
    this.momentum = (float) momentum;
    this.kind = kind;
    this.velocity = new float[length];
  }

  @Override
  public void update(
      float[] weights, float[] gradient, float scale, double learningRate, long update) {
    // A step along ownStep * g + velocityStep * v is either kind of momentum.
    float ownStep = kind == Momentum.NESTEROV ? 1 : 0;
    float velocityStep = kind == Momentum.NESTEROV ? momentum : 1;
    float[] v = velocity;
    for (ParameterGroup group : groups) {
      float decay = (float) group.weightDecay();
      float rate = (float) (learningRate * group.rateFactor());
      for (int i = group.from(); i < group.to(); i++) {
        float g = gradient[i] * scale + decay * weights[i];
        float next = momentum * v[i] + g;
        v[i] = next;
        weights[i] -= rate * (ownStep * g + velocityStep * next);
      }
    }
  }

  @Override
  public Map<String, float[]> state() {
    return Map.of("momentum_buffer", velocity);
  }
}
