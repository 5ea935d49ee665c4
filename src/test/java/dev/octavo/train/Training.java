package dev.octavo.train;

import dev.octavo.artifact.Destination;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.network.Architecture;
import dev.octavo.network.ResNet;
import dev.octavo.program.NarrowNetworks;
import dev.octavo.program.Precision;
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
  private final Path data;
  private final java.nio.file.Path directory;
  private final List<String> console = new ArrayList<>();
  private Architecture network = ARCHITECTURE;
  private int workers = 2;
  private Optional<Path> weights = Optional.empty();
  private Precision precision = Precision.FP32;
  private Start start = Start.NEW;
  private int checkpointSteps;

  /** Training on {@code data}; models and runs go into {@code directory}. */
  Training(SparkSession spark, Path data, java.nio.file.Path directory) {
    this.spark = spark;
    this.data = data;
    this.directory = directory;
  }

  Training workers(int number) {
    workers = number;
    return this;
  }

  Training network(Architecture architecture) {
    network = architecture;
    return this;
  }

  Training startFrom(Path source) {
    weights = Optional.of(source);
    return this;
  }

  Training precision(Precision wanted) {
    precision = wanted;
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
    TrainSettings settings =
        new TrainSettings(
            data,
            new Path(directory.resolve(model).toUri()),
            Destination.IfExists.FAIL,
            network,
            weights,
            WeightImport.Policy.REQUIRE_HALF,
            recipe,
            Optional.of(precision),
            new RunSettings(
                Optional.of(new Path(runDirectory(model).toUri())),
                start,
                new CheckpointSettings(checkpointSteps, 0, 2),
                Optional.empty(),
                Optional.empty(),
                "octavo"),
            OptionalInt.of(workers),
            OptionalInt.empty());
    return new Train(spark, settings, console::add).execute();
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
