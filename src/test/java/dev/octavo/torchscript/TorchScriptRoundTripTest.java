package dev.octavo.torchscript;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.image.Normalization;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.PortableProgram;
import dev.octavo.tensor.StateDict;
import dev.octavo.weights.WeightFiles;
import dev.octavo.weights.WeightImport;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Octavo's own programs hold comes back as the state dict that they were written from. */
class TorchScriptRoundTripTest {
  @TempDir private Path directory;

  @Test
  void aPortableProgramIsReadBackToTheSameStateDict() throws IOException {
    Network network = ResNet.RESNET18.network(6);
    StateDict state = WeightImport.fresh(network, 17);
    Path file = directory.resolve("model.pt");
    try (OutputStream out = Files.newOutputStream(file)) {
      PortableProgram.write(network, state, Normalization.IMAGENET, out);
    }
    assertThat(WeightFiles.read(file)).isEqualTo(state);
    assertThat(TorchScriptReader.read(file).names())
        .containsExactlyInAnyOrderElementsOf(state.names());
  }
}
