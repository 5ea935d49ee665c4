package dev.octavo.quantize;

import dev.octavo.TimeLeft;
import dev.octavo.dataset.EvaluationImages;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.program.CalibrationProgram;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.Layer;
import dev.octavo.tensor.Tensor;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A loaded {@link CalibrationProgram} that has seen the calibration images in one pass: the
 * histograms of activations, and what is known of the inputs of a network's convolutions.
 */
final class Calibrator implements AutoCloseable {
  /** Images at least that statistics are gathered on: some 6,000 patches of the last layers. */
  private static final int IMAGES = 128;

  private static final Tensor UNUSED = number(0);

  private final FoldedNetwork network;
  private final List<String> names;
  private final LoadedProgram program;

  /**
   * Runs the program over the images and takes it over.
   *
   * @param images in batches
   * @param number of the images
   * @param progress takes a line on progress now and then
   */
  Calibrator(
      FoldedNetwork network,
      LoadedProgram program,
      EvaluationImages images,
      int number,
      Consumer<String> progress) {
    this.network = network;
    this.program = program;
    this.names = network.graph().convolutions().stream().map(Layer::name).toList();
    Tensor every = number(Math.max(1, number / IMAGES));
    Pass pass = new Pass(number, progress);
    try {
      images.forEach(
          batch -> {
            program.run("observe", batch.images(), number(pass.batches), every);
            pass.seen(batch.labels().length);
          });
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  /** The progress of a pass over the images. */
  private static final class Pass {
    private static final long INTERVAL = Duration.ofSeconds(10).toNanos();

    private final int images;
    private final Consumer<String> progress;
    private final long start = System.nanoTime();
    private long told = start;
    private int seen;
    private int batches;

    Pass(int images, Consumer<String> progress) {
      this.images = images;
      this.progress = progress;
    }

    void seen(int batch) {
      batches++;
      seen += batch;
      long now = System.nanoTime();
      if (now - told >= INTERVAL && seen < images) {
        told = now;
        progress.accept(
            "observed %,d of %,d images%s"
                .formatted(seen, images, TimeLeft.words(seen, images - seen, now - start)));
      }
    }
  }

  private static Tensor number(int value) {
    return Tensor.of(new float[] {value}, 1);
  }

  /**
   * The histograms of all observed tensors, by node index.
   *
   * @param observed the program's tensors
   */
  Map<Integer, Histogram> histograms(List<CalibrationProgram.Observed> observed) {
    DoubleBuffer counts = program.run("histograms", UNUSED).get(0).bytes().asDoubleBuffer();
    DoubleBuffer ranges = program.run("ranges", UNUSED).get(0).bytes().asDoubleBuffer();
    Map<Integer, Histogram> histograms = new HashMap<>();
    for (CalibrationProgram.Observed tensor : observed) {
      double[] bins = new double[CalibrationProgram.BINS];
      counts.get(bins);
      double limit = ranges.get();
      double least = ranges.get();
      double greatest = ranges.get();
      double low = tensor.signed() ? -limit : 0;
      histograms.put(
          tensor.node(), new Histogram(tensor.name(), low, limit, least, greatest, bins));
    }
    return histograms;
  }

  /** The mean patch of every convolution, {@code [in * kernel * kernel]}. */
  Map<String, double[]> means() {
    Map<String, double[]> means = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      DoubleBuffer sums = program.run("sums", number(i)).get(0).bytes().asDoubleBuffer();
      double[] mean = new double[sums.remaining() - 1];
      sums.get(mean);
      double patches = sums.get();
      for (int k = 0; k < mean.length; k++) {
        mean[k] /= patches;
      }
      means.put(names.get(i), mean);
    }
    return means;
  }

  /**
   * The codes of every convolution's weights by each quantizer, in their order, rounded so that
   * errors make up for each other.
   */
  List<Map<String, byte[]>> round(List<WeightQuantizer> quantizers) {
    List<Map<String, byte[]>> codes =
        quantizers.stream().<Map<String, byte[]>>map(q -> new HashMap<>()).toList();
    float[] limits = new float[quantizers.size()];
    for (int v = 0; v < limits.length; v++) {
      limits[v] = quantizers.get(v).levels();
    }
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      FoldedNetwork.Conv conv = network.convolutions().get(name);
      int size = conv.weight().length;
      FloatBuffer weights = FloatBuffer.allocate(limits.length * size);
      quantizers.forEach(q -> weights.put(WeightQuantizer.inCodes(conv, q.scales(name, conv))));
      int channels = conv.bias().length;
      float[] rounded =
          program
              .run(
                  "round",
                  number(i),
                  Tensor.of(weights.array(), limits.length, channels, size / channels),
                  Tensor.of(limits, limits.length))
              .get(0)
              .toFloats();
      for (int v = 0; v < limits.length; v++) {
        byte[] bytes = new byte[size];
        for (int k = 0; k < size; k++) {
          bytes[k] = (byte) rounded[v * size + k];
        }
        codes.get(v).put(name, bytes);
      }
    }
    return codes;
  }

  @Override
  public void close() {
    program.close();
  }
}
