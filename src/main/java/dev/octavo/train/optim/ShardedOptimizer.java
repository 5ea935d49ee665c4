package dev.octavo.train.optim;

import dev.octavo.spark.collective.CommDtype;
import dev.octavo.spark.collective.Ring;
import dev.octavo.spark.collective.Slice;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The sharded update (stage 1 of ZeRO, Rajbhandari et al. 2020): gradients are summed slice by
 * slice, each worker updates the slice that it owns with its own slice of the optimizer's state,
 * and the new slices go to all.
 *
 * <p>The slice of the weights that is kept here is the master copy, float32 whatever the type on
 * the wire.
 */
public final class ShardedOptimizer {
  private final Ring ring;
  private final CommDtype commDtype;
  private final double clipNorm;
  private final Optimizer optimizer;
  private final MovingAverage average;
  private final FloatBuffer ownGradient;
  private final FloatBuffer ownParameters;
  private final ByteBuffer gradientBytes;
  private final ByteBuffer parameterBytes;
  private final float[] gradient;
  private final float[] weights;

  /**
   * An update of a replica's vectors, which stay the same from step to step.
   *
   * @param parameters all of them, float32
   * @param gradient of all of them, float32
   * @param groups of the whole vector
   */
  public ShardedOptimizer(
      Ring ring,
      ByteBuffer parameters,
      ByteBuffer gradient,
      List<ParameterGroup> groups,
      OptimizerSettings settings,
      CommDtype commDtype,
      double ema) {
    this.ring = ring;
    this.commDtype = commDtype;
    this.clipNorm = settings.clipNorm();
    this.gradientBytes = gradient;
    this.parameterBytes = parameters;
    FloatBuffer allParameters = parameterBytes.asFloatBuffer();
    Slice slice = Slice.of(allParameters.remaining(), ring.size(), ring.rank());
    this.ownGradient = gradientBytes.asFloatBuffer().slice(slice.from(), slice.length());
    this.ownParameters = allParameters.slice(slice.from(), slice.length());
    this.gradient = new float[slice.length()];
    this.weights = new float[slice.length()];
    ownParameters.get(0, weights);
    this.optimizer = Optimizer.of(settings, ParameterGroup.within(groups, slice), slice.length());
    this.average = MovingAverage.of(ema, weights);
  }

  /** The vectors that a checkpoint saves and writes back, by name; not copies. */
  public Map<String, float[]> state() {
    Map<String, float[]> vectors = new LinkedHashMap<>();
    vectors.put("weights", weights);
    vectors.putAll(optimizer.state());
    vectors.putAll(average.state());
    return vectors;
  }

  /** Sums the workers' gradients; afterwards this worker has the sum for its slice. */
  public void reduceGradient() {
    ring.reduceScatter(gradientBytes, commDtype);
    ownGradient.get(0, gradient);
  }

  /** Returns whether the sum of this worker's slice is finite: finite terms may overflow. */
  public boolean isFinite() {
    return Finite.all(gradient);
  }

  /**
   * The factor on the summed gradient, so that it is a mean over the images, no longer than the
   * settings allow. All workers call this together if gradients are clipped.
   *
   * @param weight of all images together
   */
  public float scale(double weight) {
    double scale = 1 / weight;
    if (clipNorm > 0) {
      scale *= Math.min(1, clipNorm / (norm() * scale));
    }
    return (float) scale;
  }

  /** The Euclidean norm of the summed gradient; all workers call this together. */
  private double norm() {
    double squares = 0;
    for (float g : gradient) {
      squares += (double) g * g;
    }
    return Math.sqrt(ring.sum(squares)[0]);
  }

  /**
   * Gathers weights from up the slope, <i>w + ρ g / ‖g‖</i> with the summed gradient <i>g</i>
   * (Foret et al. 2021, equation 2), in the type of the wire. The master copy stays.
   *
   * @param rho their distance from the weights
   */
  public void gatherUphill(double rho) {
    double norm = norm();
    double factor = norm > 0 ? rho / norm : 0;
    for (int i = 0; i < weights.length; i++) {
      ownParameters.put(i, (float) (weights[i] + factor * gradient[i]));
    }
    ring.allGather(parameterBytes, commDtype);
  }

  /**
   * Updates this worker's slice.
   *
   * @param update number of this update, from 1
   */
  public void updateSlice(float scale, double learningRate, long update) {
    optimizer.update(weights, gradient, scale, learningRate, update);
    average.add(weights, update);
  }

  /** Gathers everybody's weights for the next step, in the type of the wire. */
  public void gatherForStep() {
    ownParameters.put(0, weights);
    ring.allGather(parameterBytes, commDtype);
  }

  /**
   * Gathers what is evaluated and published, in float32: the moving average if there is one, else
   * the weights.
   */
  public void gatherResult() {
    ownParameters.put(0, average.values());
    ring.allGather(parameterBytes, CommDtype.FP32);
  }
}
