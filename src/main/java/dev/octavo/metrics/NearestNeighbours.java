package dev.octavo.metrics;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Distances to the nearest of some vectors. Vectors are scaled to length 1 first, so a distance is
 * between 0 (the same direction) and 2: for the pooled features of a network, what is far from all
 * that it was trained on is unlike it (Y. Sun and others, "Out-of-Distribution Detection with Deep
 * Nearest Neighbors", ICML 2022, for one neighbour).
 */
public final class NearestNeighbours {
  /** Sums side by side, which a core adds at once. */
  private static final int LANES = 8;

  private final List<float[]> vectors;

  /** The vectors, all of one length; copies are held. */
  public NearestNeighbours(List<float[]> vectors) {
    this.vectors = vectors.stream().map(NearestNeighbours::unit).toList();
  }

  /**
   * A neighbour.
   *
   * @param index of the vector in the list
   * @param distance to it; infinite, with the index −1, where there is none
   */
  public record Neighbour(int index, double distance) {}

  /** The nearest vector. */
  public Neighbour nearest(float[] vector) {
    return nearest(unit(vector), -1);
  }

  /** The distance of each of the vectors to the nearest of the others. */
  public double[] apart() {
    return IntStream.range(0, vectors.size())
        .parallel()
        .mapToDouble(i -> nearest(vectors.get(i), i).distance())
        .toArray();
  }

  private Neighbour nearest(float[] unit, int leftOut) {
    int best = -1;
    double greatest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < vectors.size(); i++) {
      if (i != leftOut) {
        double product = product(unit, vectors.get(i));
        if (product > greatest) {
          greatest = product;
          best = i;
        }
      }
    }
    // |a − b|² = 2 − 2 a·b
    return best < 0
        ? new Neighbour(-1, Double.POSITIVE_INFINITY)
        : new Neighbour(best, Math.sqrt(Math.max(0, 2 - 2 * greatest)));
  }

  /** Scaled to length 1; zeros stay. */
  static float[] unit(float[] vector) {
    double norm = Math.sqrt(product(vector, vector));
    float[] unit = new float[vector.length];
    for (int i = 0; norm > 0 && i < unit.length; i++) {
      unit[i] = (float) (vector[i] / norm);
    }
    return unit;
  }

  private static double product(float[] a, float[] b) {
    float[] sums = new float[LANES];
    int i = 0;
    for (; i + LANES <= a.length; i += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        sums[lane] += a[i + lane] * b[i + lane];
      }
    }
    double sum = 0;
    for (float lane : sums) {
      sum += lane;
    }
    for (; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
