package dev.octavo.train;

import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import scala.Tuple4;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** Prints epochs on the driver as the heartbeats bring them. */
final class EpochPrinter extends SparkListener {
  private final long accumulatorId;
  private final int epochs;
  private final Consumer<String> console;
  private int attempt = -1;
  private int printed;

  EpochPrinter(EpochAccumulator accumulator, int epochs, Consumer<String> console) {
    this.accumulatorId = accumulator.id();
    this.epochs = epochs;
    this.console = console;
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate event) {
    for (Tuple4<Object, Object, Object, Seq<AccumulableInfo>> task :
        JavaConverters.seqAsJavaList(event.accumUpdates())) {
      for (AccumulableInfo info : JavaConverters.seqAsJavaList(task._4())) {
        if (info.id() == accumulatorId && info.update().isDefined()) {
          @SuppressWarnings("unchecked") // the type of EpochAccumulator.value
          List<Epoch> update = (List<Epoch>) info.update().get();
          print((Integer) task._3(), update);
        }
      }
    }
  }

  /** The whole history, when the stage is done. */
  void finish(List<Epoch> history) {
    print(attempt, history);
  }

  private synchronized void print(int fromAttempt, List<Epoch> history) {
    if (fromAttempt < attempt) {
      return; // a late heartbeat of an attempt that failed
    }
    if (fromAttempt > attempt) {
      if (attempt >= 0) {
        console.accept(
            "a worker was lost: training started again (attempt %d)".formatted(fromAttempt + 1));
      }
      attempt = fromAttempt;
      printed = 0;
    }
    for (; printed < history.size(); printed++) {
      console.accept(history.get(printed).summary(epochs));
    }
  }
}
