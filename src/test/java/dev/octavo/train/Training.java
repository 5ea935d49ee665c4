package dev.octavo.train;

import dev.octavo.artifact.Destination;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.network.Architecture;
import dev.octavo.network.ResNet;
import dev.octavo.program.NarrowNetworks;
import dev.octavo.program.Precision;
import dev.octavo.spark.LocalCluster;
import dev.octavo.tensor.StateDict;
import dev.octavo.train.RunSettings.Start;
import dev.octavo.weights.WeightFiles;
import dev.octavo.weights.WeightImport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** Trains a narrow ResNet-18 on generated data, in the way of one test. */
final class Training {
  /**
   * ResNet-18 of an eighth of the channels: 0.18 million parameters in place of 11.2, all of which
   * each epoch sums, saves and hashes.
   */
  static final Architecture ARCHITECTURE =
      new Architecture(
          ResNet.RESNET18.id(),
          ResNet.RESNET18.stages(),
          classes -> NarrowNetworks.of(ResNet.RESNET18.network(classes), 8));

  private final SparkSession spark;
  private final java.nio.file.Path directory;
  private final List<String> console = new ArrayList<>();
  private final TrainSettingsBuilder settings;
  private Start start = Start.NEW;
  private int checkpointSteps;
  private List<String> teacherSplits = List.of("train");

  /** Training on {@code data}; models and runs go into {@code directory}. */
  Training(SparkSession spark, Path data, java.nio.file.Path directory) {
    this.spark = spark;
    this.directory = directory;
    this.settings =
        TrainSettingsBuilder.builder()
            .data(data)
            .out(null)
            .ifExists(Destination.IfExists.FAIL)
            .network(ARCHITECTURE)
            .weights(Optional.empty())
            .quantizationAware(Optional.empty())
            .teacher(Optional.empty())
            .importPolicy(WeightImport.Policy.REQUIRE_HALF)
            .recipe(null)
            .calibrateConfidence(false)
            .checkData(false)
            .precision(Optional.of(Precision.FP32))
            .run(null)
            .workers(OptionalInt.of(2))
            .minWorkers(OptionalInt.empty())
            .threads(OptionalInt.empty())
            .builder();
  }

  /** Training by the shared cluster on {@link GeneratedData}, all in one directory. */
  static Training on(java.nio.file.Path directory, int train, int val) throws IOException {
    SparkSession spark = LocalCluster.session();
    return new Training(
        spark, GeneratedData.write(spark, directory.resolve("data"), train, val), directory);
  }

  Training workers(int number) {
    settings.workers(OptionalInt.of(number));
    return this;
  }

  Training checkingData() {
    settings.checkData(true);
    return this;
  }

  Training minWorkers(int number) {
    settings.minWorkers(OptionalInt.of(number));
    return this;
  }

  Training network(Architecture architecture) {
    settings.network(architecture);
    return this;
  }

  Training startFrom(Path source) {
    settings.weights(Optional.of(source));
    return this;
  }

  Training quantizationAware(Path int8) {
    settings.quantizationAware(Optional.of(int8));
    return this;
  }

  /** Says whom the teacher teaches; before {@link #teacher}. */
  Training teacherSplits(String... names) {
    teacherSplits = List.of(names);
    return this;
  }

  Training teacher(Path bundle) {
    settings.teacher(Optional.of(new TeacherSettings(bundle, 0.75, 2, teacherSplits)));
    return this;
  }

  Training calibrateConfidence() {
    settings.calibrateConfidence(true);
    return this;
  }

  Training precision(Precision wanted) {
    settings.precision(Optional.of(wanted));
    return this;
  }

  Training start(Start how) {
    start = how;
    return this;
  }

  Training checkpointSteps(int steps) {
    checkpointSteps = steps;
    return this;
  }

  /** The lines that all trainings have printed. */
  List<String> console() {
    return console;
  }

  /** Where the state of the run that makes a model is. */
  java.nio.file.Path runDirectory(String model) {
    return directory.resolve("run-of-" + model);
  }

  TrainResult train(String model, Recipe recipe) throws IOException {
    settings
        .out(new Path(directory.resolve(model).toUri()))
        .recipe(recipe)
        .run(
            new RunSettings(
                Optional.of(new Path(runDirectory(model).toUri())),
                start,
                new CheckpointSettings(checkpointSteps, 0, 2),
                Optional.empty(),
                Optional.empty(),
                "octavo"));
    return new Train(spark, settings.build(), console::add).execute();
  }

  /** The weights of a published bundle. */
  static StateDict weights(TrainResult result) throws IOException {
    return weights(result.model());
  }

  /** The weights of a bundle, which no registered network has where it is a narrow one's. */
  static StateDict weights(Path bundle) throws IOException {
    return WeightFiles.read(
        java.nio.file.Path.of(new Path(bundle, ModelBundle.MODEL_FILE).toUri()));
  }
}
