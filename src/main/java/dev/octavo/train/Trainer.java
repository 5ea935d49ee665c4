package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.program.FlatLayout;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.collective.CollectiveException;
import dev.octavo.spark.collective.Ring;
import dev.octavo.train.data.Batch;
import dev.octavo.train.data.BatchSource;
import dev.octavo.train.data.ShardStore;
import dev.octavo.train.data.Shards;
import dev.octavo.train.optim.Finite;
import dev.octavo.train.optim.ShardedOptimizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The training loop of one worker. All workers run it in step. */
final class Trainer {
  private final WorkPlan plan;
  private final Recipe recipe;
  private final Ring ring;
  private final Replica replica;
  private final ShardedOptimizer optimizer;
  private final UpdateGradient gradient;
  private final BatchSource source;
  private final List<ShardStore.Entry> train;
  private final List<ShardStore.Entry> val;
  private final RunFiles files;
  private final TrainAccumulators accumulators;
  private final MetricSums metrics;
  private final Stopwatch watch;
  private final WorkerState state;
  private TrainState trainState = TrainState.START;
  private long lastCheckpoint = System.nanoTime();

  Trainer(WorkPlan plan, Ring ring, WorkerResources resources, TrainAccumulators accumulators) {
    this.plan = plan;
    this.recipe = plan.recipe();
    this.ring = ring;
    this.replica = resources.replica();
    this.optimizer =
        new ShardedOptimizer(
            ring,
            replica.parameters(),
            replica.gradient(),
            plan.groups(),
            recipe.optimizer(),
            recipe.commDtype(),
            recipe.ema());
    this.source = resources.source();
    this.train = resources.store().taught();
    this.val = resources.store().split(DatasetSchema.VAL);
    this.files = resources.files();
    this.accumulators = accumulators;
    this.metrics = new MetricSums(plan.classes());
    this.watch = new Stopwatch(accumulators);
    this.gradient =
        new UpdateGradient(recipe, ring, replica, optimizer, accumulators, metrics, watch);
    this.state =
        new WorkerState(
            optimizer.state(),
            replica.buffers(),
            new TreeMap<>(Map.of("metrics", metrics.values(), "nanos", watch.nanos())));
  }

  /**
   * Trains from the last checkpoint, or from the start, to the end.
   *
   * @return finished, or stopped on all workers for the reason that one of them found
   */
  Outcome train() {
    try {
      restore();
      while (!trainState.ends(recipe)) {
        epoch();
      }
      return new Outcome.Finished(trainState);
    } catch (CollectiveException.Aborted e) {
      return new Outcome.Stopped(e.getMessage());
    } catch (NonFiniteException e) {
      ring.abort(e.getMessage());
      return new Outcome.Diverged(e.getMessage());
    } catch (OctavoException e) {
      ring.abort(e.getMessage());
      return new Outcome.Stopped(e.getMessage());
    } catch (DamagedFileException e) {
      String reason = e.getMessage() + ": --resume continues from the checkpoint before";
      ring.abort(reason);
      return new Outcome.Stopped(reason);
    } catch (IOException e) {
      String reason =
          "%s could not save or read its state: %s".formatted(ring.name(), e.getMessage());
      ring.abort(reason);
      return new Outcome.Stopped(reason);
    }
  }

  /** All workers go by the checkpoint that worker 0 finds. */
  private void restore() throws IOException {
    TrainState found = ring.rank() == 0 ? files.checkpoints().latest() : TrainState.START;
    double[] agreed = ring.broadcast((double) found.updates(), found.epoch());
    if (agreed[0] > 0) {
      trainState =
          files
              .checkpoints()
              .restore(
                  (long) agreed[0],
                  (int) agreed[1],
                  new Share(ring.rank(), ring.size(), plan.layout().parameterCount()),
                  state);
      replica.loadBuffers();
    }
    trainOn();
  }

  private void epoch() throws IOException {
    if (trainState.step() == 0) {
      metrics.clear();
      watch.clear();
    }
    BatchSource.Pass pass = remainingBatches();
    watch.start();
    while (trainState.step() < plan.steps()) {
      boolean checkpoint = step(pass);
      trainState = trainState.stepped();
      if (checkpoint) {
        checkpoint();
        watch.start();
      }
    }
    averageRunningStatistics();
    optimizer.gatherResult();
    requireFinite(plan.layout().parameters(), replica.parameters());
    if (plan.batchNorm() != BatchNorm.FROZEN) { // else they are as they were imported
      requireFinite(plan.layout().buffers(), replica.buffers());
    }
    replica.loadParameters();
    Epoch result = result(evaluate());
    trainState = trainState.ended(result);
    saveResult();
    trainOn();
    checkpoint();
    if (ring.rank() == 0) {
      accumulators.epoch(result);
    }
  }

