package dev.octavo.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.engine.LoadedProgram;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.weights.StateDict;
import dev.octavo.weights.Tensor;
import java.io.IOException;
import java.nio.DoubleBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TrainProgramTest {
  private static final Network NETWORK = ResNet.RESNET18.network(3);
  private static final FlatLayout LAYOUT = FlatLayout.of(NETWORK);
  private static final StateDict STATE = TestModels.weights(NETWORK, 1);
  private static final Tensor IMAGES = TestModels.pictures(4, 32, 2);
  private static final Tensor LABELS = Tensor.of(new long[] {0, 1, 2, 1}, 4);
  private static final Tensor ANY = Tensor.of(new float[1], 1);

  @Test
  void theGradientIsTheSlopeOfTheLoss() throws IOException {
    try (LoadedProgram program = program(TrainProgram.BatchNorm.FROZEN)) {
      float[] gradient = program.run("step", IMAGES, LABELS).get(1).toFloats();
      float[] start = LAYOUT.flattenParameters(STATE);
      Random random = new Random(3);
      float[] direction = new float[start.length];
      double slope = 0;
      for (int i = 0; i < direction.length; i++) {
        direction[i] = (float) (random.nextGaussian() * Math.abs(start[i]));
        slope += (double) direction[i] * gradient[i];
      }
      double step = 1e-4;
      double ahead = lossAt(program, start, direction, step);
      double behind = lossAt(program, start, direction, -step);
      // Central differences in float32: the curvature and the rounding of the loss leave per cents.
      assertThat((ahead - behind) / (2 * step)).isCloseTo(slope, within(0.05 * Math.abs(slope)));
    }
  }

  private static double lossAt(
      LoadedProgram program, float[] start, float[] direction, double step) {
    float[] moved = new float[start.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = (float) (start[i] + step * direction[i]);
    }
    program.run("load_parameters", Tensor.of(moved, moved.length));
    return statistics(program.run("evaluate", IMAGES, LABELS)).get(0);
  }

  @Test
  void weightsAreReadBackAsTheyWereLoaded() throws IOException {
    try (LoadedProgram program = program(TrainProgram.BatchNorm.LOCAL)) {
      StateDict other = TestModels.weights(NETWORK, 9);
      float[] parameters = LAYOUT.flattenParameters(other);
      float[] buffers = LAYOUT.flattenBuffers(other);
      program.run("load_parameters", Tensor.of(parameters, parameters.length));
      program.run("load_buffers", Tensor.of(buffers, buffers.length));

      float[] parametersBack = program.run("parameters", ANY).get(0).toFloats();
      float[] buffersBack = program.run("buffers", ANY).get(0).toFloats();

      assertThat(parametersBack).isEqualTo(parameters);
      assertThat(buffersBack).isEqualTo(buffers);
      assertThat(LAYOUT.toStateDict(NETWORK, parametersBack, buffersBack, 1)).isEqualTo(other);
    }
  }

  @Test
  void onlyLocalBatchNormMovesTheRunningStatistics() throws IOException {
    float[] before = LAYOUT.flattenBuffers(STATE);
    try (LoadedProgram frozen = program(TrainProgram.BatchNorm.FROZEN);
        LoadedProgram local = program(TrainProgram.BatchNorm.LOCAL)) {
      frozen.run("step", IMAGES, LABELS);
      local.run("step", IMAGES, LABELS);
      assertThat(frozen.run("buffers", ANY).get(0).toFloats()).isEqualTo(before);
      float[] moved = local.run("buffers", ANY).get(0).toFloats();
      assertThat(moved).isNotEqualTo(before);
      local.run("evaluate", IMAGES, LABELS);
      assertThat(local.run("buffers", ANY).get(0).toFloats()).isEqualTo(moved);
    }
  }

  @Test
  void theStepReportsSumsOverTheBatch() throws IOException {
    try (LoadedProgram program = program(TrainProgram.BatchNorm.FROZEN)) {
      DoubleBuffer whole = statistics(program.run("step", IMAGES, LABELS));
      double loss = 0;
      double correct = 0;
      for (int i = 0; i < 4; i++) {
        Tensor image = TestModels.pictures(4, 32, 2);
        DoubleBuffer one =
            statistics(program.run("step", only(image, i), Tensor.of(new long[] {label(i)}, 1)));
        loss += one.get(0);
        correct += one.get(1);
      }
      assertThat(whole.get(0)).isCloseTo(loss, within(1e-4));
      assertThat(whole.get(1)).isEqualTo(correct);
    }
  }

  private static long label(int i) {
    return LABELS.bytes().asLongBuffer().get(i);
  }

  private static Tensor only(Tensor images, int index) {
    int bytes = 32 * 32 * 3;
    return Tensor.of(
        images.dtype(), new long[] {1, 32, 32, 3}, images.bytes().slice(index * bytes, bytes));
  }

  private static DoubleBuffer statistics(List<Tensor> outputs) {
    return outputs.get(0).bytes().asDoubleBuffer();
  }

  private static LoadedProgram program(TrainProgram.BatchNorm batchNorm) throws IOException {
    TrainProgram.Options options =
        new TrainProgram.Options(batchNorm, TrainProgram.Compute.FP32, 0);
    return TestModels.load(
        out -> TrainProgram.write(NETWORK, STATE, options, out), LoadedProgram.Mode.TRAINING);
  }
}
