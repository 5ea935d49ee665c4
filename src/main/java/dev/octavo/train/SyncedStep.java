package dev.octavo.train;

import dev.octavo.engine.LoadedProgram;
import dev.octavo.program.FlatLayout;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The step of a program with {@link BatchNorm#SYNC}: segments, between which workers add up sums.
 */
final class SyncedStep implements Replica.Step {
  private final LoadedProgram program;
  private final List<Integer> forward = new ArrayList<>();
  private final List<Integer> backward = new ArrayList<>();

  SyncedStep(LoadedProgram program, FlatLayout layout) {
    this.program = program;
    for (FlatLayout.Entry entry : layout.buffers()) {
      if (entry.name().endsWith(".running_mean")) {
        forward.add(2 * entry.length() + 1);
        backward.add(0, 2 * entry.length());
      }
    }
  }

  @Override
  public void run(List<Tensor> inputs, List<ByteBuffer> outputs, Reducer reducer) {
    List<double[]> statistics = new ArrayList<>();
    List<Tensor> arguments = inputs;
    int cuts = forward.size() + backward.size();
    for (int i = 0; i < cuts; i++) {
      Tensor terms = program.run("step_" + i, arguments.toArray(Tensor[]::new)).get(0);
      double[] sums = reducer.sum(doubles(terms));
      if (i < forward.size()) {
        statistics.add(sums);
      }
      arguments = List.of(vector(List.of(sums)));
    }
    program.run("step_" + cuts, arguments, outputs);
    updateStatistics(statistics);
  }

  /** Adds nothing to the sums, but moves the running statistics by them. */
  @Override
  public void runEmpty(Reducer reducer) {
    List<double[]> statistics = new ArrayList<>();
    forward.forEach(length -> statistics.add(reducer.sum(new double[length])));
    backward.forEach(length -> reducer.sum(new double[length]));
    updateStatistics(statistics);
  }

  private void updateStatistics(List<double[]> sums) {
    if (!sums.isEmpty()) {
      program.run("update_statistics", vector(sums));
    }
  }

  private static double[] doubles(Tensor tensor) {
    double[] values = new double[Math.toIntExact(tensor.elements())];
    tensor.bytes().asDoubleBuffer().get(values);
    return values;
  }

  private static Tensor vector(List<double[]> parts) {
    int length = parts.stream().mapToInt(part -> part.length).sum();
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (double[] part : parts) {
      for (double value : part) {
        bytes.putDouble(value);
      }
    }
    return Tensor.of(DType.FLOAT64, new long[] {length}, bytes.flip());
  }
}
