package dev.octavo.engine;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import dev.octavo.OctavoException;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A TorchScript archive in native memory. */
public final class LoadedProgram implements InferenceProgram {
  /** The lifetime of tensors. */
  public enum Mode {
    /** Without autograd: the fastest. */
    INFERENCE,
    /** With autograd, so that the program may compute gradients of its parameters. */
    TRAINING
  }

  private final Model model;
  private final Mode mode;

  private LoadedProgram(Model model, Mode mode) {
    this.model = model;
    this.mode = mode;
  }

  /**
   * Loads an archive from the local file system.
   *
   * @throws OctavoException if libtorch refuses it
   */
  public static LoadedProgram load(Path archive, Mode mode) {
    Engine.start();
    String file = String.valueOf(archive.getFileName());
    Model model = Model.newInstance(file, Device.cpu(), Engine.NAME);
    try {
      Map<String, String> options = Map.of("trainParam", String.valueOf(mode == Mode.TRAINING));
      model.load(archive.toAbsolutePath().getParent(), file, options);
      return new LoadedProgram(model, mode);
    } catch (IOException | MalformedModelException | EngineException e) {
      model.close();
      throw new OctavoException(
          "libtorch can't load the program %s: %s".formatted(archive, e.getMessage()), e);
    }
  }

  @Override
  public Tensor forward(Tensor images) {
    return run("forward", images).get(0);
  }

  @Override
  public Embedding embed(Tensor images) {
    List<Tensor> outputs = run("embed", images);
    return new Embedding(outputs.get(0), outputs.get(1));
  }

  /**
   * Runs a method and copies what it returns (a tensor or a tuple of tensors) into fresh tensors.
   *
   * @param method as in {@code forward}
   * @param inputs at least one; those over direct buffers are read in place
   */
  public List<Tensor> run(String method, Tensor... inputs) {
    List<Tensor> outputs = new ArrayList<>();
    NativeCalls.run(
        () -> call(method, inputs, (i, array) -> outputs.add(NativeTensors.copy(array))));
    return outputs;
  }

  /**
   * Runs a method and copies what it returns into the caller's buffers, from their position on; for
   * large outputs called for again and again.
   *
   * @throws IllegalArgumentException if an output doesn't fit its buffer exactly
   */
  public void run(String method, List<Tensor> inputs, List<ByteBuffer> outputs) {
    Tensor[] given = inputs.toArray(Tensor[]::new);
    NativeCalls.run(
        () -> call(method, given, (i, array) -> read(method, i, array, outputs.get(i))));
  }

  private static void read(String method, int i, NDArray array, ByteBuffer buffer) {
    ByteBuffer target = buffer.duplicate();
    ByteBuffer view = array.toByteBuffer(true);
    if (view.remaining() != target.remaining()) {
      throw new IllegalArgumentException(
          "output %d of %s has %d bytes, its buffer %d"
              .formatted(i, method, view.remaining(), target.remaining()));
    }
    target.put(view);
  }

  @FunctionalInterface
  private interface OutputConsumer {
    void accept(int index, NDArray array);
  }

  private void call(String method, Tensor[] inputs, OutputConsumer consumer) {
    Block block = model.getBlock();
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDList list = new NDList();
      for (Tensor input : inputs) {
        list.add(NativeTensors.create(manager, input));
      }
      // DJL takes the method's name from the name of an extra input, which it does not pass on.
      NDArray selector = manager.create(new float[0]);
      selector.setName("module_method:" + method);
      list.add(selector);
      NDList results =
          block.forward(new ParameterStore(manager, false), list, mode == Mode.TRAINING);
      for (int i = 0; i < results.size(); i++) {
        consumer.accept(i, results.get(i));
      }
    }
  }

  @Override
  public void close() {
    NativeCalls.run(model::close);
  }
}
