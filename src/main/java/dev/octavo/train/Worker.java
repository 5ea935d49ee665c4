package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.collective.CollectiveException;
import dev.octavo.spark.collective.Ring;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The training loop of one worker. All workers run it in step. */
final class Worker {
  private final WorkPlan plan;
  private final Recipe recipe;
  private final Ring ring;
  private final Replica replica;
  private final SliceUpdate update;
  private final BatchLoader loader;
  private final List<ShardStore.Entry> train;
  private final List<ShardStore.Entry> val;

  Worker(WorkPlan plan, Ring ring, Replica replica, ShardStore store, BatchLoader loader) {
    this.plan = plan;
    this.recipe = plan.recipe();
    this.ring = ring;
    this.replica = replica;
    this.update = new SliceUpdate(ring, replica, plan.groups(), recipe.optimizer().momentum());
    this.loader = loader;
    this.train = store.split(DatasetSchema.TRAIN);
    this.val = store.split(DatasetSchema.VAL);
  }

  /**
   * Trains for all epochs.
   *
   * @param report called by worker 0 after each epoch
   * @return finished, or stopped on all workers for the reason that one of them found
   */
  Outcome train(Consumer<Epoch> report) {
    List<Epoch> history = new ArrayList<>();
    try {
      for (int epoch = 1; epoch <= recipe.epochs(); epoch++) {
        Epoch result = epoch(epoch);
        history.add(result);
        if (ring.rank() == 0) {
          report.accept(result);
        }
      }
      return new Outcome.Finished(List.copyOf(history));
    } catch (CollectiveException.Aborted e) {
      return new Outcome.Stopped(e.getMessage());
    } catch (OctavoException e) {
      ring.abort(e.getMessage());
      return new Outcome.Stopped(e.getMessage());
    }
  }

  private Epoch epoch(int epoch) {
    List<ShardStore.Entry> order =
        Shards.order(train.size(), recipe.seed(), epoch, ring.rank()).stream()
            .map(train::get)
            .toList();
    BatchLoader.Pass pass = loader.training(order, recipe.seed(), epoch);
    LearningRateSchedule schedule = recipe.schedule();
    Stopwatch watch = new Stopwatch();
    double[] totals = new double[3];
    for (int step = 0; step < plan.steps(); step++) {
      double progress = epoch - 1 + (double) step / plan.steps();
      double rate = recipe.optimizer().learningRate() * schedule.factor(progress);
      double[] sums = step(pass, rate, epoch, step + 1, watch);
      for (int i = 0; i < totals.length; i++) {
        totals[i] += sums[i];
      }
    }
    averageRunningStatistics();
    double[] valSums = evaluate();
    double[] times =
        ring.sum(watch.computeMillis(), watch.communicationMillis(), watch.waitMillis());
    double steps = (double) plan.steps() * ring.size();
    double seconds = (times[0] + times[1] + times[2]) / 1000 / ring.size();
    return new Epoch(
        epoch,
        totals[0] / totals[2],
        totals[1] / totals[2],
        valSums[0] / valSums[2],
        valSums[1] / valSums[2],
        totals[2] / seconds,
        times[0] / steps,
        times[1] / steps,
        times[2] / steps);
  }

  /** One step; returns loss, hits and number of pictures, summed over the workers. */
  private double[] step(
      BatchLoader.Pass pass, double learningRate, int epoch, int step, Stopwatch watch) {
    Optional<Batch> batch = pass.next();
    watch.waiting();
    Replica.Sums own =
        batch.map(b -> replica.step(b, ring::sum)).orElseGet(() -> replica.emptyStep(ring::sum));
    refuseNonFinite(own, epoch, step);
    watch.compute();
    double[] sums = ring.sum(own.loss(), own.top1(), batch.map(Batch::size).orElse(0));
    update.reduceGradient();
    watch.communication();
    if (!update.isFinite()) {
      throw nonFinite("the sum of the workers' gradients", epoch, step);
    }
    update.updateSlice(sums[2], learningRate);
    watch.compute();
    update.gatherParameters();
    watch.communication();
    replica.loadParameters();
    watch.compute();
    return sums;
  }

  private void refuseNonFinite(Replica.Sums own, int epoch, int step) {
    if (!Double.isFinite(own.loss())) {
      throw nonFinite("the loss", epoch, step);
    }
    if (!Finite.all(replica.gradient())) {
      throw nonFinite("the gradient", epoch, step);
    }
  }

  private OctavoException nonFinite(String what, int epoch, int step) {
    return new OctavoException(
        "%s is not finite in epoch %d, step %d, on %s: nothing was updated; a lower --learning-rate or more --warmup-epochs usually helps"
            .formatted(what, epoch, step, ring.name()));
  }

  /** Gives all workers the same running statistics: their mean, weighted by pictures. */
  private void averageRunningStatistics() {
    if (recipe.batchNorm() != BatchNorm.LOCAL || ring.size() == 1) {
      return;
    }
    double weight = train.size() / ring.sum(train.size())[0];
    replica.readBuffers();
    FloatBuffer statistics = replica.buffers().asFloatBuffer();
    for (int i = 0; i < statistics.limit(); i++) {
      statistics.put(i, (float) (statistics.get(i) * weight));
    }
    ring.allReduce(replica.buffers());
    replica.loadBuffers();
  }

  /** Loss, hits and number of pictures of the val split. */
  private double[] evaluate() {
    BatchLoader.Pass pass = loader.evaluation(val);
    double[] own = new double[3];
    for (Optional<Batch> batch = pass.next(); batch.isPresent(); batch = pass.next()) {
      Replica.Sums sums = replica.evaluate(batch.get()).sums();
      own[0] += sums.loss();
      own[1] += sums.top1();
      own[2] += batch.get().size();
    }
    return ring.sum(own);
  }
}
