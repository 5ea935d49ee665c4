package dev.octavo.latency;

import dev.octavo.metrics.Quantiles;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * Times several models against each other in rounds: in each round every model gets its turn, so
 * that a machine that grows slower or faster in the meantime does so for all of them and their
 * ratios hold.
 */
public final class AlternatingBenchmark {
  /** The least number of calls that a median is taken of. */
  public static final int MIN_CALLS = 5;

  /** Calls before the clock starts: the first of a shape makes oneDNN build its kernels. */
  public static final int WARM_UP_CALLS = 2;

  private final LongSupplier nanoTime;
  private final Duration perSubject;

  /**
   * A benchmark on the system's clock.
   *
   * @param perSubject how long to measure each model at each batch size, at least five calls
   */
  public AlternatingBenchmark(Duration perSubject) {
    this(perSubject, System::nanoTime);
  }

  public AlternatingBenchmark(Duration perSubject, LongSupplier nanoTime) {
    this.perSubject = perSubject;
    this.nanoTime = nanoTime;
  }

  /** Runs a model on {@code uint8 [N, H, W, 3]} pixels. */
  @FunctionalInterface
  public interface Forward {
    /** One call; what it computes is not looked at. */
    void run(Tensor pixels);
  }

  /**
   * The models and sizes to time.
   *
   * @param model its name
   * @param precision as in {@code int8}
   * @param imageSize height and width of its input
   * @param forward the model
   */
  public record Subject(String model, String precision, int imageSize, Forward forward) {}

  /** The machine and the number of threads of a measurement. */
  public record Machine(int threads, List<String> cpuFeatures) {}

  /** One row per batch size and subject, in that order. */
  public List<LatencyRow> measure(
      List<Subject> subjects, List<Integer> batchSizes, Machine machine) {
    List<LatencyRow> rows = new ArrayList<>();
    for (int batchSize : batchSizes) {
      List<List<Double>> samples = samples(subjects, batchSize);
      for (int i = 0; i < subjects.size(); i++) {
        Quantiles millis =
            Quantiles.of(samples.get(i).stream().mapToDouble(Double::doubleValue).toArray());
        rows.add(
            LatencyRowBuilder.builder()
                .model(subjects.get(i).model())
                .precision(subjects.get(i).precision())
                .batchSize(batchSize)
                .threads(machine.threads())
                .cpuFeatures(machine.cpuFeatures())
                .msPerImage(millis.median())
                .imagesPerSecond(1000 / millis.median())
                .p10(millis.at(0.1))
                .p90(millis.at(0.9))
                .build());
      }
    }
    return rows;
  }

  /** Milliseconds per image of each call, per subject. */
  private List<List<Double>> samples(List<Subject> subjects, int batchSize) {
    List<List<Double>> samples = new ArrayList<>();
    List<Tensor> inputs = new ArrayList<>();
    for (Subject subject : subjects) {
      Tensor pixels = noise(batchSize, subject.imageSize());
      for (int call = 0; call < WARM_UP_CALLS; call++) {
        subject.forward().run(pixels);
      }
      inputs.add(pixels);
      samples.add(new ArrayList<>());
    }
    long[] spent = new long[subjects.size()];
    boolean more = true;
    while (more) {
      more = false;
      for (int i = 0; i < subjects.size(); i++) {
        // A slow model is not called more often than its time allows; the fast ones go on.
        if (spent[i] >= perSubject.toNanos() && samples.get(i).size() >= MIN_CALLS) {
          continue;
        }
        long start = nanoTime.getAsLong();
        subjects.get(i).forward().run(inputs.get(i));
        long nanos = nanoTime.getAsLong() - start;
        spent[i] += nanos;
        samples.get(i).add(nanos / 1e6 / batchSize);
        more = true;
      }
    }
    return samples;
  }

  /** Random pixels: the time does not depend on them, but all zeros might be a special case. */
  private static Tensor noise(int batchSize, int imageSize) {
    byte[] bytes = new byte[batchSize * imageSize * imageSize * 3];
    new Random(17).nextBytes(bytes);
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    return Tensor.of(DType.UINT8, new long[] {batchSize, imageSize, imageSize, 3}, direct);
  }
}
