package dev.octavo.train;

import dev.octavo.engine.InferenceProgram;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.program.FlatLayout;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import dev.octavo.train.data.Batch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A worker's copy of the network in libtorch, with the flat vectors through which it is read and
 * changed, in direct buffers that are allocated once.
 */
public final class Replica implements AutoCloseable {
  private static final Tensor UNUSED = Tensor.of(new float[1], 1);

  /** A step of the train program. */
  interface Step {
    /**
     * Takes a step.
     *
     * @param inputs images, targets, seeds and the logits of teachers
     * @param outputs losses, ranks and gradient
     */
    void run(List<Tensor> inputs, List<ByteBuffer> outputs, Reducer reducer);

    /** Takes part in the step of the others, without images. */
    void runEmpty(Reducer reducer);
  }

  /** A step that needs nothing of the other workers. */
  private record WholeStep(LoadedProgram program) implements Step {
    @Override
    public void run(List<Tensor> inputs, List<ByteBuffer> outputs, Reducer reducer) {
      program.run("step", inputs, outputs);
    }

    @Override
    public void runEmpty(Reducer reducer) {}
  }

  /**
   * The inputs of a step.
   *
   * @param batch the images; valid as long as their batch is
   * @param tensors images, targets, seeds and the logits of teachers
   */
  record Inputs(Batch batch, List<Tensor> tensors) {}

  /** The loss and rank of each image of a batch; valid until the replica's next call. */
  final class Scores {
    private final int size;

    private Scores(int size) {
      this.size = size;
    }

    int size() {
      return size;
    }

    double loss(int image) {
      return losses.getDouble(image * Double.BYTES);
    }

    /** The number of classes before the image's own: 0 is a top-1 hit. */
    long rank(int image) {
      return ranks.getLong(image * Long.BYTES);
    }
  }

  private final LoadedProgram program;
  private final boolean seeded;
  private final List<InferenceProgram> teachers;
  private final Step step;
  private final ByteBuffer parameters;
  private final ByteBuffer gradient;
  private final ByteBuffer buffers;
  private ByteBuffer losses = direct(0);
  private ByteBuffer ranks = direct(0);

  /**
   * Takes over the train program, which this closes.
   *
   * @param batchNorm that the program was written with
   * @param seeded whether the program's step takes the images' seeds, as with dropout
   * @param teachers whose logits the program's step takes; their owner closes them
   */
  Replica(
      LoadedProgram program,
      FlatLayout layout,
      BatchNorm batchNorm,
      boolean seeded,
      List<InferenceProgram> teachers) {
    this.program = program;
    this.seeded = seeded;
    this.teachers = teachers;
    this.step =
        batchNorm == BatchNorm.SYNC ? new SyncedStep(program, layout) : new WholeStep(program);
    this.parameters = direct(layout.parameterCount() * Float.BYTES);
    this.gradient = direct(layout.parameterCount() * Float.BYTES);
    this.buffers = direct(layout.bufferCount() * Float.BYTES);
    program.run("parameters", List.of(UNUSED), List.of(parameters));
    readBuffers();
  }

  /** The inputs of a step over a batch, for which the teachers are asked. */
  Inputs inputs(Batch batch) {
    List<Tensor> inputs = new ArrayList<>(List.of(batch.inputs(), batch.targets()));
    if (seeded) {
      inputs.add(batch.seeds());
    }
    teachers.forEach(teacher -> inputs.add(teacher.forward(batch.inputs())));
    return new Inputs(batch, inputs);
  }

  /**
   * Computes the gradient of the sum of the losses of a batch into {@link #gradient()}.
   *
   * @param reducer over the workers, which is called with {@link BatchNorm#SYNC} only
   */
  Scores step(Inputs inputs, Reducer reducer) {
    int images = inputs.batch().size();
    reserve(images);
    List<ByteBuffer> outputs = List.of(losses.duplicate(), ranks.duplicate(), gradient);
    step.run(inputs.tensors(), outputs, reducer);
    return new Scores(images);
  }

  /** The step of a worker that has no images left, while others have. */
  void emptyStep(Reducer reducer) {
    step.runEmpty(reducer);
    ByteBuffer target = gradient.duplicate();
    byte[] zeros = new byte[1 << 16];
    while (target.hasRemaining()) {
      target.put(zeros, 0, Math.min(zeros.length, target.remaining()));
    }
  }

  /** Plain cross-entropy with the labels, with running statistics. */
  Scores evaluate(Batch batch) {
    reserve(batch.size());
    program.run(
        "evaluate",
        List.of(batch.inputs(), batch.labels()),
        List.of(losses.duplicate(), ranks.duplicate()));
    return new Scores(batch.size());
  }

  /**
   * The features that a linear probe's classifier reads, for each image of a batch.
   *
   * @param target of exactly {@code N * F} float32
   */
  public void features(Batch images, ByteBuffer target) {
    program.run("features", List.of(images.inputs()), List.of(target));
  }

  /** Makes room for exactly that many images. */
  private void reserve(int images) {
    int bytes = images * Double.BYTES;
    if (losses.capacity() < bytes) {
      losses = direct(bytes);
      ranks = direct(bytes);
    }
    losses.limit(bytes);
    ranks.limit(bytes);
  }

  /** All parameters, float32; a change takes effect with {@link #loadParameters}. */
  public ByteBuffer parameters() {
    return parameters;
  }

  /** The gradient of the last step, float32. */
  public ByteBuffer gradient() {
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
