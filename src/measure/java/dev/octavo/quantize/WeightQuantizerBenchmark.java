package dev.octavo.quantize;

import dev.octavo.network.Activation;
import dev.octavo.network.BatchNorm;
import dev.octavo.network.Geometry;
import dev.octavo.network.Node;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.QuantizedNetwork;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The largest convolution of a ResNet-50, 512 channels of 512 * 3 * 3 weights, and its bias. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class WeightQuantizerBenchmark {
  private static final Node.Conv GEOMETRY =
      new Node.Conv(
          "conv", BatchNorm.of("bn"), Node.PIXELS, 512, 512, Geometry.of(3, 1), Activation.NONE);

  private static final int CHANNELS = 512;
  private static final int PER_CHANNEL = 512 * 9;

  private final WeightQuantizer quantizer = new WeightQuantizer(8);
  private final FoldedNetwork.Conv conv;
  private final QuantizedNetwork.Conv rounded;
  private final double[] mean = new double[PER_CHANNEL];

  /** Random weights. */
  public WeightQuantizerBenchmark() {
    Random random = new Random(17);
    float[] weight = new float[CHANNELS * PER_CHANNEL];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < PER_CHANNEL; i++) {
      mean[i] = random.nextDouble();
    }
    conv = new FoldedNetwork.Conv(weight, new float[CHANNELS]);
    rounded = quantizer.quantize("conv", conv);
  }

  /** Scales and codes. */
  @Benchmark
  public QuantizedNetwork.Conv quantize() {
    return quantizer.quantize("conv", conv);
  }

  /** The corrected bias. */
  @Benchmark
  public float[] correctBias() {
    return BiasCorrection.of(GEOMETRY, conv, rounded, mean);
  }
}
