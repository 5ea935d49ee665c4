package dev.octavo.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.network.ResNet;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The first convolution's patches can be made naively: they are of the pixels. */
class PatchStatisticsTest {
  private static final int SIZE = 32;
  private static final int IMAGES = 5;
  private static final Network NETWORK = ResNet.RESNET18.network(4);
  private static final FoldedNetwork FOLDED =
      FoldedNetwork.of(NETWORK, TestModels.weights(NETWORK, 61), Normalization.IMAGENET);
  private static final Node.Conv FIRST = (Node.Conv) NETWORK.nodes().get(0);
  private static final Tensor COUNT = TestModels.images(IMAGES, SIZE, 62);

  /** The number of the batch, by which the grid moves. */
  private static final int BATCH = 1;

  /** Every second image counts, here from the second on. */
  private static final int EVERY = 2;

  private static final int COUNTED = 2;

  private static LoadedProgram program;

  @BeforeAll
  static void observe() throws IOException {
    program =
        TestModels.load(
            out ->
                CalibrationProgram.write(
                    FOLDED,
                    Int8Operators.ONEDNN,
                    CalibrationProgram.Statistics.COVARIANCES,
                    new InputShape(SIZE, 2),
                    out),
            LoadedProgram.Mode.INFERENCE);
    program.run("observe", COUNT, number(BATCH), number(EVERY));
  }

  @AfterAll
  static void close() {
    program.close();
  }

  /** Positions from one to the next whose patches count: there are 7 to 13 along a side. */
  private static int step(int size) {
    return Math.max(1, size / 7);
  }

  /** {@code [positions][3 * 7 * 7]} pixels less the mean colour, with zeros around the image. */
  private static List<double[]> patches() {
    List<double[]> patches = new ArrayList<>();
    int kernel = FIRST.geometry().kernel().height();
    int padding = FIRST.geometry().padding().height();
    int step = step(FIRST.geometry().outputSize(SIZE));
    int stride = FIRST.geometry().stride() * step;
    int start = FIRST.geometry().stride() * (BATCH % step) - padding;
    for (int n = BATCH; n < IMAGES; n += EVERY) {
      for (int y = start; y + kernel <= SIZE + padding; y += stride) {
        for (int x = start; x + kernel <= SIZE + padding; x += stride) {
          double[] patch = new double[3 * kernel * kernel];
          for (int k = 0; k < patch.length; k++) {
            int c = k / (kernel * kernel);
            int py = y + k / kernel % kernel;
            int px = x + k % kernel;
            if (py >= 0 && py < SIZE && px >= 0 && px < SIZE) {
              int pixel = COUNT.bytes().get(((n * SIZE + py) * SIZE + px) * 3 + c);
              patch[k] = (pixel & 0xff) - (double) Normalization.IMAGENET.meanPixel(c);
            }
          }
          patches.add(patch);
        }
      }
    }
    return patches;
  }

  private static Tensor number(int value) {
    return Tensor.of(new float[] {value}, 1);
  }

  @Test
  void sumsUpThePatchesOfTheFirstConvolution() {
    List<double[]> patches = patches();
    DoubleBuffer sums = program.run("sums", number(0)).get(0).bytes().asDoubleBuffer();
    int k = patches.get(0).length;
    assertThat(sums.get(k)).isEqualTo(patches.size());
    for (int i = 0; i < k; i++) {
      int index = i;
      double expected = patches.stream().mapToDouble(p -> p[index]).sum();
      double magnitude = patches.stream().mapToDouble(p -> Math.abs(p[index])).sum();
      assertThat(sums.get(i)).isCloseTo(expected, within(1e-5 * magnitude));
    }
  }

  @Test
  void countsThePatchesOfEveryConvolution() {
    List<Layer.Convolution> convolutions = FOLDED.graph().convolutions();
    assertThat(convolutions).hasSize(20);
    int[] sizes = NETWORK.spatialSizes(SIZE);
    for (int i = 0; i < convolutions.size(); i++) {
      Node.Conv c = convolutions.get(i).conv();
      DoubleBuffer sums = program.run("sums", number(i)).get(0).bytes().asDoubleBuffer();
      int size = sizes[convolutions.get(i).output()];
      assertThat(sums.remaining()).isEqualTo(c.inChannels() * c.geometry().taps() + 1);
      int positions = (size - BATCH % step(size) + step(size) - 1) / step(size);
      assertThat(sums.get(sums.remaining() - 1))
          .as(c.name())
          .isEqualTo(COUNTED * positions * positions);
    }
  }

  @Test
  void roundedWeightsDisturbOutputsLessThanTheNearestOnes() {
    List<double[]> patches = patches();
    int k = patches.get(0).length;
    int channels = FIRST.outChannels();
    Random random = new Random(63);
    float[] weights = new float[channels * k];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (random.nextGaussian() * 4);
    }
    int limit = 7;
    float[] rounded =
        program
            .run("round", number(0), Tensor.of(weights, 1, channels, k), number(limit))
            .get(0)
            .toFloats();
    float[] nearest = new float[weights.length];
    for (int i = 0; i < nearest.length; i++) {
      nearest[i] = (float) Math.max(-limit, Math.min(limit, Math.rint(weights[i])));
      assertThat(rounded[i]).isEqualTo((float) Math.rint(rounded[i])).isBetween(-7f, 7f);
    }
    assertThat(error(patches, weights, rounded)).isLessThan(error(patches, weights, nearest) / 2);
  }

  private static double error(List<double[]> patches, float[] weights, float[] codes) {
    double error = 0;
    int k = patches.get(0).length;
    for (double[] patch : patches) {
      for (int o = 0; o < weights.length / k; o++) {
        double sum = 0;
        for (int i = 0; i < k; i++) {
          sum += patch[i] * (codes[o * k + i] - weights[o * k + i]);
        }
        error += sum * sum;
      }
    }
    return error;
  }

  @Test
  void wholeNumbersStayAsTheyAre() {
    int k = FIRST.weightsPerOutput();
    float[] weights = new float[2 * k];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i % 15 - 7;
    }
    assertThat(
            program
                .run("round", number(0), Tensor.of(weights, 1, 2, k), number(7))
                .get(0)
                .toFloats())
        .isEqualTo(weights);
  }
}
