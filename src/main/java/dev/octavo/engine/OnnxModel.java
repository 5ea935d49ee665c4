package dev.octavo.engine;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import dev.octavo.OctavoException;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/**
 * An ONNX model with one input of floats, in DJL's engine for ONNX Runtime, which is there only if
 * the user brings it. Its first output is taken for the logits, its second for the features.
 */
public final class OnnxModel implements InferenceProgram {
  private static final String ENGINE = "OnnxRuntime";

  private final Model model;

  private OnnxModel(Model model) {
    this.model = model;
  }

  /**
   * Loads a model.
   *
   * @throws OctavoException if the engine isn't there, or can't load it
   */
  public static OnnxModel load(Path file, int threads) {
    if (!ai.djl.engine.Engine.hasEngine(ENGINE)) {
      throw new OctavoException(
          "%s needs ONNX Runtime, which Octavo does not bring: add --packages ai.djl.onnxruntime:onnxruntime-engine:VERSION, with the version of DJL"
              .formatted(file));
    }
    String name = String.valueOf(file.getFileName());
    Model model = Model.newInstance(name, Device.cpu(), ENGINE);
    try {
      Map<String, String> options =
          Map.of("intraOpNumThreads", String.valueOf(threads), "interOpNumThreads", "1");
      model.load(file.toAbsolutePath().getParent(), name, options);
      return new OnnxModel(model);
    } catch (IOException | MalformedModelException | EngineException e) {
      model.close();
      throw new OctavoException(
          "ONNX Runtime can't load %s: %s".formatted(file, e.getMessage()), e);
    }
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
                            .formatted(model.getName()));
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
    }
  }

  @Override
  public void close() {
    NativeCalls.run(model::close);
  }
}
