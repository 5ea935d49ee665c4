package dev.octavo.train;

import dev.octavo.spark.collective.Ring;
import dev.octavo.spark.collective.Slice;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * The sharded update: gradients are summed slice by slice, each worker updates the slice that it
 * owns, and the new slices go to all.
 */
final class SliceUpdate {
  private final Ring ring;
  private final Slice slice;
  private final MomentumSgd optimizer;
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
  SliceUpdate(Ring ring, Replica replica, List<ParameterGroup> groups, double momentum) {
    this.ring = ring;
    this.gradientBytes = replica.gradient();
    this.parameterBytes = replica.parameters();
    FloatBuffer allParameters = parameterBytes.asFloatBuffer();
    this.slice = Slice.of(allParameters.remaining(), ring.size(), ring.rank());
    this.ownGradient = gradientBytes.asFloatBuffer().slice(slice.from(), slice.length());
    this.ownParameters = allParameters.slice(slice.from(), slice.length());
    this.optimizer =
        new MomentumSgd(ParameterGroup.within(groups, slice), momentum, slice.length());
    this.gradient = new float[slice.length()];
    this.weights = new float[slice.length()];
    ownParameters.get(0, weights);
  }

  /** Sums the workers' gradients; afterwards this worker has the sum for its slice. */
  void reduceGradient() {
    ring.reduceScatter(gradientBytes);
    ownGradient.get(0, gradient);
  }

  /** Whether the sum holds a NaN or an infinity: finite terms may overflow. */
  boolean isFinite() {
    return Finite.all(gradient);
  }

  /** Updates this worker's slice. */
  void updateSlice(double samples, double learningRate) {
    optimizer.update(weights, gradient, samples, learningRate);
    ownParameters.put(0, weights);
  }

  /** Gathers everybody's slices into the replica's vector. */
  void gatherParameters() {
    ring.allGather(parameterBytes);
  }
}
