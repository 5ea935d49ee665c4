package dev.octavo.train;

import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * Accumulators through which the driver and the Spark UI see a training stage while it runs.
 *
 * @param epochs the history so far, from worker 0
 * @param images trained on, all workers together
 * @param computeMillis spent on computing, all workers together
 * @param communicationMillis spent on the exchange
 * @param waitMillis spent on waiting for images
 */
record TrainAccumulators(
    EpochAccumulator epochs,
    LongAccumulator images,
    DoubleAccumulator computeMillis,
    DoubleAccumulator communicationMillis,
    DoubleAccumulator waitMillis)
    implements Serializable {

  /** The accumulators of a stage to come. */
  static TrainAccumulators register(SparkContext context) {
    EpochAccumulator epochs = new EpochAccumulator();
    context.register(epochs, "epochs");
    return new TrainAccumulators(
        epochs,
        context.longAccumulator("images"),
        context.doubleAccumulator("compute ms"),
        context.doubleAccumulator("communication ms"),
        context.doubleAccumulator("wait ms"));
  }

  void epoch(Epoch epoch) {
    epochs.add(epoch);
  }

  void images(int count) {
    images.add((long) count);
  }

  void computed(double millis) {
    computeMillis.add(millis);
  }

  void communicated(double millis) {
    communicationMillis.add(millis);
  }

  void waited(double millis) {
    waitMillis.add(millis);
  }
}
