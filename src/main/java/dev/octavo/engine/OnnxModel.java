package dev.octavo.engine;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import dev.octavo.OctavoException;
import dev.octavo.tensor.Printable;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/**
 * An ONNX model with one input, in DJL's engine for ONNX Runtime, which only jobs that are given
 * such a model have on their class path. Its first output is taken for the logits, its second for
 * the features.
 *
 * <p>Threads are the model's: an operator is computed by the caller and {@code threads - 1} more,
 * whoever calls.
 */
public final class OnnxModel implements InferenceProgram {
  /** The newest version of ONNX's operators that this ONNX Runtime knows. */
  public static final int LATEST_OPSET = 22;

  private static final String ENGINE = "OnnxRuntime";

  private final Model model;
  private final String source;

  private OnnxModel(Model model, String source) {
    this.model = model;
    this.source = source;
  }

  /**
   * Loads a model.
   *
   * @param file with weights that are in other files beside it
   * @param source names it in errors
   * @param threads that one operator uses
   * @throws OctavoException if the engine isn't there, or can't load it
   */
  public static OnnxModel load(Path file, String source, int threads) {
    if (!ai.djl.engine.Engine.hasEngine(ENGINE)) {
      throw new OctavoException(
          "%s needs ONNX Runtime: jobs/score and jobs/bench bring it where a --model on the command line ends in .onnx; with spark-submit add target/dist/onnx/*.jar to --jars"
              .formatted(source));
    }
    String name = String.valueOf(file.getFileName());
    Model model = Model.newInstance(name, Device.cpu(), ENGINE);
    try {
      Map<String, String> options =
          Map.of("intraOpNumThreads", String.valueOf(threads), "interOpNumThreads", "1");
      model.load(file.toAbsolutePath().getParent(), name, options);
      return new OnnxModel(model, source);
    } catch (IOException | MalformedModelException | EngineException e) {
      model.close();
      throw new OctavoException("ONNX Runtime can't load %s: %s".formatted(source, reason(e)), e);
    }
  }

  /** ONNX Runtime's own message, in one line. */
  private static String reason(Exception failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return Printable.text(String.valueOf(cause.getMessage()).replace('\n', ' '));
  }

  @Override
  public Tensor forward(Tensor images) {
    return NativeCalls.call(() -> call(images, outputs -> NativeTensors.copy(outputs.get(0))));
  }

  @Override
  public Embedding embed(Tensor images) {
    return NativeCalls.call(
        () ->
            call(
                images,
                outputs -> {
                  if (outputs.size() < 2) {
                    throw new OctavoException(
                        "%s gives logits, but no features: export it with a second output"
                            .formatted(source));
                  }
                  return new Embedding(
                      NativeTensors.copy(outputs.get(0)), NativeTensors.copy(outputs.get(1)));
                }));
  }

  private <T> T call(Tensor images, Function<NDList, T> read) {
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDList inputs = new NDList(NativeTensors.create(manager, images));
      return read.apply(
          model.getBlock().forward(new ParameterStore(manager, false), inputs, false));
    } catch (EngineException e) {
      throw new OctavoException(
          "ONNX Runtime can't run %s on %s: %s".formatted(source, images, reason(e)), e);
    }
  }

  @Override
  public void close() {
    NativeCalls.run(model::close);
  }
}
