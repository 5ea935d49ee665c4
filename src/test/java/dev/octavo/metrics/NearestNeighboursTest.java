package dev.octavo.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class NearestNeighboursTest {
  /** By hand: between the directions of (1, 0) and (1, 1) lie 45 degrees, 2 sin(22.5°) apart. */
  @Test
  void distancesAreThoseOfDirections() {
    NearestNeighbours neighbours =
        new NearestNeighbours(List.of(new float[] {0, 7}, new float[] {3, 0}));
    NearestNeighbours.Neighbour nearest = neighbours.nearest(new float[] {5, 5.001f});
    assertThat(nearest.index()).isZero();
    assertThat(nearest.distance()).isCloseTo(2 * Math.sin(Math.PI / 8), within(1e-3));
    assertThat(neighbours.nearest(new float[] {0.1f, 0}).distance()).isCloseTo(0, within(1e-6));
    assertThat(neighbours.apart())
        .containsExactly(new double[] {Math.sqrt(2), Math.sqrt(2)}, within(1e-6));
  }

  @Test
  void equalsASearchOverDifferences() {
    Random random = new Random(17);
    List<float[]> vectors = IntStream.range(0, 40).mapToObj(i -> unit(random, 19)).toList();
    NearestNeighbours neighbours = new NearestNeighbours(vectors);
    for (int i = 0; i < 20; i++) {
      float[] vector = unit(random, 19);
      double least =
          vectors.stream().mapToDouble(other -> distance(vector, other)).min().orElseThrow();
      assertThat(neighbours.nearest(vector).distance()).isCloseTo(least, within(1e-5));
    }
  }

  @Test
  void amongNoneThereIsNoNeighbour() {
    assertThat(new NearestNeighbours(List.of()).nearest(new float[] {1}).index()).isEqualTo(-1);
    assertThat(new NearestNeighbours(List.of(new float[] {1})).apart())
        .containsExactly(Double.POSITIVE_INFINITY);
  }

  private static float[] unit(Random random, int length) {
    float[] vector = new float[length];
    double squares = 0;
    for (int i = 0; i < length; i++) {
      vector[i] = (float) random.nextGaussian();
      squares += vector[i] * vector[i];
    }
    for (int i = 0; i < length; i++) {
      vector[i] /= (float) Math.sqrt(squares);
    }
    return vector;
  }

  private static double distance(float[] a, float[] b) {
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      squares += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(squares);
  }
}
