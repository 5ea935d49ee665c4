package dev.octavo.train;

import static dev.octavo.artifact.Destination.Inside.SKIPPED;

import dev.octavo.OctavoException;
import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Destination.Input;
import dev.octavo.artifact.Paths;
import dev.octavo.network.Architecture;
import dev.octavo.program.Precision;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.weights.WeightImport;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The settings of a training.
 *
 * @param data the dataset
 * @param out where the model bundle goes
 * @param ifExists what to do if something is there
 * @param network the architecture
 * @param weights a weight file or a model bundle to start from; empty to start from scratch
 * @param quantizationAware the int8 bundle of those weights that training simulates; empty for
 *     float training
 * @param teacher the model whose answers are learned beside the labels; empty for none
 * @param importPolicy whether a weight file that hardly fits is an error
 * @param recipe how to train
 * @param calibrateConfidence whether a temperature is fitted to the trained model's logits on val
 * @param checkData whether the bundle says which labels may be wrong and which images are alike
 * @param precision of the convolutions' arithmetic; empty for what the executors' CPUs are made for
 * @param run how the run is kept alive and watched
 * @param workers number of workers; empty for one on each executor
 * @param minWorkers with how many training goes on if executors are lost for good; empty for as
 *     many as before
 * @param threads of libtorch in each worker; empty for the cores of its executor
 */
@RecordBuilder
public record TrainSettings(
    Path data,
    Path out,
    Destination.IfExists ifExists,
    Architecture network,
    Optional<Path> weights,
    Optional<Path> quantizationAware,
    Optional<TeacherSettings> teacher,
    WeightImport.Policy importPolicy,
    Recipe recipe,
    boolean calibrateConfidence,
    boolean checkData,
    Optional<Precision> precision,
    RunSettings run,
    OptionalInt workers,
    OptionalInt minWorkers,
    OptionalInt threads) {
  /** Checks that nothing is missing and that numbers are positive. */
  public TrainSettings {
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(ifExists, "ifExists");
    Objects.requireNonNull(network, "network");
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(quantizationAware, "quantizationAware");
    Objects.requireNonNull(teacher, "teacher");
    Objects.requireNonNull(importPolicy, "importPolicy");
    Objects.requireNonNull(recipe, "recipe");
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(run, "run");
    InvalidSetting.require(workers.orElse(1) >= 1, "workers", workers.orElse(1), "at least 1");
    InvalidSetting.require(
        minWorkers.orElse(1) >= 1, "minWorkers", minWorkers.orElse(1), "at least 1");
    InvalidSetting.require(
        minWorkers.orElse(1) <= workers.orElse(Integer.MAX_VALUE),
        "minWorkers",
        minWorkers.orElse(1),
        "at most workers, " + workers.orElse(Integer.MAX_VALUE));
    InvalidSetting.require(threads.orElse(1) >= 1, "threads", threads.orElse(1), "at least 1");
    if (weights.isEmpty() && recipe.layerDecay() < 1) {
      throw new OctavoException.Usage(
          "--layer-decay slows what comes from --weights: give them, or leave it out");
    }
    recipe.dropping(network.network(1));
    if (checkData && weights.isEmpty()) {
      throw new OctavoException.Usage(
          "--check-data goes by the features of a network that has learned some: give --weights");
    }
    if (teacher.isPresent()) {
      requireThatAStudentLearns(recipe);
    }
    if (quantizationAware.isPresent()) {
      requireThatInt8CanBeSimulated(weights, recipe, precision);
    }
  }

  private static void requireThatAStudentLearns(Recipe recipe) {
    if (recipe.scope() != Recipe.Scope.NETWORK) {
      throw new OctavoException.Usage(
          "--teacher answers images, but --linear-probe sees features alone: leave one out");
    }
    if (recipe.batchNorm() == BatchNorm.SYNC) {
      throw new OctavoException.Usage(
          "--teacher goes with --batch-norm local or frozen, not with sync");
    }
  }

  private static void requireThatInt8CanBeSimulated(
      Optional<Path> weights, Recipe recipe, Optional<Precision> precision) {
    if (weights.isEmpty()) {
      throw new OctavoException.Usage(
          "--quantization-aware goes on from a trained model: give its bundle as --weights");
    }
    if (recipe.movingBatchNorm() != BatchNorm.FROZEN) {
      throw new OctavoException.Usage(
          "--quantization-aware folds batch norm by its running statistics: --batch-norm frozen");
    }
    if (recipe.scope() != Recipe.Scope.NETWORK) {
      throw new OctavoException.Usage(
          "--quantization-aware trains the network, which --linear-probe leaves as it is: leave one out");
    }
    if (precision.filter(p -> p != Precision.FP32).isPresent()) {
      throw new OctavoException.Usage(
          "--quantization-aware needs the exact sums of --precision fp32");
    }
  }

  /**
   * Checks that nothing that is written lies where something else is read or written; the run's
   * directory is deleted in the end, with all that is in it.
   *
   * @throws OctavoException naming the two options
   */
  public void requireApart(Configuration conf) throws IOException {
    List<Input> inputs = inputs();
    Destination.requireApart(conf, "--run-dir", runDirectory(), inputs);
    run.tensorboard().ifPresent(logs -> inputs.add(new Input("--tensorboard", logs, SKIPPED)));
    inputs.add(Input.of("--run-dir", runDirectory()));
    Destination.requireApart(conf, "--out", out, inputs);
  }

  /** The inputs that are read. */
  public List<Input> inputs() {
    List<Input> inputs = new ArrayList<>(List.of(Input.of("--data", data)));
    weights.ifPresent(file -> inputs.add(Input.of("--weights", file)));
    quantizationAware.ifPresent(dir -> inputs.add(Input.of("--quantization-aware", dir)));
    teacher.ifPresent(t -> inputs.add(Input.of("--teacher", t.bundle())));
    return inputs;
  }

  /** The directory of the run's state until the model is published. */
  Path runDirectory() {
    return run.directory().orElseGet(() -> Paths.sibling(out, "." + out.getName() + ".training"));
  }
}
