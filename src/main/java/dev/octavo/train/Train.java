package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Lease;
import dev.octavo.artifact.ParentRole;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.dataset.DataCheckSchema;
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
    Network network =
        settings.recipe().dropping(settings.network().network(data.artifact().classes().size()));
    Optional<Simulation> simulation = Simulation.open(conf, settings, data.artifact().classes());
    try (Staging staging =
            Staging.open(
                conf, settings.out(), ModelBundle.KIND, settings.ifExists(), settings.inputs());
        Lease lease = Lease.take(conf, settings.runDirectory(), "--run-dir")) {
      Recipe recipe = recipe(workers);
      FlatLayout layout = FlatLayout.of(network, recipe.trained(settings.network()));
      InitialWeights initial = InitialWeights.load(conf, settings, network, layout, console);
      simulation.ifPresent(s -> console.accept(s.words()));
      Precision precision =
          simulation.isPresent()
              ? Precision.FP32
              : PrecisionChoice.of(spark, settings.precision(), workers, console);
      TrainingJob job =
          TrainingJobBuilder.builder()
              .recipe(recipe)
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
        if (settings.checkData()) {
          new DataCheck(spark, job, settings.threads().orElseGet(this::threads))
              .write(
                  new Path(run.directory(), "features.pt"),
                  new Path(staging.directory(), DataCheckSchema.DIRECTORY));
        }
        lease.verify();
        Path model =
            new BundlePublisher(job, description, end, confidence(job))
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
                job.data().artifact(), job.network(), job.recipe().preprocessing(), console))
        : Optional.empty();
  }

  /** The recipe with its global batch size, which a run that is resumed keeps. */
  private Recipe recipe(int workers) throws IOException {
    Recipe recipe = settings.recipe();
    int kept =
        settings.run().start() == RunSettings.Start.RESUME && recipe.globalBatchSize() == 0
            ? RunDirectory.globalBatch(conf, settings.runDirectory())
            : 0;
    return RecipeBuilder.builder(recipe)
        .globalBatchSize(kept > 0 ? kept : recipe.globalBatch(workers))
        .build();
  }

  /** All that decides what comes out. */
  private Map<String, Object> description(TrainingJob job) {
    Map<String, Object> map = new TreeMap<>(job.recipe().settings());
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
    Recipe recipe = job.recipe();
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

  private WorkPlan plan(TrainingJob job, RunDirectory run, int workers) {
    TrainData data = job.data();
    Recipe recipe = job.recipe();
    Node.Linear classifier = job.network().classifier();
    Batching batching = data.batching(workers, recipe);
    return WorkPlanBuilder.builder()
        .recipe(recipe)
        .layout(job.layout())
        .groups(
            ParameterGroup.of(
                job.layout(),
                name ->
                    job.initial().fresh().contains(name)
                        ? 1
                        : recipe.rateFactor(settings.network(), name),
                recipe.optimizer().weightDecay()))
        .features(classifier.in())
        .batching(batching)
        .seeded(recipe.scope() == Recipe.Scope.NETWORK && job.network().hasDropout())
        .unlabelled(unlabelled() == Unlabelled.EXTRA)
        .classWeights(recipe.loss().weights(data.train(), job.network().classes()))
        .steps(batching.updates())
        .directory(run.directory().toString())
        .checkpoints(settings.run().checkpoints())
        .threads(settings.threads().orElseGet(this::threads))
        .teachers(job.teacher().stream().toList())
        .hadoop(new SerializableConfiguration(conf))
        .build();
  }

  private TrainState run(TrainingJob job, RunDirectory run, Trackers trackers) throws IOException {
    TrainData data = job.data();
    Network network = job.network();
    WorkPlan first = plan(job, run, job.workers());
    console.accept(
        "training %s (%,d of %,d parameters) on %,d images (%,d for validation), %d steps per epoch, workers: %d, threads of each: %d"
            .formatted(
                network.name(),
                job.layout().parameterCount(),
                FlatLayout.of(network).parameterCount(),
                data.train().size(),
                data.val().size(),
                first.steps(),
                job.workers(),
                first.threads()));
    if (!job.recipe().trainSizes().equals(TrainSizes.of(job.recipe().preprocessing().cropSize()))) {
      console.accept(
          "train images have %d to %d pixels a side, those of val %d"
              .formatted(
                  job.recipe().trainSizes().first(),
                  job.recipe().trainSizes().last(),
                  job.recipe().preprocessing().cropSize()));
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
              console.accept(epoch.summary(job.recipe().epochs()));
              trackers.epoch(epoch);
            });
    spark.sparkContext().addSparkListener(listener);
    try {
      List<Outcome> outcomes =
          new Attempts(spark, run.files().checkpoints(), settings.minWorkers(), console)
              .run(job.workers(), workers -> stage(job, plan(job, run, workers), accumulators));
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

  private List<Outcome> stage(TrainingJob job, WorkPlan plan, TrainAccumulators accumulators)
      throws Exception {
    TrainData data = job.data();
    Batching batching = plan.batching();
    return JobGroup.run(
        spark,
        "training %s on %,d images with %d workers"
            .formatted(job.network().name(), data.train().size(), batching.workers()),
        () ->
            BarrierStage.run(
                data.sharded(spark, batching, plan.recipe().seed()),
                new WorkerTask(plan, accumulators)));
  }

  private int threads() {
    return OctavoSession.executorCores(spark.sparkContext().conf())
        .orElseGet(() -> spark.sparkContext().conf().getInt("spark.task.cpus", 1));
  }
}
