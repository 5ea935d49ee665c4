package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Lease;
import dev.octavo.artifact.ParentRole;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.image.Normalization;
import dev.octavo.inference.ConfidenceCalibration;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.program.FlatLayout;
import dev.octavo.program.Precision;
import dev.octavo.program.TrainProgram;
import dev.octavo.spark.BarrierStage;
import dev.octavo.spark.JobGroup;
import dev.octavo.spark.OctavoSession;
import dev.octavo.tensor.StateDict;
import dev.octavo.train.data.Batching;
import dev.octavo.train.data.TrainData;
import dev.octavo.train.data.TrainData.Unlabelled;
import dev.octavo.train.optim.ParameterGroup;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** Trains a network on a dataset and publishes it as a model bundle. */
public final class Train {
  private final SparkSession spark;
  private final Configuration conf;
  private final TrainSettings settings;
  private final Recipe recipe;
  private final Consumer<String> console;

  /**
   * A training run.
   *
   * @param console takes lines about what is going on: one per epoch, as it ends
   */
  public Train(SparkSession spark, TrainSettings settings, Consumer<String> console) {
    this.spark = spark;
    this.conf = spark.sparkContext().hadoopConfiguration();
    this.settings = settings;
    this.recipe = settings.recipe();
    this.console = console;
  }

  /**
   * Trains.
   *
   * @throws OctavoException if the cluster can't run the workers, the weights don't fit, an
   *     unfinished run is in the way, or the loss or a gradient stops being finite; then nothing is
   *     published, and what was saved on the way is kept
   */
  public TrainResult execute() throws IOException {
    settings.requireApart(conf);
    int workers = BarrierStage.workers(spark, settings.workers());
    TrainData data = TrainData.list(spark, settings.data(), unlabelled());
    if (settings.calibrateConfidence() && data.val().isEmpty()) {
      throw ConfidenceCalibration.withoutVal(settings.data());
    }
    Network network = settings.network().network(data.artifact().classes().size());
    Optional<Simulation> simulation = Simulation.open(conf, settings, data.artifact().classes());
    try (Staging staging =
            Staging.open(
                conf, settings.out(), ModelBundle.KIND, settings.ifExists(), settings.inputs());
        Lease lease = Lease.take(conf, settings.runDirectory(), "--run-dir")) {
      FlatLayout layout = FlatLayout.of(network, recipe.trained(settings.network()));
      InitialWeights initial = InitialWeights.load(conf, settings, network, layout, console);
      simulation.ifPresent(s -> console.accept(s.words()));
      Precision precision =
          simulation.isPresent()
              ? Precision.FP32
              : PrecisionChoice.of(spark, settings.precision(), workers, console);
      TrainingJob job =
          TrainingJobBuilder.builder()
              .data(data)
              .network(network)
              .layout(layout)
              .initial(initial)
              .workers(workers)
              .precision(precision)
              .teacher(Teacher.open(conf, settings, data.artifact().classes(), precision))
              .simulation(simulation)
              .build();
      Map<String, Object> description = description(job);
      RunDirectory run =
          RunDirectory.open(conf, settings.runDirectory(), settings.run(), description, console);
      try (Trackers trackers = new Trackers(conf, settings, run, console)) {
        trackers.start(description);
        writeProgram(job, run);
        TrainState end = run(job, run, trackers);
        lease.verify();
        Path model =
            new BundlePublisher(job, recipe, description, end, confidence(job))
                .write(staging, run.files(), data.batching(workers, recipe).count());
        trackers.finish();
        run.delete();
        return new TrainResult(model, end.best(), end.history(), workers);
      } catch (OctavoException e) {
        throw new OctavoException(
            e.getMessage() + run.abandon(!(e instanceof NonFiniteException)), e);
      }
    }
  }

  private Unlabelled unlabelled() {
    return settings.teacher().map(TeacherSettings::teachesUnlabelled).orElse(false)
        ? Unlabelled.EXTRA
        : Unlabelled.LEFT_OUT;
  }

  private Optional<TrainedConfidence> confidence(TrainingJob job) {
    return settings.calibrateConfidence()
        ? Optional.of(
            new TrainedConfidence(
                job.data().artifact(), job.network(), recipe.preprocessing(), console))
        : Optional.empty();
  }

  /** All that decides what comes out. */
  private Map<String, Object> description(TrainingJob job) {
    Map<String, Object> map = new TreeMap<>(recipe.settings());
    map.put("network", job.network().name());
    map.put(ParentRole.DATA, job.data().artifact().manifest().id());
    map.put("weights", settings.weights().map(Path::toString).orElse("none"));
    map.put("weightsChecksum", job.initial().checksum());
    map.put("workers", job.workers());
    map.put("compute", job.precision().id());
    job.teacher().ifPresent(t -> map.putAll(t.settings(settings.teacher().orElseThrow())));
    job.simulation().ifPresent(simulation -> map.putAll(simulation.settings()));
    return map;
  }