  /** The batches that this worker has still to see in this epoch. */
  private BatchSource.Pass remainingBatches() {
    List<List<ShardStore.Entry>> batches =
        plan.batching()
            .cut(
                Shards.slots(
                    train, plan.batching(), recipe.repeats(), recipe.seed(), trainState.epoch()));
    int seen = Math.min(batches.size(), trainState.step() * recipe.accumulate());
    return source.training(batches.subList(seen, batches.size()), trainState.epoch(), seen);
  }

  /** One update; returns whether a checkpoint is due after it. */
  private boolean step(BatchSource.Pass pass) {
    double weight = gradient.compute(pass, trainState);
    long number = trainState.updates() + 1;
    boolean wanted = plan.checkpoints().due(number, (System.nanoTime() - lastCheckpoint) / 60e9);
    double[] sums = ring.sum(weight, wanted ? 1 : 0); // clocks differ: one worker is enough
    gradient.reduce(trainState);
    optimizer.updateSlice(optimizer.scale(sums[0]), learningRate(trainState.step()), number);
    watch.compute();
    optimizer.gatherForStep();
    watch.communication();
    replica.loadParameters();
    watch.compute();
    return sums[1] > 0;
  }

  private double learningRate(int step) {
    double progress = trainState.epoch() - 1 + (double) step / plan.steps();
    return recipe.optimizer().learningRate() * recipe.schedule().factor(progress, recipe.epochs());
  }

  /** Gives all workers the same running statistics: their mean, weighted by images. */
  private void averageRunningStatistics() {
    replica.readBuffers();
    if (recipe.batchNorm() != BatchNorm.LOCAL || ring.size() == 1) {
      return;
    }
    double weight = train.size() / ring.sum(train.size())[0];
    FloatBuffer statistics = replica.buffers().asFloatBuffer();
    for (int i = 0; i < statistics.limit(); i++) {
      statistics.put(i, (float) (statistics.get(i) * weight));
    }
    ring.allReduce(replica.buffers());
    replica.loadBuffers();
  }

  /** Evaluates the val split on all workers together. */
  private EvalMetrics evaluate() {
    BatchSource.Pass pass = source.evaluation(val);
    MetricSums own = new MetricSums(plan.classes());
    for (Optional<Batch> batch = pass.next(); batch.isPresent(); batch = pass.next()) {
      Replica.Scores scores = replica.evaluate(batch.get());
      for (int i = 0; i < scores.size(); i++) {
        own.add(batch.get().label(i), scores.loss(i), 1, scores.rank(i));
      }
    }
    MetricSums all = own.sumOver(ring);
    if (all.images() > 0 && !Double.isFinite(all.metrics().loss())) {
      throw nothingPublished("the loss on val is not finite");
    }
    return all.metrics();
  }

  /** Checks the tensors that would be evaluated, and then published. */
  private void requireFinite(List<FlatLayout.Entry> entries, ByteBuffer values) {
    if (Finite.all(values)) {
      return;
    }
    FloatBuffer floats = values.asFloatBuffer();
    for (FlatLayout.Entry entry : entries) {
      float[] tensor = new float[entry.length()];
      floats.get(entry.offset(), tensor);
      if (!Finite.all(tensor)) {
        throw nothingPublished("%s is not finite".formatted(entry.name()));
      }
    }
  }

  private NonFiniteException nothingPublished(String what) {
    return new NonFiniteException(
        "%s after epoch %d: nothing of it is published; a lower --learning-rate or more --warmup-epochs usually helps"
            .formatted(what, trainState.epoch()));
  }

  private Epoch result(EvalMetrics val) {
    MetricSums all = metrics.sumOver(ring);
    double[] times =
        ring.sum(watch.computeMillis(), watch.communicationMillis(), watch.waitMillis());
    double steps = (double) plan.steps() * ring.size();
    double seconds = (times[0] + times[1] + times[2]) / 1000 / ring.size();
    return EpochBuilder.builder()
        .epoch(trainState.epoch())
        .step(trainState.updates())
        .learningRate(learningRate(plan.steps() - 1))
        .train(all.metrics())
        .val(val)
        .imagesPerSecond((all.images() + all.unlabelled()) / seconds)
        .computeMillis(times[0] / steps)
        .communicationMillis(times[1] / steps)
        .waitMillis(times[2] / steps)
        .build();
  }

  /** Worker 0 writes the weights that were just evaluated, if they may be published. */
  private void saveResult() throws IOException {
    int epoch = trainState.epoch() - 1;
    int best = trainState.best().epoch();
    if (ring.rank() == 0 && (best == epoch || trainState.ends(recipe))) {
      files.saveResult(epoch, best, replica.parameters(), replica.buffers());
    }
  }

  /** Puts the weights that are trained back in place of those that were evaluated. */
  private void trainOn() {
    optimizer.gatherForStep();
    replica.loadParameters();
  }

  private void checkpoint() throws IOException {
    replica.readBuffers();
    files.checkpoints().save(ring, trainState, state);
    lastCheckpoint = System.nanoTime();
  }
}
