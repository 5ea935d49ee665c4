package dev.octavo.train;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The figures of an epoch: a row of {@code history.csv}.
 *
 * @param epoch from 1
 * @param step updates done since the start of training
 * @param learningRate of the last step, for what starts fresh
 * @param train over the epoch's images, as they were seen: augmented, smoothed, weights moving
 * @param val over the val split after the epoch, plain cross-entropy; NaN if the split is empty
 * @param imagesPerSecond trained on, all workers together
 * @param computeMillis per step: network and update
 * @param communicationMillis per step: exchange between the workers
 * @param waitMillis per step: waiting for decoded images
 */
@RecordBuilder
public record Epoch(
    int epoch,
    long step,
    double learningRate,
    EvalMetrics train,
    EvalMetrics val,
    double imagesPerSecond,
    double computeMillis,
    double communicationMillis,
    double waitMillis)
    implements Serializable {

  /** The figures by the names that trackers know them under. */
  Map<String, Double> scalars() {
    Map<String, Double> map = new LinkedHashMap<>();
    put(map, "train", train);
    put(map, "val", val);
    map.put("learning_rate", learningRate);
    map.put("images_per_second", imagesPerSecond);
    map.put("time/compute_ms", computeMillis);
    map.put("time/communication_ms", communicationMillis);
    map.put("time/wait_ms", waitMillis);
    return map;
  }

  private static void put(Map<String, Double> map, String split, EvalMetrics measures) {
    map.put(split + "/loss", measures.loss());
    map.put(split + "/top1", measures.top1());
    map.put(split + "/top5", measures.top5());
    map.put(split + "/mean_per_class", measures.meanPerClass());
  }

  /** The whole of {@code history.csv}. */
  static String csv(List<Epoch> history) {
    Stream<String> header =
        Stream.concat(
            Stream.of("epoch,step"), // the same names, as CSV has them
            history.get(0).scalars().keySet().stream().map(Epoch::column));
    return Stream.concat(
            Stream.of(header.collect(Collectors.joining(","))), history.stream().map(Epoch::toCsv))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String column(String scalar) {
    return scalar.replace("time/", "").replace('/', '_');
  }

  private String toCsv() {
    return scalars().values().stream()
        .map(value -> String.format(Locale.ROOT, "%.6g", value))
        .collect(Collectors.joining(",", epoch + "," + step + ",", ""));
  }

  /** A line for people. */
  String summary(int epochs) {
    return String.format(
        Locale.ROOT,
        "epoch %d of %d: train loss %.4f top-1 %.2f %%%s; rate %.2g; %.1f images/s (step: compute %.0f ms, communication %.0f ms, wait %.0f ms)",
        epoch,
        epochs,
        train.loss(),
        100 * train.top1(),
        valSummary(),
        learningRate,
        imagesPerSecond,
        computeMillis,
        communicationMillis,
        waitMillis);
  }

  private String valSummary() {
    return Double.isNaN(val.loss())
        ? ""
        : String.format(
            Locale.ROOT,
            ", val loss %.4f top-1 %.2f %% top-5 %.2f %% mean per class %.2f %%",
            val.loss(),
            100 * val.top1(),
            100 * val.top5(),
            100 * val.meanPerClass());
  }
}
