package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.octavo.OctavoException;
import dev.octavo.image.augment.Augmentation;
import dev.octavo.network.Architecture;
import dev.octavo.network.Architectures;
import dev.octavo.program.NarrowNetworks;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.tensor.StateDict;
import dev.octavo.train.optim.OptimizerSettings;
import dev.octavo.train.optim.OptimizerSettings.Algorithm;
import dev.octavo.weights.WeightFiles;
import dev.octavo.weights.WeightImport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of a network is trained, how fast, and on which images. */
class TrainedPartsTest {
  private static final StateDict START =
      WeightImport.fresh(Training.ARCHITECTURE.network(3), Recipes.SEED);

  @TempDir private Path directory;

  @Test
  void freshResidualBlocksMayBeginAsTheIdentity() throws IOException {
    TrainResult result =
        Training.on(directory, 6, 3)
            .train(
                "model",
                Recipes.of(1, 6).residualGamma(0).optimizer(Recipes.learningRate(1e-300)).build());
    StateDict trained = Training.weights(result);
    assertThat(trained.tensor("layer1.0.bn2.weight").toFloats()).containsOnly(0);
    assertThat(trained.tensor("layer1.0.bn1.weight").toFloats()).containsOnly(1);
    assertThat(trained.tensor("layer2.0.downsample.1.weight").toFloats()).containsOnly(1);
  }

  /** One step of plain SGD: each stage moves by its own rate times the same gradient. */
  @Test
  void stagesMoveByTheirShareOfTheRate() throws IOException {
    Training training = Training.on(directory, 6, 3);
    RecipeBuilder still = Recipes.of(1, 3).optimizer(Recipes.learningRate(1e-300));
    Path start = directory.resolve("start.safetensors");
    WeightFiles.writeSafetensors(Training.weights(training.train("start", still.build())), start);
    training.startFrom(new org.apache.hadoop.fs.Path(start.toUri()));
    RecipeBuilder step =
        Recipes.of(1, 3).optimizer(new OptimizerSettings(Algorithm.SGD, 0.01, 1, 0, 0, 0));
    StateDict from = Training.weights(training.train("from", still.build()));
    StateDict full = Training.weights(training.train("full", step.build()));
    StateDict decayed = Training.weights(training.train("decayed", step.layerDecay(0.5).build()));
    Map<String, Double> factors =
        Map.of("fc.weight", 1.0, "layer4.1.conv2.weight", 0.5, "conv1.weight", 0.03125);
    factors.forEach(
        (name, factor) -> {
          float[] begin = from.tensor(name).toFloats();
          float[] whole = full.tensor(name).toFloats();
          float[] part = decayed.tensor(name).toFloats();
          double moved = 0;
          double expected = 0;
          for (int i = 0; i < begin.length; i++) {
            moved += Math.abs(part[i] - begin[i]);
            expected += factor * Math.abs(whole[i] - begin[i]);
          }
          assertThat(expected).isPositive();
          assertThat(moved).as(name).isCloseTo(expected, withinPercentage(2));
        });
  }

  @Test
  void withoutTheSplitExtraNobodyIsTaughtWithoutALabel() throws IOException {
    Training training =
        Training.on(directory, 6, 3)
            .teacherSplits("train", "extra")
            .teacher(new org.apache.hadoop.fs.Path(directory.resolve("none").toUri()));
    assertThatThrownBy(() -> training.train("model", Recipes.of(1, 6).build()))
        .isInstanceOf(OctavoException.class)
        .hasMessageEndingWith(" has no split extra: leave it out of --teacher-splits");
    assertThatThrownBy(
            () ->
                new TeacherSettings(
                    new org.apache.hadoop.fs.Path("/t"), 0.5, 2, List.of("train", "test")))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage(
            "teacherSplits is train,test, but must be train, or train,extra: val and test are not trained on");
  }

  @Test
  void layerDecayNeedsWeights() throws IOException {
    Training training = Training.on(directory, 6, 3);
    assertThatThrownBy(() -> training.train("model", Recipes.of(1, 6).layerDecay(0.5).build()))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage("--layer-decay slows what comes from --weights: give them, or leave it out");
  }

