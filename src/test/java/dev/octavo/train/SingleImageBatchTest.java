package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.tensor.TensorCheck;
import dev.octavo.weights.WeightFiles;
import dev.octavo.weights.WeightImport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Batches that have one value per channel in the last layers, whose maps are of one pixel here, and
 * what else makes tensors that are not finite.
 */
class SingleImageBatchTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "LOCAL, 5, 2, 1, 1", // a last batch of one image
    "LOCAL, 9, 2, 2, 2", // on one worker of two, in the middle of a step
    "LOCAL, 3, 1, 1, 2", // nothing but such batches
    "LOCAL, 1, 2, 1, 2", // a share of one image, and one of none
    "SYNC, 5, 2, 1, 2", // one image on all workers together
    "SYNC, 1, 1, 1, 2",
    "SYNC, 6, 2, 2, 1" // the last batch of a step is empty on all workers
  })
  void theModelIsFinite(BatchNorm batchNorm, int images, int batchSize, int accumulate, int workers)
      throws IOException {
    TrainResult result =
        Training.on(directory, images, 3)
            .workers(workers)
            .train(
                "model",
                Recipes.of(2, batchSize)
                    .batchNorm(batchNorm)
                    .accumulate(accumulate)
                    .ema(0.5)
                    .optimizer(Recipes.learningRate(0.001))
                    .build());
    assertThat(result.last().val().loss()).isFinite();
    StateDict trained = Training.weights(result);
    assertThat(trained.names())
        .allSatisfy(
            name ->
                assertThat(
                        TensorCheck.fault(
                            name, trained.tensor(name), TensorCheck.InfiniteVariance.FAULT))
                    .isEmpty());
    // Statistics of what has more than one value move also where those of the last layers can't.
    assertThat(trained.tensor("bn1.running_var").toFloats()).doesNotContain(1f);
  }

  /** Weights of float16 may have it. */
  @ParameterizedTest
  @CsvSource({"LOCAL, 1", "SYNC, 2"})
  void anInfiniteVarianceIsFollowedFromTheLargestFloat16(BatchNorm batchNorm, int workers)
      throws IOException {
    Training training =
        Training.on(directory, 6, 3)
            .workers(workers)
            .startFrom(weights("bn1.running_var", Float.POSITIVE_INFINITY));
    TrainResult result = training.train("model", Recipes.of(1, 6).batchNorm(batchNorm).build());
    assertThat(Training.weights(result).tensor("bn1.running_var").toFloats()[0])
        .isBetween(0.9f * 65504, 65504f);
    assertThat(training.console())
        .contains(
            "  bn1.running_var is to follow the images: where it is infinite it starts at 65504,"
                + " the largest float16");
  }

  @Test
  void anInfiniteVarianceThatIsFrozenIsPublishedAsItWas() throws IOException {
    TrainResult result =
        Training.on(directory, 4, 3)
            .startFrom(weights("bn1.running_var", Float.POSITIVE_INFINITY))
            .train("model", Recipes.of(1, 2).build());
    assertThat(Training.weights(result).tensor("bn1.running_var").toFloats()[0])
        .isEqualTo(Float.POSITIVE_INFINITY);
  }

  @ParameterizedTest
  @CsvSource({
    "layer2.0.bn1.running_var, NaN, layer2.0.bn1.running_var holds NaN",
    "layer2.0.bn1.running_var, -1, layer2.0.bn1.running_var holds the negative variance -1.0",
    "layer2.0.conv1.weight, -Infinity, layer2.0.conv1.weight holds -Infinity"
  })
  void weightsThatAreNotFiniteAreRefusedByName(String tensor, float value, String fault)
      throws IOException {
    Training training = Training.on(directory, 3, 0).startFrom(weights(tensor, value));
    assertThatThrownBy(() -> training.train("model", Recipes.of(1, 2).build()))
        .isInstanceOf(OctavoException.class)
        .hasMessage(fault + " in the weights: such weights cannot be used");
  }

  /** The train loss is finite: its batch norm takes the images' own statistics. */
  @Test
  void aLossOnValThatIsNotFinitePublishesNothing() throws IOException {
    Training training =
        Training.on(directory, 6, 3).workers(1).startFrom(weights("bn1.running_mean", -3e38f));
    Recipe recipe =
        Recipes.of(3, 6)
            .batchNorm(BatchNorm.LOCAL)
            .optimizer(Recipes.learningRate(1e-300))
            .ema(0.5)
            .build();
    assertThatThrownBy(() -> training.train("model", recipe))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "the loss on val is not finite after epoch 1: nothing of it is published; a lower"
                + " --learning-rate or more --warmup-epochs usually helps");
    assertThat(directory.resolve("model")).doesNotExist();
    assertThat(training.runDirectory("model")).doesNotExist();
  }

  /** One step, whose loss was still finite, and no val split that would tell. */
  @Test
  void weightsThatOverflowInTheLastStepPublishNothing() throws IOException {
    Training training = Training.on(directory, 4, 0);
    Recipe recipe = Recipes.of(1, 2).optimizer(Recipes.learningRate(1e45)).ema(0.5).build();
    assertThatThrownBy(() -> training.train("model", recipe))
        .isInstanceOf(OctavoException.class)
        .hasMessageMatching(
            "[a-z0-9.]+ is not finite after epoch 1: nothing of it is published; a lower .*");
    assertThat(directory.resolve("model")).doesNotExist();
  }

  /** A file of ResNet-18's weights with one value in its place. */
  private org.apache.hadoop.fs.Path weights(String tensor, float value) throws IOException {
    StateDict state = WeightImport.fresh(Training.ARCHITECTURE.network(3), 1);
    Map<String, Tensor> tensors = new LinkedHashMap<>(state.tensors());
    float[] values = state.tensor(tensor).toFloats();
    values[0] = value;

    tensors.put(tensor, Tensor.of(values, state.tensor(tensor).shape()));
    Path file = directory.resolve("weights.pth");
    WeightFiles.writePth(new StateDict(tensors), file);
    return new org.apache.hadoop.fs.Path(file.toUri());
  }
}
