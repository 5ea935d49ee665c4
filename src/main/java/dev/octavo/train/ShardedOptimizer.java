package dev.octavo.train;

import dev.octavo.spark.collective.CommDtype;
import dev.octavo.spark.collective.Ring;
import dev.octavo.spark.collective.Slice;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The sharded update (stage 1 of ZeRO, Rajbhandari et al. 2020): gradients are summed slice by
 * slice, each worker updates the slice that it owns with its own slice of the optimizer's state,
 * and the new slices go to all.
 *
 * <p>The slice of the weights that is kept here is the master copy, float32 whatever the type on
 * the wire.
 */
final class ShardedOptimizer {
  private final Ring ring;
  private final CommDtype commDtype;
  private final double clipNorm;
  private final Optimizer optimizer;
  private final Optional<MovingAverage> average;
  private final FloatBuffer ownGradient;
  private final FloatBuffer ownParameters;
  private final ByteBuffer gradientBytes;
  private final ByteBuffer parameterBytes;
  private final float[] gradient;
  private final float[] weights;

  /**
   * An update of the vectors of a replica, which stay the same from step to step.
   *
   * @param groups of the whole vector
   */
  ShardedOptimizer(Ring ring, Replica replica, List<ParameterGroup> groups, Recipe recipe) {
    this.ring = ring;
    this.commDtype = recipe.commDtype();
    this.clipNorm = recipe.optimizer().clipNorm();
    this.gradientBytes = replica.gradient();
    this.parameterBytes = replica.parameters();
    FloatBuffer allParameters = parameterBytes.asFloatBuffer();
    Slice slice = Slice.of(allParameters.remaining(), ring.size(), ring.rank());
    this.ownGradient = gradientBytes.asFloatBuffer().slice(slice.from(), slice.length());
    this.ownParameters = allParameters.slice(slice.from(), slice.length());
    this.gradient = new float[slice.length()];
    this.weights = new float[slice.length()];
    ownParameters.get(0, weights);
    this.optimizer =
        Optimizer.of(recipe.optimizer(), ParameterGroup.within(groups, slice), slice.length());
    this.average =
        recipe.ema() == 0
            ? Optional.empty()
            : Optional.of(new MovingAverage(recipe.ema(), weights));
  }

  /** The vectors that a checkpoint saves and writes back; not copies. */
  List<float[]> state() {
    List<float[]> vectors = new ArrayList<>();
    vectors.add(weights);
    vectors.addAll(optimizer.state());
    average.ifPresent(a -> vectors.add(a.values()));
    return vectors;
  }

  /** Sums the workers' gradients; afterwards this worker has the sum for its slice. */
  void reduceGradient() {
    ring.reduceScatter(gradientBytes, commDtype);
    ownGradient.get(0, gradient);
  }

  /** Returns whether the sum of this worker's slice is finite: finite terms may overflow. */
  boolean isFinite() {
    return Finite.all(gradient);
  }

  /**
   * The factor on the summed gradient, so that it is a mean over the images, no longer than the
   * recipe allows. All workers call this together if the recipe clips.
   *
   * @param weight of all images together
   */
  float scale(double weight) {
    double scale = 1 / weight;
    if (clipNorm > 0) {
      double squares = 0;
      for (float g : gradient) {
        squares += (double) g * g;
      }
      double norm = Math.sqrt(ring.sum(squares)[0]) * scale;
      scale *= Math.min(1, clipNorm / norm);
    }
    return (float) scale;
  }

  /**
   * Updates this worker's slice.
   *
   * @param update number of this update, from 1
   */
  void updateSlice(float scale, double learningRate, long update) {
    optimizer.update(weights, gradient, scale, learningRate, update);
    average.ifPresent(a -> a.add(weights, update));
  }

  /** Gathers everybody's weights for the next step, in the type of the wire. */
  void gatherForStep() {
    ownParameters.put(0, weights);
    ring.allGather(parameterBytes, commDtype);
  }

  /**
   * Gathers what is evaluated and published, in float32: the moving average if there is one, else
   * the weights.
   */
  void gatherResult() {
    ownParameters.put(0, average.map(MovingAverage::values).orElse(weights));
    ring.allGather(parameterBytes, CommDtype.FP32);
  }
}