  /** Without crops at random, a run at two sizes begins as one at the first and ends in size. */
  @Test
  void trainImagesMayHaveAnotherSizeThanThoseOfVal() throws IOException {
    Training training = Training.on(directory, 12, 6).workers(1);
    RecipeBuilder small = Recipes.of(1, 4).augmentation(Augmentation.NONE);
    TrainResult plain = training.train("plain", small.build());
    TrainResult large = training.train("large", small.trainSizes(TrainSizes.of(64)).build());
    assertThat(large.last().train()).isNotEqualTo(plain.last().train());
    // What evaluation sees stays: nothing is learned at this rate, and val is as before.
    RecipeBuilder still = small.optimizer(Recipes.learningRate(1e-300));
    assertThat(training.train("still-large", still.build()).last().val())
        .isEqualTo(
            training.train("still", still.trainSizes(TrainSizes.of(32)).build()).last().val());

    RecipeBuilder rising = Recipes.of(2, 4).augmentation(Augmentation.NONE);
    TrainResult both = training.train("both", rising.trainSizes(new TrainSizes(32, 64)).build());
    TrainResult first = training.train("first", rising.trainSizes(TrainSizes.of(32)).build());
    assertThat(both.history().get(0).train()).isEqualTo(first.history().get(0).train());
    assertThat(both.last().train()).isNotEqualTo(first.last().train());
    assertThat(training.console())
        .contains("train images have 32 to 64 pixels a side, those of val 32");
  }

  @Test
  void repeatsTakeAPartOfTheImagesAndNoMoreSteps() throws IOException {
    Training training = Training.on(directory, 12, 3).workers(1);
    RecipeBuilder recipe = Recipes.of(2, 4);
    TrainResult once = training.train("once", recipe.build());
    TrainResult twice = training.train("twice", recipe.repeats(2).build());
    assertThat(twice.last().step()).isEqualTo(once.last().step()).isEqualTo(6);
    assertThat(twice.history().get(0).train()).isNotEqualTo(once.history().get(0).train());
    assertThat(TrainTest.curve(training.train("again", recipe.build()).history()))
        .isEqualTo(TrainTest.curve(twice.history()));
  }

  @Test
  void leavesFrozenLayersAsTheyAre() throws IOException {
    TrainResult result =
        Training.on(directory, 8, 3)
            .train(
                "model",
                Recipes.of(2, 2)
                    .frozen(List.of("stem", "layer1"))
                    .batchNorm(BatchNorm.LOCAL)
                    .build());
    StateDict trained = Training.weights(result);
    for (String name : trained.names()) {
      boolean frozen =
          name.startsWith("conv1.") || name.startsWith("bn1.") || name.startsWith("layer1.");
      boolean same = trained.tensor(name).equals(START.tensor(name));
      assertThat(same).as(name).isEqualTo(frozen);
    }
  }

  @Test
  void trainsALinearProbeOnFeaturesThatAreComputedOnce() throws IOException {
    Training training = Training.on(directory, 24, 12);
    TrainResult result =
        training.train(
            "model",
            Recipes.of(30, 4)
                .scope(Recipe.Scope.CLASSIFIER)
                .optimizer(Recipes.learningRate(0.05))
                .build());
    assertThat(result.last().train().loss())
        .isLessThan(0.8 * result.history().get(0).train().loss());
    StateDict trained = Training.weights(result);
    for (String name : trained.names()) {
      boolean same = trained.tensor(name).equals(START.tensor(name));
      assertThat(same).as(name).isEqualTo(!name.startsWith("fc."));
    }
  }

  @Test
  void dropoutIsTurnedOffByAFactor() throws IOException {
    Architecture wide = Architectures.of("efficientnet_b0");
    Training training =
        Training.on(directory, 6, 0)
            .workers(1)
            .network(
                new Architecture(
                    wide.id(),
                    wide.stages(),
                    classes -> NarrowNetworks.of(wide.network(classes), 8)));
    RecipeBuilder recipe = Recipes.of(1, 6).batchNorm(BatchNorm.LOCAL);
    TrainResult own = training.train("own", recipe.build());
    TrainResult off = training.train("off", recipe.dropoutFactor(0).build());
    TrainResult little = training.train("little", recipe.dropoutFactor(1e-12).build());
    assertThat(off.last().train()).isNotEqualTo(own.last().train());
    assertThat(little.last().train().loss())
        .isCloseTo(off.last().train().loss(), withinPercentage(1e-3));
    assertThatThrownBy(() -> training.network(Training.ARCHITECTURE).train("model", recipe.build()))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageEndingWith("leave --dropout-factor out");
  }
}
