package dev.octavo.inference;

import dev.octavo.inference.ImageItem.Bytes;
import dev.octavo.inference.ImageItem.Loaded;
import dev.octavo.spark.BarrierStage;
import dev.octavo.spark.JvmResource;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;

/**
 * How fast the executors of a session go through one phase of scoring alone, all at the same time,
 * in the very buffers, threads and models that scoring uses. Files are read into memory before.
 */
public final class PhaseRates {
  private static final Duration WARM_UP = Duration.ofSeconds(1);

  /** Spark's barrier lets its tasks go within a second. */
  private static final long START_AFTER_MILLIS = 1_500;

  private final SparkSession spark;
  private final Broadcast<InferencePlan> plan;
  private final List<String> files;
  private final Duration time;

  /**
   * Rates over some files.
   *
   * @param time how long to measure each phase, at least one pass over the files
   */
  public PhaseRates(
      SparkSession spark, Broadcast<InferencePlan> plan, List<Path> files, Duration time) {
    this.spark = spark;
    this.plan = plan;
    this.files = files.stream().map(Path::toString).toList();
    this.time = time;
  }

  /** What is timed: goes once over the images in memory. */
  private interface Phase extends Serializable {
    /** Returns how many images that were. */
    int pass(ModelSet models, Batch batch, List<Loaded> images, InferencePlan plan);
  }

  /** Images per second that are decoded and resized, on all executors together. */
  public double decode() {
    return measure(PhaseRates::decodeAll);
  }

  /** Images per second that go through the model, on all executors together. */
  public double infer() {
    return measure(PhaseRates::inferBatch);
  }

  private static int decodeAll(
      ModelSet models, Batch batch, List<Loaded> images, InferencePlan plan) {
    for (int from = 0; from < images.size(); from += plan.models().batchSize()) {
      fill(batch, images, from);
    }
    return images.size();
  }

  private static int inferBatch(
      ModelSet models, Batch batch, List<Loaded> images, InferencePlan plan) {
    List<String> unknown = Collections.nCopies(batch.size(), null);
    models.models().forEach(model -> model.predict(batch, unknown, plan.outputs()));
    return batch.rows();
  }

  private static void fill(Batch batch, List<Loaded> images, int from) {
    batch.clear();
    batch.add(images.subList(from, Math.min(images.size(), from + batch.room())));
  }

  private double measure(Phase phase) {
    int workers = BarrierStage.workers(spark, OptionalInt.empty());
    JavaRDD<Integer> partitions =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(IntStream.range(0, workers).boxed().toList(), workers);
    Broadcast<InferencePlan> shared = plan;
    List<String> paths = files;
    Duration duration = time;
    // Every core takes the mean time for an image, over the same images.
    double secondsPerImage =
        BarrierStage.run(
                partitions,
                (task, rows) -> secondsPerImage(task, shared.value(), paths, duration, phase))
            .stream()
            .mapToDouble(Double::doubleValue)
            .average()
            .orElseThrow();
    return workers / secondsPerImage;
  }

  private static double secondsPerImage(
      BarrierTaskContext task, InferencePlan plan, List<String> files, Duration time, Phase phase)
      throws IOException, InterruptedException {
    List<Loaded> images =
        read(files, task.partitionId() * files.size() / task.getTaskInfos().length);
    try (JvmResource.Lease<ModelSet> lease = ModelSet.borrow(plan, task.cpus())) {
      ModelSet models = lease.resource();
      Batch batch = models.borrowBatch();
      fill(batch, images, 0);
      repeat(phase, models, batch, images, plan, WARM_UP);
      startTogether(task);
      double result = repeat(phase, models, batch, images, plan, time);
      models.giveBack(batch);
      return result;
    }
  }

  private static double repeat(
      Phase phase,
      ModelSet models,
      Batch batch,
      List<Loaded> images,
      InferencePlan plan,
      Duration time) {
    long start = System.nanoTime();
    long done = 0;
    long elapsed;
    do {
      done += phase.pass(models, batch, images, plan);
      elapsed = System.nanoTime() - start;
    } while (elapsed < time.toNanos());
    return elapsed / 1e9 / done;
  }

  private static void startTogether(BarrierTaskContext task) throws InterruptedException {
    String[] arrivals = task.allGather(String.valueOf(System.currentTimeMillis()));
    long start =
        Arrays.stream(arrivals).mapToLong(Long::parseLong).max().orElseThrow() + START_AFTER_MILLIS;
    Thread.sleep(Math.max(0, start - System.currentTimeMillis()));
  }

  /** Each task begins elsewhere, so that they are not at the same image at the same time. */
  private static List<Loaded> read(List<String> files, int first) throws IOException {
    List<Loaded> images = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      String file = files.get((first + i) % files.size());
      images.add(new Bytes(Files.readAllBytes(Path.of(file))));
    }
    return images;
  }
}
