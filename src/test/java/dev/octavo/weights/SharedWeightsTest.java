package dev.octavo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octavo.network.ResNet;
import dev.octavo.tensor.StateDict;
import dev.octavo.weights.WeightImport.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real weights, where they are at hand. */
class SharedWeightsTest {
  private static final Path WEIGHTS = Path.of("../shared/weights");

  @TempDir private Path directory;

  @BeforeAll
  static void needSharedWeights() {
    assumeTrue(Files.isDirectory(WEIGHTS), "no weights in " + WEIGHTS);
  }

  @Test
  void thePartialImageNetWeightsFillAllButTheLastStageAndTheClassifier() throws IOException {
    StateDict file = WeightFiles.read(WEIGHTS.resolve("resnet50-imagenet-partial.pth"));
    assertThat(file.names()).hasSize(258);
    ImportReport report =
        WeightImport.into(ResNet.RESNET50.network(67), file, 17, Policy.REQUIRE_HALF).report();
    assertThat(report.matched()).hasSize(258);
    assertThat(report.unexpected()).isEmpty();
    assertThat(report.replaced()).isEmpty();
    assertThat(report.missing())
        .hasSize(52)
        .allMatch(name -> name.startsWith("layer4.") || name.startsWith("fc."));
  }

  @Test
  void theFloat16WeightsFillTheWholeNetwork() throws IOException {
    StateDict file = WeightFiles.read(WEIGHTS.resolve("resnet50-rooms6-f16.safetensors"));
    WeightImport.Result result =
        WeightImport.into(ResNet.RESNET50.network(6), file, 17, Policy.REQUIRE_HALF);
    assertThat(result.report().missing()).isEmpty();
    assertThat(result.report().unexpected()).isEmpty();
    assertThat(result.report().replaced()).isEmpty();
    assertThat(result.report().overflowed()).containsExactly("bn1.running_var");
    assertThat(result.state().tensor("fc.weight").toFloats())
        .isEqualTo(file.tensor("fc.weight").toFloats());
  }

  @Test
  void realWeightsComeBackFromBothFormats() throws IOException {
    StateDict file = WeightFiles.read(WEIGHTS.resolve("resnet50-imagenet-partial.pth"));
    Path copy = directory.resolve("copy");
    WeightFiles.writePth(file, copy);
    assertThat(WeightFiles.read(copy)).isEqualTo(file);
    WeightFiles.writeSafetensors(file, copy);
    assertThat(WeightFiles.read(copy)).isEqualTo(file);
  }
}
