package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.network.Network;
import dev.octavo.program.FlatLayout;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.train.optim.OptimizerSettings;
import dev.octavo.train.optim.OptimizerSettings.Algorithm;
import dev.octavo.weights.WeightFiles;
import dev.octavo.weights.WeightImport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One step of SAM beside its definition, put together of steps of plain SGD. */
class SharpnessAwareTest {
  private static final Network NETWORK = Training.ARCHITECTURE.network(3);
  private static final FlatLayout LAYOUT = FlatLayout.of(NETWORK);
  private static final double RHO = 0.5;

  @TempDir private Path directory;

  /**
   * <i>w ← w − r g(w + ρ g(w) / ‖g(w)‖)</i>. The pass up the slope leaves no trace in batch norm's
   * running statistics.
   */
  @Test
  void stepsByTheGradientFromUpTheSlope() throws IOException {
    Training training = Training.on(directory, 8, 3).workers(1);
    StateDict start = WeightImport.fresh(NETWORK, Recipes.SEED);
    training.startFrom(file("start", start));
    float[] weights = LAYOUT.flattenParameters(start);
    StateDict plain = Training.weights(training.train("plain", step().build()));
    float[] downhill = moved(weights, plain);
    float[] uphill = weights.clone();
    double factor = RHO / norm(downhill);
    for (int i = 0; i < uphill.length; i++) {
      uphill[i] -= (float) (factor * downhill[i]);
    }
    StateDict sam = Training.weights(training.train("sam", step().samRho(RHO).build()));
    training.startFrom(file("uphill", with(start, uphill)));
    StateDict there = Training.weights(training.train("there", step().build()));

    float[] expected = moved(uphill, there);
    assertThat(distance(downhill, expected)).isGreaterThan(0.1); // it makes a difference
    assertThat(distance(moved(weights, sam), expected)).isLessThan(1e-3);
    assertThat(LAYOUT.flattenBuffers(sam)).isEqualTo(LAYOUT.flattenBuffers(plain));
  }

  /** One step, over all images, by the whole gradient. */
  private static RecipeBuilder step() {
    return Recipes.of(1, 8)
        .batchNorm(BatchNorm.LOCAL)
        .optimizer(new OptimizerSettings(Algorithm.SGD, 1, 1, 0, 0, 0));
  }

  private org.apache.hadoop.fs.Path file(String name, StateDict state) throws IOException {
    Path file = directory.resolve(name + ".safetensors");
    WeightFiles.writeSafetensors(state, file);
    return new org.apache.hadoop.fs.Path(file.toUri());
  }

  private static StateDict with(StateDict state, float[] parameters) {
    Map<String, Tensor> tensors = new LinkedHashMap<>(state.tensors());
    for (FlatLayout.Entry entry : LAYOUT.parameters()) {
      float[] values = new float[entry.length()];
      System.arraycopy(parameters, entry.offset(), values, 0, values.length);
      tensors.put(entry.name(), Tensor.of(values, state.tensor(entry.name()).shape()));
    }
    return new StateDict(tensors);
  }

  private static float[] moved(float[] from, StateDict trained) {
    float[] to = LAYOUT.flattenParameters(trained);
    for (int i = 0; i < to.length; i++) {
      to[i] -= from[i];
    }
    return to;
  }

  private static double distance(float[] actual, float[] expected) {
    float[] difference = new float[expected.length];
    for (int i = 0; i < expected.length; i++) {
      difference[i] = actual[i] - expected[i];
    }
    return norm(difference) / norm(expected);
  }

  private static double norm(float[] vector) {
    double squares = 0;
    for (float v : vector) {
      squares += (double) v * v;
    }
    return Math.sqrt(squares);
  }
}
