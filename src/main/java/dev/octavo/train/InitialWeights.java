package dev.octavo.train;

import dev.octavo.bundle.WeightSource;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.program.FlatLayout;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.tensor.TensorCheck;
import dev.octavo.weights.WeightImport;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The initial weights of training.
 *
 * @param state all tensors of the network
 * @param fresh names of those that don't come from the user's weights
 */
record InitialWeights(StateDict state, Set<String> fresh) {
  private static final float LARGEST_FLOAT16 = 65504;

  /** The user's weights, or fresh ones; tells what was taken from where. */
  static InitialWeights load(
      Configuration conf,
      TrainSettings settings,
      Network network,
      FlatLayout layout,
      Consumer<String> console)
      throws IOException {
    long seed = settings.recipe().seed();
    Optional<Path> source = settings.weights();
    if (source.isEmpty()) {
      console.accept("%s starts from scratch".formatted(network.name()));
      StateDict state = WeightImport.fresh(network, seed);
      return new InitialWeights(state, state.names()).withResidualGamma(network, settings.recipe());
    }
    WeightImport.Result result =
        WeightImport.into(
            network, WeightSource.read(conf, source.get()), seed, settings.importPolicy());
    console.accept("%s starts from %s:".formatted(network.name(), source.get()));
    result.report().summary().forEach(line -> console.accept("  " + line));
    Set<String> fresh = new HashSet<>(result.report().missing());
    fresh.addAll(result.report().replaced());
    InitialWeights initial =
        new InitialWeights(result.state(), fresh).withResidualGamma(network, settings.recipe());
    return settings.recipe().movingBatchNorm() == BatchNorm.FROZEN
        ? initial
        : initial.withVariancesThatCanMove(layout, console);
  }

  /** A moving average never comes back from infinity: it starts where float16 ends. */
  private InitialWeights withVariancesThatCanMove(FlatLayout layout, Consumer<String> console) {
    Map<String, Tensor> tensors = new LinkedHashMap<>(state.tensors());
    for (FlatLayout.Entry entry : layout.buffers()) {
      Tensor tensor = tensors.get(entry.name());
      if (TensorCheck.hasInfiniteVariance(entry.name(), tensor)) {
        float[] values = tensor.toFloats();
        for (int i = 0; i < values.length; i++) {
          values[i] = Math.min(values[i], LARGEST_FLOAT16);
        }
        tensors.put(entry.name(), Tensor.of(values, tensor.shape()));
        console.accept(
            "  %s is to follow the images: where it is infinite it starts at %.0f, the largest float16"
                .formatted(entry.name(), LARGEST_FLOAT16));
      }
    }
    return new InitialWeights(new StateDict(tensors), fresh);
  }

  private InitialWeights withResidualGamma(Network network, Recipe recipe) {
    Map<String, Tensor> tensors = new LinkedHashMap<>(state.tensors());
    for (Node node : network.nodes()) {
      if (node instanceof Node.Add add
          && network.nodes().get(network.inInference(add.branch())) instanceof Node.Conv conv
          && fresh.contains(conv.norm().name() + ".weight")) {
        float[] gamma = new float[conv.outChannels()];
        Arrays.fill(gamma, (float) recipe.residualGamma());
        tensors.put(conv.norm().name() + ".weight", Tensor.of(gamma, gamma.length));
      }
    }
    return new InitialWeights(new StateDict(tensors), fresh);
  }

  /** Tells two initial states apart: a CRC-32C over all tensors, in hexadecimal. */
  String checksum() {
    CRC32C crc = new CRC32C();
    state.tensors().values().forEach(tensor -> crc.update(tensor.bytes().duplicate()));
    return Long.toHexString(crc.getValue());
  }

  /** The largest number of batches that any running statistics have seen. */
  long batchesTracked() {
    return state.tensors().entrySet().stream()
        .filter(e -> e.getKey().endsWith(".num_batches_tracked"))
        .mapToLong(e -> e.getValue().bytes().getLong(0))
        .max()
        .orElse(0);
  }
}
