package dev.octavo.quantize;

import dev.octavo.program.CalibrationProgram;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** How long each method takes to choose the range of one tensor; ResNet-50 has 53. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class RangeMethodBenchmark {
  /** The method. */
  @Param public RangeMethod method;

  private final Histogram histogram = bell();

  private static Histogram bell() {
    double[] counts = new double[CalibrationProgram.BINS];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = Math.rint(1e6 * Math.exp(-Math.pow(i / 256.0, 2)));
    }
    return new Histogram("conv1", 0, 8, 0, 8, counts);
  }

  /** Chooses a range. */
  @Benchmark
  public Range range() {
    return method.range(histogram);
  }
}
