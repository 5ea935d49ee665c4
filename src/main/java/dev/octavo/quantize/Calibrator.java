package dev.octavo.quantize;

import dev.octavo.engine.LoadedProgram;
import dev.octavo.program.CalibrationProgram;
import dev.octavo.tensor.Tensor;
import java.nio.DoubleBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs a calibration program over images and reads its histograms. */
final class Calibrator {
  private static final Tensor UNUSED = Tensor.of(new float[1], 1);

  private Calibrator() {}

  /**
   * The histograms of all observed tensors, by node index.
   *
   * @param program a loaded {@link CalibrationProgram}
   * @param observed its tensors
   */
  static Map<Integer, Histogram> observe(
      LoadedProgram program, List<CalibrationProgram.Observed> observed, EvaluationImages images) {
    images.forEach(batch -> program.run("observe", batch.images()));
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
}
