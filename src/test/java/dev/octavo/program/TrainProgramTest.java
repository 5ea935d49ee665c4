package dev.octavo.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.OctavoException;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TrainProgramTest {
  private static final Network NETWORK = ResNet.RESNET18.network(3);
  private static final FlatLayout LAYOUT = FlatLayout.of(NETWORK);
  private static final StateDict STATE = TestModels.weights(NETWORK, 1);
  private static final Tensor IMAGES = TestModels.images(4, 32, 2);
  private static final Tensor LABELS = Tensor.of(new long[] {0, 1, 2, 1}, 4);
  private static final Tensor TARGETS = oneHot(0, 1, 2, 1);
  private static final Tensor ANY = Tensor.of(new float[1], 1);

  @Test
  void theGradientIsTheSlopeOfTheLoss() throws IOException {
    try (LoadedProgram program = program(TrainProgram.BatchNorm.FROZEN)) {
      float[] gradient = program.run("step", IMAGES, TARGETS).get(2).toFloats();
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
    return sum(losses(program.run("evaluate", IMAGES, LABELS)));
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
      assertThat(LAYOUT.toStateDict(STATE, parametersBack, buffersBack, 1)).isEqualTo(other);
    }
  }

  @Test
  void onlyLocalBatchNormMovesTheRunningStatistics() throws IOException {
    float[] before = LAYOUT.flattenBuffers(STATE);
    try (LoadedProgram frozen = program(TrainProgram.BatchNorm.FROZEN);
        LoadedProgram local = program(TrainProgram.BatchNorm.LOCAL)) {
      frozen.run("step", IMAGES, TARGETS);
      local.run("step", IMAGES, TARGETS);
      assertThat(frozen.run("buffers", ANY).get(0).toFloats()).isEqualTo(before);
      float[] moved = local.run("buffers", ANY).get(0).toFloats();
      assertThat(moved).isNotEqualTo(before);
      local.run("evaluate", IMAGES, LABELS);
      assertThat(local.run("buffers", ANY).get(0).toFloats()).isEqualTo(moved);
    }
  }

  @Test
  void theImagesOfABatchAreIndependentAndTheGradientIsThatOfTheSumOfTheirLosses()
      throws IOException {
    try (LoadedProgram program = program(TrainProgram.BatchNorm.FROZEN)) {
      List<Tensor> whole = program.run("step", IMAGES, TARGETS);
      double[] gradient = new double[LAYOUT.parameterCount()];
      for (int i = 0; i < 4; i++) {
        List<Tensor> one = program.run("step", only(IMAGES, i), oneHot(label(i)));
        assertThat(losses(whole)[i]).isCloseTo(losses(one)[0], within(1e-4));
        assertThat(ranks(whole)[i]).isEqualTo(ranks(one)[0]);
        float[] term = one.get(2).toFloats();
        for (int j = 0; j < term.length; j++) {
          gradient[j] += term[j];
        }
      }
      assertThat(distance(whole.get(2).toFloats(), gradient)).isLessThan(1e-4 * norm(gradient));
    }
  }

  @Test
  void evaluateGivesTheCrossEntropyAndTheRankOfTheLabel() throws IOException {
    float[] logits;
    try (LoadedProgram portable =
        TestModels.load(
            out -> PortableProgram.write(NETWORK, STATE, Normalization.IMAGENET, out),
            LoadedProgram.Mode.INFERENCE)) {
      logits = TestModels.logits(portable, IMAGES);
    }
    try (LoadedProgram program = program(TrainProgram.BatchNorm.LOCAL)) {
      List<Tensor> scores = program.run("evaluate", IMAGES, LABELS);
      for (int i = 0; i < 4; i++) {
        float own = logits[3 * i + label(i)];
        double total = 0;
        long rank = 0;
        for (int k = 0; k < 3; k++) {
          total += Math.exp(logits[3 * i + k]);
          rank += logits[3 * i + k] > own ? 1 : 0;
        }
        assertThat(losses(scores)[i]).isCloseTo(Math.log(total) - own, within(1e-4));
        assertThat(ranks(scores)[i]).isEqualTo(rank);
      }
    }
  }

  @Test
  void aTeacherWhoseAnswersAreTheTargetsGivesTheirGradient() throws IOException {
    Tensor targets = Tensor.of(new float[] {.7f, .2f, .1f, .1f, .8f, .1f}, 2, 3);
    float[] answers = targets.toFloats();
    for (int i = 0; i < answers.length; i++) {
      answers[i] = (float) Math.log(answers[i]) + 5;
    }
    Tensor images = TestModels.images(2, 32, 7);
    float[] expected;
    try (LoadedProgram program = program(TrainProgram.BatchNorm.FROZEN)) {
      expected = program.run("step", images, targets).get(2).toFloats();
    }
    try (LoadedProgram program = student(new Distillation(1, 1))) {
      Tensor other = Tensor.of(new float[] {1, 0, 0, 1, 0, 0}, 2, 3);
      float[] actual =
          program.run("step", images, other, Tensor.of(answers, 2, 3)).get(2).toFloats();
      double[] gradient = new double[expected.length];
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] = expected[i];
      }
      assertThat(distance(actual, gradient)).isLessThan(1e-5 * norm(gradient));
    }
  }

  @Test
  void aTeachersPartOfTheLossIsTheDivergenceOfSoftenedAnswers() throws IOException {
    double[] own;
    try (LoadedProgram program = program(TrainProgram.BatchNorm.FROZEN)) {
      own = losses(program.run("step", IMAGES, TARGETS));
    }
    float[] logits;
    try (LoadedProgram portable =
        TestModels.load(
            out -> PortableProgram.write(NETWORK, STATE, Normalization.IMAGENET, out),
            LoadedProgram.Mode.INFERENCE)) {
      logits = TestModels.logits(portable, IMAGES);
    }
    float[] answers = {1, 2, 3, 0, 0, 0, -1, 4, 0, 2, 2, -2};
    try (LoadedProgram program = student(new Distillation(0.25, 3))) {
      double[] losses = losses(program.run("step", IMAGES, TARGETS, Tensor.of(answers, 4, 3)));
      for (int i = 0; i < 4; i++) {
        double divergence = 0;
        for (int k = 0; k < 3; k++) {
          double taught = logSoftmax(answers, i, k);
          divergence += Math.exp(taught) * (taught - logSoftmax(logits, i, k));
        }
        assertThat(losses[i]).isCloseTo(0.75 * own[i] + 0.25 * 9 * divergence, within(1e-3));
      }
    }
  }

  @Test
  void anImageWithoutALabelHasTheTeachersPartOfTheLossAlone() throws IOException {
    Tensor answers = Tensor.of(new float[] {1, 2, 3, 0, 0, 0, -1, 4, 0, 2, 2, -2}, 4, 3);
    float[] targets = TARGETS.toFloats();
    float[] columns = new float[16];
    float[] ones = new float[12];
    for (int i = 0; i < 4; i++) {
      System.arraycopy(targets, 3 * i, columns, 4 * i, 3);
      ones[3 * i + 1] = 1;
    }
    Arrays.fill(columns, 4, 8, 0);
    columns[7] = 1; // the second has no label
    double[] labelled;
    double[] taught;
    try (LoadedProgram program = student(new Distillation(0.25, 3))) {
      labelled = losses(program.run("step", IMAGES, TARGETS, answers));
    }
    try (LoadedProgram program = student(new Distillation(1, 3))) {
      taught = losses(program.run("step", IMAGES, Tensor.of(ones, 4, 3), answers));
    }
    try (LoadedProgram program = student(new Distillation(0.25, 3, true))) {
      double[] losses = losses(program.run("step", IMAGES, Tensor.of(columns, 4, 4), answers));
      assertThat(losses[0]).isCloseTo(labelled[0], within(1e-6));
      assertThat(losses[1]).isCloseTo(0.25 * taught[1], within(1e-6));
      assertThat(losses[2]).isCloseTo(labelled[2], within(1e-6));
      assertThat(losses[3]).isCloseTo(labelled[3], within(1e-6));
    }
  }

  /** Of the logits of an image, divided by 3. */
  private static double logSoftmax(float[] logits, int image, int k) {
    double sum = 0;
    for (int j = 0; j < 3; j++) {
      sum += Math.exp(logits[3 * image + j] / 3.0);
    }
    return logits[3 * image + k] / 3.0 - Math.log(sum);
  }

  private static LoadedProgram student(Distillation distillation) throws IOException {
    TrainProgram.Options options =
        new TrainProgram.Options(
            TrainProgram.BatchNorm.FROZEN,
            Precision.FP32,
            Normalization.IMAGENET,
            Optional.empty(),
            Optional.of(distillation));
    return TestModels.load(
        out -> TrainProgram.write(NETWORK, STATE, LAYOUT, options, out),
        LoadedProgram.Mode.TRAINING);
  }

  @Test
  void theLossIsLinearInTheTargets() throws IOException {
    try (LoadedProgram program = program(TrainProgram.BatchNorm.FROZEN)) {
      Tensor image = only(IMAGES, 0);
      double[] each = new double[3];
      for (int k = 0; k < 3; k++) {
        each[k] = losses(program.run("step", image, oneHot(k)))[0];
      }
      Tensor mixed = Tensor.of(new float[] {0.2f, 1.5f, 0.1f}, 1, 3);
      List<Tensor> outputs = program.run("step", image, mixed);
      assertThat(losses(outputs)[0])
          .isCloseTo(0.2 * each[0] + 1.5 * each[1] + 0.1 * each[2], within(1e-4));
      assertThat(ranks(outputs)[0])
          .as("rank of the class with the largest target")
          .isEqualTo(ranks(program.run("step", image, oneHot(1)))[0]);
    }
  }

  @Test
  void aLogitThatIsNotANumberIsNoHit() throws IOException {
    try (LoadedProgram program = program(TrainProgram.BatchNorm.FROZEN)) {
      float[] broken = LAYOUT.flattenParameters(STATE);
      broken[broken.length - 1] = Float.NaN; // the bias of class 2
      program.run("load_parameters", Tensor.of(broken, broken.length));
      assertThat(ranks(program.run("evaluate", IMAGES, LABELS))).doesNotContain(0);
      assertThat(ranks(program.run("step", IMAGES, TARGETS))).doesNotContain(0);
    }
  }

  @Test
  void whatIsFrozenNeitherMovesNorChangesTheGradientOfTheRest() throws IOException {
    FlatLayout top = FlatLayout.of(NETWORK, name -> name.matches("(layer4|fc)\\..*"));
    TrainProgram.Options local =
        new TrainProgram.Options(
            TrainProgram.BatchNorm.LOCAL, Precision.FP32, Normalization.IMAGENET);
    TrainProgram.Options frozen =
        new TrainProgram.Options(
            TrainProgram.BatchNorm.FROZEN, Precision.FP32, Normalization.IMAGENET);
    assertThat(top.parameters()).extracting(FlatLayout.Entry::name).doesNotContain("conv1.weight");
    try (LoadedProgram part = program(top, local);
        LoadedProgram fixed = program(top, frozen);
        LoadedProgram all = program(LAYOUT, frozen)) {
      float[] ofPart = fixed.run("step", IMAGES, TARGETS).get(2).toFloats();
      float[] ofAll = all.run("step", IMAGES, TARGETS).get(2).toFloats();
      int from = LAYOUT.parameterCount() - top.parameterCount(); // layer4 and fc come last
      assertThat(ofPart).isEqualTo(Arrays.copyOfRange(ofAll, from, ofAll.length));

      part.run("step", IMAGES, TARGETS);
      float[] parameters = part.run("parameters", ANY).get(0).toFloats();
      float[] buffers = part.run("buffers", ANY).get(0).toFloats();
      StateDict after = top.toStateDict(STATE, parameters, buffers, 7);
      assertThat(after.names()).containsExactlyElementsOf(STATE.names());
      for (String name : after.names()) {
        boolean moves =
            name.startsWith("layer4.") && name.matches(".*(running_mean|running_var|tracked)");
        assertThat(after.tensor(name).equals(STATE.tensor(name))).as(name).isEqualTo(!moves);
      }
    }
  }

  @Test
  void aClassifierAloneCanBeTrained() throws IOException {
    FlatLayout head = FlatLayout.of(NETWORK, name -> name.startsWith("fc."));
    TrainProgram.Options options =
        new TrainProgram.Options(
            TrainProgram.BatchNorm.LOCAL, Precision.FP32, Normalization.IMAGENET);
    assertThat(head.bufferCount()).isZero();
    try (LoadedProgram program = program(head, options)) {
      assertThat(program.run("step", IMAGES, TARGETS).get(2).shape())
          .containsExactly(head.parameterCount());
      assertThat(program.run("buffers", ANY).get(0).shape()).containsExactly(0);
    }
  }

  @Test
  void aProbeComputesWhatTheWholeNetworkWithAFrozenBackboneDoes() throws IOException {
    FlatLayout head = TrainProgram.probeLayout(NETWORK);
    TrainProgram.Options frozen =
        new TrainProgram.Options(
            TrainProgram.BatchNorm.FROZEN, Precision.FP32, Normalization.IMAGENET);
    assertThat(head.parameters())
        .extracting(FlatLayout.Entry::name)
        .containsExactly("fc.weight", "fc.bias");
    try (LoadedProgram whole = program(head, frozen);
        LoadedProgram probe =
            TestModels.load(
                out ->
                    TrainProgram.writeProbe(
                        NETWORK, STATE, Precision.FP32, Normalization.IMAGENET, out),
                LoadedProgram.Mode.TRAINING)) {
      Tensor features = probe.run("features", IMAGES).get(0);
      assertThat(features.shape()).containsExactly(4, 512);
      assertThat(probe.run("step", features, TARGETS))
          .isEqualTo(whole.run("step", IMAGES, TARGETS));
      assertThat(probe.run("evaluate", features, LABELS))
          .isEqualTo(whole.run("evaluate", IMAGES, LABELS));
      assertThat(probe.run("parameters", ANY)).isEqualTo(whole.run("parameters", ANY));
    }
  }

  /**
   * bfloat16 rounds by up to 0.4 %. Batch norm over a handful of values, as in the last layers of a
   * small batch of small images, would amplify that beyond recognition: so 16 of 64 pixels.
   */
  @Test
  void bfloat16GivesNearlyTheGradientOfFloat32InFloat32() throws IOException {
    Tensor images = TestModels.images(16, 64, 4);
    Tensor targets = oneHot(0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1);
    for (TrainProgram.BatchNorm batchNorm :
        List.of(TrainProgram.BatchNorm.FROZEN, TrainProgram.BatchNorm.LOCAL)) {
      try (LoadedProgram fp32 = program(batchNorm);
          LoadedProgram bf16 =
              program(
                  LAYOUT,
                  new TrainProgram.Options(batchNorm, Precision.BF16, Normalization.IMAGENET))) {
        List<Tensor> exact = fp32.run("step", images, targets);
        List<Tensor> rough = bf16.run("step", images, targets);
        assertThat(rough)
            .extracting(Tensor::dtype)
            .containsExactly(DType.FLOAT64, DType.INT64, DType.FLOAT32);
        double[] a = doubles(exact.get(2).toFloats());
        double[] b = doubles(rough.get(2).toFloats());
        assertThat(dot(a, b) / (norm(a) * norm(b))).as("cosine, " + batchNorm).isGreaterThan(0.9);
        assertThat(norm(b) / norm(a)).as("norm, " + batchNorm).isCloseTo(1, within(0.1));
      }
    }
  }

  private static double[] doubles(float[] floats) {
    double[] wide = new double[floats.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = floats[i];
    }
    return wide;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Test
  void refusesToFreezeEverything() {
    assertThatThrownBy(() -> FlatLayout.of(NETWORK, name -> name.startsWith("bn1.")))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage("every layer of resnet18 is frozen: leave one to train");
  }

  private static int label(int i) {
    return (int) LABELS.bytes().asLongBuffer().get(i);
  }

  private static Tensor oneHot(int... labels) {
    float[] rows = new float[3 * labels.length];
    for (int i = 0; i < labels.length; i++) {
      rows[3 * i + labels[i]] = 1;
    }
    return Tensor.of(rows, labels.length, 3);
  }

  private static Tensor only(Tensor images, int index) {
    int bytes = 32 * 32 * 3;
    return Tensor.of(
        images.dtype(), new long[] {1, 32, 32, 3}, images.bytes().slice(index * bytes, bytes));
  }

  private static double[] losses(List<Tensor> outputs) {
    double[] losses = new double[(int) outputs.get(0).elements()];
    outputs.get(0).bytes().asDoubleBuffer().get(losses);
    return losses;
  }

  private static long[] ranks(List<Tensor> outputs) {
    long[] ranks = new long[(int) outputs.get(1).elements()];
    outputs.get(1).bytes().asLongBuffer().get(ranks);
    return ranks;
  }

  private static double sum(double[] terms) {
    return Arrays.stream(terms).sum();
  }

  private static double norm(double[] a) {
    return Math.sqrt(Arrays.stream(a).map(x -> x * x).sum());
  }

  private static double distance(float[] a, double[] b) {
    double[] difference = b.clone();
    for (int i = 0; i < a.length; i++) {
      difference[i] -= a[i];
    }
    return norm(difference);
  }

  private static LoadedProgram program(TrainProgram.BatchNorm batchNorm) throws IOException {
    return program(
        LAYOUT, new TrainProgram.Options(batchNorm, Precision.FP32, Normalization.IMAGENET));
  }

  private static LoadedProgram program(FlatLayout layout, TrainProgram.Options options)
      throws IOException {
    return TestModels.load(
        out -> TrainProgram.write(NETWORK, STATE, layout, options, out),
        LoadedProgram.Mode.TRAINING);
  }
}
