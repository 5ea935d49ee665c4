package dev.octavo.train;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What an epoch came to: a row of {@code history.csv}.
 *
 * @param epoch from 1
 * @param trainLoss mean over the epoch's pictures, as they were seen (augmented, weights moving)
 * @param trainTop1 fraction of them that was recognised
 * @param valLoss mean over the val split after the epoch; NaN if that is empty
 * @param valTop1 fraction of it that was recognised; NaN if it is empty
 * @param imagesPerSecond trained on, all workers together
 * @param computeMillis per step: network and update
 * @param communicationMillis per step: exchange between the workers
 * @param waitMillis per step: waiting for decoded pictures
 */
public record Epoch(
    int epoch,
    double trainLoss,
    double trainTop1,
    double valLoss,
    double valTop1,
    double imagesPerSecond,
    double computeMillis,
    double communicationMillis,
    double waitMillis)
    implements Serializable {

  /** The first line of {@code history.csv}. */
  static final String CSV_HEADER =
      "epoch,train_loss,train_top1,val_loss,val_top1,images_per_second,compute_ms,communication_ms,wait_ms";

  String toCsv() {
    return String.format(
        Locale.ROOT,
        "%d,%.6f,%.6f,%.6f,%.6f,%.3f,%.3f,%.3f,%.3f",
        epoch,
        trainLoss,
        trainTop1,
        valLoss,
        valTop1,
        imagesPerSecond,
        computeMillis,
        communicationMillis,
        waitMillis);
  }

  /** The whole of {@code history.csv}. */
  static String csv(List<Epoch> history) {
    return Stream.concat(Stream.of(CSV_HEADER), history.stream().map(Epoch::toCsv))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** A line for people. */
  String summary(int epochs) {
    String val =
        Double.isNaN(valLoss)
            ? ""
            : String.format(Locale.ROOT, ", val loss %.4f top-1 %.2f %%", valLoss, 100 * valTop1);
    return String.format(
        Locale.ROOT,
        "epoch %d of %d: train loss %.4f top-1 %.2f %%%s; %.1f images/s (step: compute %.0f ms, communication %.0f ms, wait %.0f ms)",
        epoch,
        epochs,
        trainLoss,
        100 * trainTop1,
        val,
        imagesPerSecond,
        computeMillis,
        communicationMillis,
        waitMillis);
  }
}
