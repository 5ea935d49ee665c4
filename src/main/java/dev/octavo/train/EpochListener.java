package dev.octavo.train;

import dev.octavo.spark.ScalaCollections;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import scala.Tuple4;
import scala.collection.Seq;

/** Passes epochs on, on the driver, as the heartbeats bring them; each once, in order. */
final class EpochListener extends SparkListener {
  private final long accumulatorId;
  private final Consumer<Epoch> epochs;
  private int passedOn;

  EpochListener(EpochAccumulator accumulator, Consumer<Epoch> epochs) {
    this.accumulatorId = accumulator.id();
    this.epochs = epochs;
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate event) {
    for (Tuple4<?, ?, ?, ? extends Seq<AccumulableInfo>> task :
        ScalaCollections.asJava(event.accumUpdates())) {
      for (AccumulableInfo info : ScalaCollections.asJava(task._4())) {
        if (info.id() == accumulatorId && info.update().isDefined()) {
          @SuppressWarnings("unchecked") // the type of EpochAccumulator.value
          List<Epoch> update = (List<Epoch>) info.update().get();
          passOn(update);
        }
      }
    }
  }

  /** An attempt that continues from a checkpoint brings only the epochs after it. */
  synchronized void passOn(List<Epoch> history) {
    for (Epoch epoch : history) {
      if (epoch.epoch() > passedOn) {
        passedOn = epoch.epoch();
        epochs.accept(epoch);
      }
    }
  }
}
