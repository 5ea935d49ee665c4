package dev.octavo.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.network.Activation;
import dev.octavo.network.BatchNorm;
import dev.octavo.network.Geometry;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A convolution of the pixels with a group for each colour, against naive sums and rounding. */
class GroupedPatchStatisticsTest {
  private static final int SIZE = 16;
  private static final int IMAGES = 3;
  private static final int OUT = 6;
  private static final int GROUPS = 3;
  private static final int TAPS = 9;
  private static final int LIMIT = 7;

  private static final int NARROW_LIMIT = 3;
  private static final double DAMPING = 0.01;

  /** Two apart, over a dilated window. */
  private static final Geometry GEOMETRY = new Geometry(3, 2, 2, 2, GROUPS);

  private final Tensor images = TestModels.images(IMAGES, SIZE, 65);
  private final double[][] patches = patches();

  private static Network network() {
    return new Network(
        "grouped",
        2,
        List.of(
            new Node.Conv(
                "conv", BatchNorm.of("bn"), Node.PIXELS, 3, OUT, GEOMETRY, Activation.RELU),
            new Node.GlobalAveragePool(0),
            new Node.Linear("fc", 1, OUT, 2)));
  }

  /** {@code [positions][3 * 9]} pixels less the mean colour, with zeros around the image. */
  private double[][] patches() {
    int positions = GEOMETRY.outputSize(SIZE);
    double[][] result = new double[IMAGES * positions * positions][GROUPS * TAPS];
    for (int p = 0; p < result.length; p++) {
      int n = p / (positions * positions);
      for (int k = 0; k < GROUPS * TAPS; k++) {
        int y = p / positions % positions * 2 - 2 + k % TAPS / 3 * 2;
        int x = p % positions * 2 - 2 + k % 3 * 2;
        if (y >= 0 && y < SIZE && x >= 0 && x < SIZE) {
          int channel = k / TAPS;
          int pixel = images.bytes().get(((n * SIZE + y) * SIZE + x) * 3 + channel);
          result[p][k] = (pixel & 0xff) - (double) Normalization.IMAGENET.meanPixel(channel);
        }
      }
    }
    return result;
  }

  @Test
  void sumsAreOfAllChannelsAndRoundingIsOfEachGroup() throws IOException {
    FoldedNetwork folded =
        FoldedNetwork.of(network(), TestModels.weights(network(), 64), Normalization.IMAGENET);
    Random random = new Random(66);
    float[] weights = new float[OUT * TAPS];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (3 * random.nextGaussian());
    }
    try (LoadedProgram program =
        TestModels.load(
            out ->
                CalibrationProgram.write(
                    folded,
                    Int8Operators.ONEDNN,
                    CalibrationProgram.Statistics.COVARIANCES,
                    new InputShape(SIZE, 2),
                    out),
            LoadedProgram.Mode.INFERENCE)) {
      TestModels.observe(program, images, 0);
      DoubleBuffer sums = program.run("sums", number(0)).get(0).bytes().asDoubleBuffer();
      assertThat(sums.get(GROUPS * TAPS)).isEqualTo(patches.length);
      for (int k = 0; k < GROUPS * TAPS; k++) {
        double expected = 0;
        for (double[] patch : patches) {
          expected += patch[k];
        }
        assertThat(sums.get(k)).isCloseTo(expected, within(1.0));
      }
      float[] rounded =
          program
              .run(
                  "round",
                  number(0),
                  Tensor.of(twice(weights, weights), 2, OUT, TAPS),
                  Tensor.of(new float[] {LIMIT, NARROW_LIMIT}, 2))
              .get(0)
              .toFloats();
      assertThat(rounded)
          .isEqualTo(twice(naivelyRounded(weights, LIMIT), naivelyRounded(weights, NARROW_LIMIT)));
    }
  }

  private static Tensor number(int value) {
    return Tensor.of(new float[] {value}, 1);
  }

  /** GPTQ's first algorithm, group by group, one weight at a time. */
  private float[] naivelyRounded(float[] weights, int limit) {
    float[] result = new float[weights.length];
    for (int o = 0; o < OUT; o++) {
      double[][] moments = moments(o / (OUT / GROUPS));
      int[] order =
          IntStream.range(0, TAPS)
              .boxed()
              .sorted(Comparator.comparingDouble(k -> -moments[k][k]))
              .mapToInt(Integer::intValue)
              .toArray();
      double[][] sorted = new double[TAPS][TAPS];
      double damping = IntStream.range(0, TAPS).mapToDouble(k -> moments[k][k]).sum() / TAPS;
      for (int i = 0; i < TAPS; i++) {
        for (int j = 0; j < TAPS; j++) {
          sorted[i][j] = moments[order[i]][order[j]] + (i == j ? DAMPING * damping : 0);
        }
      }
      double[][] u = upperFactor(inverse(sorted));
      double[] w = new double[TAPS];
      for (int k = 0; k < TAPS; k++) {
        w[k] = weights[o * TAPS + order[k]];
      }
      for (int k = 0; k < TAPS; k++) {
        double code = Math.max(-limit, Math.min(limit, Math.rint(w[k])));
        double error = (w[k] - code) / u[k][k];
        result[o * TAPS + order[k]] = (float) code;
        for (int j = k + 1; j < TAPS; j++) {
          w[j] -= error * u[k][j];
        }
      }
    }
    return result;
  }

  private static float[] twice(float[] first, float[] second) {
    float[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private double[][] moments(int group) {
    double[][] moments = new double[TAPS][TAPS];
    for (double[] patch : patches) {
      for (int i = 0; i < TAPS; i++) {
        for (int j = 0; j < TAPS; j++) {
          moments[i][j] += patch[group * TAPS + i] * patch[group * TAPS + j];
        }
      }
    }
    return moments;
  }

  /** By Gauss and Jordan. */
  private static double[][] inverse(double[][] matrix) {
    int n = matrix.length;
    double[][] a = new double[n][];
    double[][] inverse = new double[n][n];
    for (int i = 0; i < n; i++) {
      a[i] = matrix[i].clone();
      inverse[i][i] = 1;
    }
    for (int p = 0; p < n; p++) {
      double pivot = a[p][p];
      for (int j = 0; j < n; j++) {
        a[p][j] /= pivot;
        inverse[p][j] /= pivot;
      }
      for (int i = 0; i < n; i++) {
        double factor = a[i][p];
        for (int j = 0; i != p && j < n; j++) {
          a[i][j] -= factor * a[p][j];
          inverse[i][j] -= factor * inverse[p][j];
        }
      }
    }
    return inverse;
  }

  /** The upper triangular {@code U} with {@code U^T U} = the matrix (Cholesky). */
  private static double[][] upperFactor(double[][] matrix) {
    int n = matrix.length;
    double[][] u = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        double sum = matrix[i][j];
        for (int k = 0; k < i; k++) {
          sum -= u[k][i] * u[k][j];
        }
        u[i][j] = i == j ? Math.sqrt(sum) : sum / u[i][i];
      }
    }
    return u;
  }
}
