package dev.octavo.program;

import dev.octavo.image.Normalization;
import dev.octavo.network.Network;
import dev.octavo.tensor.StateDict;
import dev.octavo.torchscript.ScriptArchive;
import dev.octavo.torchscript.ScriptModule;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The program that runs wherever torch runs: plain operators, batch norm unfused, parameters and
 * buffers under torchvision's names, so that {@code torch.jit.load(path).state_dict()} is a
 * torchvision state dict.
 *
 * <p>{@code forward} and {@code embed} take {@code uint8 [N, H, W, 3]} or, as DJL's image
 * translators make it, {@code float32 [N, 3, H, W]} in [0, 1]. In Python, {@code train()} makes
 * batch norm use and update batch statistics.
 */
public final class PortableProgram {
  private PortableProgram() {}

  /**
   * Writes the archive; doesn't close the stream.
   *
   * @param state all parameters and buffers of the network, float32 (counters int64)
   */
  public static void write(
      Network network, StateDict state, Normalization normalization, OutputStream out)
      throws IOException {
    ScriptModule module = new ScriptModule("Portable");
    addState(module, network, state);
    EagerSource source =
        new EagerSource(
            (node, conv) -> "self.training", DropoutSource.IN_TRAINING_MODE, Precision.PORTABLE);
    List<String> body = new ArrayList<>(EagerSource.normalise());
    body.addAll(source.forward(network));
    InferenceMethods.add(module, body, "logits", EagerSource.value(network.classifier().input()));
    ScriptArchive.write(
        module, List.of(normalization.meanTensor(), normalization.stdTensor()), out);
  }

  /** Adds all parameters and buffers in the order of torchvision's state dict. */
  static void addState(ScriptModule module, Network network, StateDict state) {
    var parameters = network.parameterShapes();
    network
        .stateShapes()
        .keySet()
        .forEach(
            name -> {
              if (parameters.containsKey(name)) {
                module.parameter(name, state.tensor(name));
              } else {
                module.buffer(name, state.tensor(name));
              }
            });
  }
}