  private void writeProgram(TrainingJob job, RunDirectory run) throws IOException {
    StateDict state = job.initial().state();
    Path file = run.files().program();
    Normalization normalization = recipe.preprocessing().normalization();
    try (OutputStream out =
        new BufferedOutputStream(file.getFileSystem(conf).create(file, true), 1 << 20)) {
      if (recipe.scope() == Recipe.Scope.CLASSIFIER) {
        TrainProgram.writeProbe(job.network(), state, job.precision(), normalization, out);
      } else {
        TrainProgram.write(
            job.network(),
            state,
            job.layout(),
            new TrainProgram.Options(
                recipe.batchNorm(),
                job.precision(),
                normalization,
                job.simulation().map(Simulation::int8),
                settings.teacher().map(TeacherSettings::distillation)),
            out);
      }
    }
  }

  private TrainState run(TrainingJob job, RunDirectory run, Trackers trackers) throws IOException {
    TrainData data = job.data();
    Network network = job.network();
    FlatLayout layout = job.layout();
    int workers = job.workers();
    Node.Linear classifier = network.classifier();
    Batching batching = data.batching(workers, recipe);
    WorkPlan plan =
        WorkPlanBuilder.builder()
            .recipe(recipe)
            .layout(layout)
            .groups(
                ParameterGroup.of(
                    layout,
                    name ->
                        job.initial().fresh().contains(name)
                            ? 1
                            : recipe.rateFactor(settings.network(), name),
                    recipe.optimizer().weightDecay()))
            .features(classifier.in())
            .batching(batching)
            .unlabelled(unlabelled() == Unlabelled.EXTRA)
            .classWeights(recipe.loss().weights(data.train(), network.classes()))
            .steps((batching.count() + recipe.accumulate() - 1) / recipe.accumulate())
            .directory(run.directory().toString())
            .checkpoints(settings.run().checkpoints())
            .threads(settings.threads().orElseGet(this::threads))
            .teachers(job.teacher().stream().toList())
            .hadoop(new SerializableConfiguration(conf))
            .build();
    String description =
        "training %s on %,d images with %d workers"
            .formatted(network.name(), data.train().size(), workers);
    console.accept(
        "training %s (%,d of %,d parameters) on %,d images (%,d for validation), %d steps per epoch, workers: %d, threads of each: %d"
            .formatted(
                network.name(),
                layout.parameterCount(),
                FlatLayout.of(network).parameterCount(),
                data.train().size(),
                data.val().size(),
                plan.steps(),
                workers,
                plan.threads()));
    if (!recipe.trainSizes().equals(TrainSizes.of(recipe.preprocessing().cropSize()))) {
      console.accept(
          "train images have %d to %d pixels a side, those of val %d"
              .formatted(
                  recipe.trainSizes().first(),
                  recipe.trainSizes().last(),
                  recipe.preprocessing().cropSize()));
    }
    if (!data.unlabelled().isEmpty()) {
      console.accept(
          "the teacher alone teaches %,d more images, of the split extra"
              .formatted(data.unlabelled().size()));
    }
    TrainAccumulators accumulators = TrainAccumulators.register(spark.sparkContext());
    EpochListener listener =
        new EpochListener(
            accumulators.epochs(),
            epoch -> {
              console.accept(epoch.summary(recipe.epochs()));
              trackers.epoch(epoch);
            });
    spark.sparkContext().addSparkListener(listener);
    try {
      List<Outcome> outcomes =
          new Attempts(spark, run.files().checkpoints(), workers, console)
              .run(
                  () ->
                      JobGroup.run(
                          spark,
                          description,
                          () ->
                              BarrierStage.run(
                                  data.sharded(spark, workers, recipe.seed()),
                                  new WorkerTask(plan, accumulators))));
      for (Outcome outcome : outcomes) {
        if (outcome instanceof Outcome.Diverged diverged) {
          throw new NonFiniteException(diverged.reason());
        }
      }
      for (Outcome outcome : outcomes) {
        if (outcome instanceof Outcome.Stopped stopped) {
          throw new OctavoException(stopped.reason());
        }
      }
      TrainState end = ((Outcome.Finished) outcomes.get(0)).trainState();
      listener.passOn(end.history());
      return end;
    } finally {
      spark.sparkContext().removeSparkListener(listener);
    }
  }

  private int threads() {
    return OctavoSession.executorCores(spark.sparkContext().conf())
        .orElseGet(() -> spark.sparkContext().conf().getInt("spark.task.cpus", 1));
  }
}
