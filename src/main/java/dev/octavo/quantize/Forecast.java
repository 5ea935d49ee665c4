package dev.octavo.quantize;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.Engine;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.latency.AlternatingBenchmark;
import dev.octavo.latency.AlternatingBenchmark.Machine;
import dev.octavo.latency.AlternatingBenchmark.Subject;
import dev.octavo.latency.LatencyRow;
import dev.octavo.program.Precision;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A forecast of what int8 will gain on this CPU, before the work: the float program is timed beside
 * an int8 program of the same shape, whose ranges are made up. The speed of integer arithmetic does
 * not depend on the values.
 *
 * @param floatMillis an image, in fp32
 * @param int8Millis an image
 * @param threads that a program uses
 */
record Forecast(double floatMillis, double int8Millis, int threads) {
  /** A gain of less is lost in the noise of a machine, or to the decoding of images. */
  static final double WORTHWHILE = 1.2;

  private static final int BATCH = 16;

  /**
   * Times both.
   *
   * @param floatLayers that will stay float, by name
   * @param perProgram how long each is timed
   */
  static Forecast measure(NetworkQuantizer quantizer, Set<String> floatLayers, Duration perProgram)
      throws IOException {
    try (InferenceProgram fp32 = NetworkQuantizer.load(quantizer.floatProgram());
        InferenceProgram int8 =
            NetworkQuantizer.load(quantizer.evaluated(quantizer.ofSameShape(floatLayers)))) {
      int size = quantizer.imageSize();
      List<LatencyRow> rows =
          new AlternatingBenchmark(perProgram)
              .measure(
                  List.of(
                      new Subject("float", Precision.FP32.id(), size, fp32::forward),
                      new Subject("int8", Precision.INT8.id(), size, int8::forward)),
                  List.of(BATCH),
                  new Machine(Engine.threads(), CpuFeatures.current().names()));
      return new Forecast(
          rows.get(0).msPerImage(), rows.get(1).msPerImage(), rows.get(0).threads());
    }
  }

  /** The speed of int8 as a multiple of that of fp32. */
  double gain() {
    return floatMillis / int8Millis;
  }

  /** The forecast in words. */
  String line() {
    String gain =
        "forecast for this CPU (%d threads, batch %d): fp32 %.2f ms an image, int8 %.2f, %.1f times as fast"
            .formatted(threads, BATCH, floatMillis, int8Millis, gain());
    return gain() >= WORTHWHILE
        ? gain
        : gain
            + "; here int8 will not pay: it makes the file a quarter as large, and no scoring faster";
  }
}
