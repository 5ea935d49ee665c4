package dev.octavo.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Staging;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.CalibrationProgram;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.Int8Operators;
import dev.octavo.program.TestModels;
import dev.octavo.program.TrainProgram;
import dev.octavo.weights.StateDict;
import dev.octavo.weights.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelBundleTest {
  private static final Configuration CONF = new Configuration();
  private static final int SIZE = 32;

  private final Network network = ResNet.RESNET18.network(2);
  private final StateDict state = TestModels.weights(network, 41);
  private @TempDir java.nio.file.Path directory;

  private ModelBundle bundle(Precision precision, ProgramWriter program) throws IOException {
    Path out = new Path(directory.resolve("bundle").toString());
    try (Staging staging = Staging.open(CONF, out, Staging.IfExists.FAIL)) {
      BundleWriter.publish(
          staging,
          new BundleWriter.Content(
              new BundleWriter.Description(network, List.of("a", "b"), SIZE, precision),
              program,
              Map.of(),
              Map.of("weightBits", 7, "variant", false),
              Map.of()));
    }
    return ModelBundle.open(CONF, out);
  }

  /** As versions before embeddings wrote it: a program without the method. */
  private ProgramWriter older() {
    return out -> TrainProgram.writeProbe(network, state, TrainProgram.Compute.FP32, out);
  }

  @ParameterizedTest
  @EnumSource(names = "INT8", mode = EnumSource.Mode.EXCLUDE)
  void aFloatBundlesProgramsTellTheirFeatures(Precision precision) throws IOException {
    ModelBundle bundle = bundle(Precision.PORTABLE, ProgramWriter.portable(network, state));
    try (LoadedProgram program = bundle.loadWithFeatures(CONF, precision, CpuPolicy.ADAPT, 4)) {
      List<Tensor> outputs = program.run(ModelBundle.EMBED, TestModels.pictures(1, SIZE, 42));
      assertThat(outputs.get(0).shape()).containsExactly(1, 2);
      assertThat(outputs.get(1).shape()).containsExactly(1, 512);
    }
  }

  @Test
  void anOlderPortableProgramIsRefusedWithTheRemedy() throws IOException {
    ModelBundle bundle = bundle(Precision.PORTABLE, older());
    assertThatThrownBy(() -> bundle.loadWithFeatures(CONF, Precision.PORTABLE, CpuPolicy.ADAPT, 4))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            bundle.directory()
                + " was written by a version of Octavo whose programs give no embeddings: ask for"
                + " the precision fp32 or bf16, whose programs are written anew");
  }

  @Test
  void anOlderFloatBundleFollowsThatRemedy() throws IOException {
    ModelBundle bundle = bundle(Precision.PORTABLE, older());
    try (LoadedProgram program =
        bundle.loadWithFeatures(CONF, Precision.FP32, CpuPolicy.ADAPT, 4)) {
      assertThat(program.hasMethod(ModelBundle.EMBED)).isTrue();
    }
  }

  @Test
  void anOlderInt8BundleIsToBeQuantizedAgain() throws IOException {
    FoldedNetwork folded = FoldedNetwork.of(network, state);
    ModelBundle bundle =
        bundle(
            Precision.INT8,
            out -> CalibrationProgram.write(folded, Int8Operators.ONEDNN, SIZE, 1, out));
    assertThatThrownBy(() -> bundle.loadWithFeatures(CONF, Precision.INT8, CpuPolicy.ADAPT, 4))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            bundle.directory()
                + " was written by a version of Octavo whose programs give no embeddings: run"
                + " quantize again, with this version");
  }
}
