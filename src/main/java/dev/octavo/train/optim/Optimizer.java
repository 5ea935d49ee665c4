package dev.octavo.train.optim;

import java.util.List;
import java.util.Map;

/** Updates one slice of the parameters in place. */
interface Optimizer {
  /**
   * One update.
   *
   * @param weights of the slice
   * @param gradient of the slice
   * @param scale that the gradient is multiplied with
   * @param learningRate before the groups' factors
   * @param update number of this update, from 1
   */
  void update(float[] weights, float[] gradient, float scale, double learningRate, long update);

  /**
   * The optimizer's state by the names of {@code torch.optim}, not copies: a checkpoint saves it
   * and writes it back.
   */
  Map<String, float[]> state();

  /** An optimizer at rest; {@code groups} are relative to the slice. */
  static Optimizer of(OptimizerSettings settings, List<ParameterGroup> groups, int length) {
    return switch (settings.algorithm()) {
      case SGD -> new Sgd(groups, settings.momentum(), Sgd.Momentum.HEAVY_BALL, length);
      case NESTEROV -> new Sgd(groups, settings.momentum(), Sgd.Momentum.NESTEROV, length);
      case ADAMW -> new AdamW(groups, settings.momentum(), length);
    };
  }
}
