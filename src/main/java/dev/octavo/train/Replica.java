package dev.octavo.train;

import dev.octavo.engine.LoadedProgram;
import dev.octavo.program.FlatLayout;
import dev.octavo.weights.DType;
import dev.octavo.weights.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A worker's copy of the network in libtorch, with the flat vectors through which it is read and
 * changed, in direct buffers that are allocated once.
 */
final class Replica implements AutoCloseable {
  private static final Tensor UNUSED = Tensor.of(new float[1], 1);

  /**
   * What a batch came to.
   *
   * @param loss sum over the pictures
   * @param correct number of pictures recognised
   */
  record Sums(double loss, double correct) {}

  private final LoadedProgram program;
  private final ByteBuffer parameters;
  private final ByteBuffer gradient;
  private final ByteBuffer buffers;
  private final ByteBuffer statistics = direct(2 * Double.BYTES);

  /** Takes over the train program, which this closes. */
  Replica(LoadedProgram program, FlatLayout layout) {
    this.program = program;
    this.parameters = direct(layout.parameterCount() * Float.BYTES);
    this.gradient = direct(layout.parameterCount() * Float.BYTES);
    this.buffers = direct(layout.bufferCount() * Float.BYTES);
    program.run("parameters", List.of(UNUSED), List.of(parameters));
    readBuffers();
  }

  /** Computes the gradient of the sum of the losses of a batch into {@link #gradient()}. */
  Sums step(Batch batch) {
    program.run("step", List.of(batch.images(), batch.labels()), List.of(statistics, gradient));
    return sums();
  }

  /** The step of a worker that has no pictures left. */
  Sums emptyStep() {
    ByteBuffer target = gradient.duplicate();
    byte[] zeros = new byte[1 << 16];
    while (target.hasRemaining()) {
      target.put(zeros, 0, Math.min(zeros.length, target.remaining()));
    }
    return new Sums(0, 0);
  }

  /** Plain cross-entropy with running statistics. */
  Sums evaluate(Batch batch) {
    program.run("evaluate", List.of(batch.images(), batch.labels()), List.of(statistics));
    return sums();
  }

  private Sums sums() {
    return new Sums(statistics.getDouble(0), statistics.getDouble(Double.BYTES));
  }

  /** All parameters, float32; a change takes effect with {@link #loadParameters}. */
  ByteBuffer parameters() {
    return parameters;
  }

  /** The gradient of the last step, float32. */
  ByteBuffer gradient() {
    return gradient;
  }

  /** The running statistics as of {@link #readBuffers}, float32. */
  ByteBuffer buffers() {
    return buffers;
  }

  void loadParameters() {
    program.run("load_parameters", vector(parameters));
  }

  void readBuffers() {
    program.run("buffers", List.of(UNUSED), List.of(buffers));
  }

  void loadBuffers() {
    program.run("load_buffers", vector(buffers));
  }

  private static Tensor vector(ByteBuffer floats) {
    return Tensor.of(
        DType.FLOAT32, new long[] {floats.capacity() / Float.BYTES}, floats.duplicate());
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    program.close();
  }
}
