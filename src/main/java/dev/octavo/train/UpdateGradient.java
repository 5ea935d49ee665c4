package dev.octavo.train;

import dev.octavo.spark.collective.Ring;
import dev.octavo.train.data.Batch;
import dev.octavo.train.data.BatchSource;
import dev.octavo.train.optim.Finite;
import dev.octavo.train.optim.GradientSum;
import dev.octavo.train.optim.ShardedOptimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The gradient of an update: of a worker's batches, then of all workers. */
final class UpdateGradient {
  private final Recipe recipe;
  private final Ring ring;
  private final Replica replica;
  private final ShardedOptimizer optimizer;
  private final GradientSum accumulated;
  private final TrainAccumulators accumulators;
  private final MetricSums metrics;
  private final Stopwatch watch;

  /**
   * A gradient that is computed again and again.
   *
   * @param metrics get what the network answers
   * @param watch gets the times
   */
  UpdateGradient(
      Recipe recipe,
      Ring ring,
      Replica replica,
      ShardedOptimizer optimizer,
      TrainAccumulators accumulators,
      MetricSums metrics,
      Stopwatch watch) {
    this.recipe = recipe;
    this.ring = ring;
    this.replica = replica;
    this.optimizer = optimizer;
    this.accumulated = GradientSum.of(recipe.accumulate(), replica.gradient());
    this.accumulators = accumulators;
    this.metrics = metrics;
    this.watch = watch;
  }

  /**
   * Computes the gradient of this worker's next batches, with SAM at weights up the slope. All
   * workers call this together.
   *
   * @return the weight of the images in the mean
   * @throws NonFiniteException if a loss or the gradient isn't finite
   */
  double compute(BatchSource.Pass pass, TrainState trainState) {
    List<Optional<Replica.Inputs>> batches = new ArrayList<>();
    double weight = 0;
    for (int i = 0; i < recipe.accumulate(); i++) {
      Optional<Batch> batch = pass.next();
      watch.waiting();
      Optional<Replica.Inputs> inputs = batch.map(replica::inputs);
      Optional<Replica.Scores> scores = add(inputs);
      if (scores.isPresent()) {
        weight += count(batch.get(), scores.get(), trainState);
      }
      batches.add(inputs);
      watch.compute();
    }
    take(trainState);
    if (recipe.samRho() > 0) {
      lookUphill(batches, trainState);
    }
    return weight;
  }

  /**
   * Sums the gradients over the workers, to each the slice that it updates.
   *
   * @throws NonFiniteException if the sum isn't finite
   */
  void reduce(TrainState trainState) {
    optimizer.reduceGradient();
    watch.communication();
    if (!optimizer.isFinite()) {
      throw nonFinite("the sum of the workers' gradients", trainState);
    }
  }

  /**
   * Replaces the gradient by that of the same batches at weights up the slope. Batch norm's running
   * statistics stay as the first pass left them.
   */
  private void lookUphill(List<Optional<Replica.Inputs>> batches, TrainState trainState) {
    replica.readBuffers();
    reduce(trainState);
    optimizer.gatherUphill(recipe.samRho());
    watch.communication();
    replica.loadParameters();
    batches.forEach(this::add);
    take(trainState);
    replica.loadBuffers();
    watch.compute();
  }

  /** Adds the gradient of a batch, or takes part in the others' step without images. */
  private Optional<Replica.Scores> add(Optional<Replica.Inputs> inputs) {
    Optional<Replica.Scores> scores = inputs.map(i -> replica.step(i, ring::sum));
    if (scores.isEmpty()) {
      replica.emptyStep(ring::sum);
    }
    accumulated.add();
    return scores;
  }

  /** Puts the sum over the batches where it is exchanged. */
  private void take(TrainState trainState) {
    accumulated.take();
    if (!Finite.all(replica.gradient())) {
      throw nonFinite("the gradient", trainState);
    }
    watch.compute();
  }

  /** Counts what the network answered; returns the weight of the images in the mean. */
  private double count(Batch batch, Replica.Scores scores, TrainState trainState) {
    double weight = 0;
    for (int i = 0; i < scores.size(); i++) {
      if (!Double.isFinite(scores.loss(i))) {
        throw nonFinite("the loss", trainState);
      }
      metrics.add(batch.label(i), scores.loss(i), batch.weight(i), scores.rank(i));
      weight += batch.weight(i);
    }
    accumulators.images(scores.size());
    return weight;
  }

  private NonFiniteException nonFinite(String what, TrainState trainState) {
    return new NonFiniteException(
        "%s is not finite in epoch %d, step %d, on %s: nothing was updated; a lower --learning-rate or more --warmup-epochs usually helps"
            .formatted(what, trainState.epoch(), trainState.step() + 1, ring.name()));
  }
}
