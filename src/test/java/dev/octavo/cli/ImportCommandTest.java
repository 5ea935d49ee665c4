package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.dataset.Datasets;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.image.Interpolation;
import dev.octavo.image.Normalization;
import dev.octavo.image.Preprocessing;
import dev.octavo.network.Architecture;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.Precision;
import dev.octavo.program.TestModels;
import dev.octavo.tensor.StateDict;
import dev.octavo.weights.WeightFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ImportCommandTest {
  private static final Configuration CONF = new Configuration();
  private static final Network NETWORK = ResNet.RESNET18.network(3);
  private static final StateDict STATE = TestModels.weights(NETWORK, 11);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private @TempDir Path work;

  @BeforeEach
  void writeClasses() throws IOException {
    Files.writeString(work.resolve("classes.txt"), "kitchen\nlibrary\nsauna\n");
  }

  private int run(Path weights, String... options) {
    List<String> arguments = new ArrayList<>(List.of("import", "--weights", uri(weights)));
    arguments.addAll(List.of("--out", uri(work.resolve("model"))));
    arguments.addAll(List.of(options));
    if (!arguments.contains("--network")) {
      arguments.addAll(List.of("--network", "resnet18"));
    }
    if (!arguments.contains("--classes") && !arguments.contains("--data")) {
      arguments.addAll(List.of("--classes", uri(work.resolve("classes.txt"))));
    }
    return Octavo.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        arguments.toArray(String[]::new));
  }

  private static String uri(Path path) {
    return path.toUri().toString();
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private ModelBundle model() throws IOException {
    return ModelBundle.open(CONF, new org.apache.hadoop.fs.Path(uri(work.resolve("model"))));
  }

  private Path pth(StateDict state) throws IOException {
    Path file = work.resolve("weights.pth");
    WeightFiles.writePth(state, file);
    return file;
  }

  @Test
  void weightsBecomeABundleThatRuns() throws IOException {
    assertThat(run(pth(STATE), "--image-size", "64")).as(errors()).isZero();
    ModelBundle model = model();
    assertThat(model.classes()).containsExactly("kitchen", "library", "sauna");
    assertThat(model.stateDict(CONF)).isEqualTo(STATE);
    assertThat(model.preprocessing()).isEqualTo(Preprocessing.ofSize(64));
    assertThat(model.manifest().settings())
        .containsEntry("importedFrom", "file:" + work.resolve("weights.pth"))
        .containsKey("importedSha256");
    try (InferenceProgram program =
        new ProgramLoader(model, CONF, CpuPolicy.ADAPT).load(Precision.FP32)) {
      assertThat(program.forward(TestModels.images(2, 64, 12)).shape()).containsExactly(2, 3);
    }
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "resnet18 of 3 classes:",
            "  122 tensors taken from the file",
            "model: " + model.directory());
  }

  @Test
  void itsOwnPreprocessingStandsInTheBundle() throws IOException {
    int exitCode =
        run(
            pth(STATE),
            "--image-size",
            "96",
            "--resize-size",
            "100",
            "--interpolation",
            "bicubic",
            "--mean",
            "0.5,0.5,0.5",
            "--std",
            "0.5,0.4,0.3");
    assertThat(exitCode).as(errors()).isZero();
    assertThat(model().preprocessing())
        .isEqualTo(
            new Preprocessing(
                100,
                96,
                Interpolation.BICUBIC,
                new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.4, 0.3))));
  }

  @Test
  void preprocessingIsTheNetworksOwnUnlessOptionsSayOtherwise() throws IOException {
    Architecture efficientNet = Architectures.of("efficientnet_b1");
    Path weights = pth(TestModels.weights(efficientNet.network(3), 5));
    assertThat(run(weights, "--network", "efficientnet_b1")).as(errors()).isZero();
    assertThat(model().preprocessing())
        .isEqualTo(efficientNet.preprocessing())
        .isEqualTo(new Preprocessing(256, 240, Interpolation.BICUBIC, Normalization.IMAGENET));
    assertThat(run(weights, "--network", "efficientnet_b1", "--image-size", "120", "--overwrite"))
        .as(errors())
        .isZero();
    assertThat(model().preprocessing())
        .isEqualTo(new Preprocessing(128, 120, Interpolation.BICUBIC, Normalization.IMAGENET));
  }

  /** The pipes of this process, as {@code <(ls)} of a shell names them. */
  private static Set<Path> pipes() throws IOException {
    Set<Path> pipes = new HashSet<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        if (Files.isSymbolicLink(descriptor)
            && Files.readSymbolicLink(descriptor).toString().startsWith("pipe:")) {
          pipes.add(descriptor);
        }
      }
    }
    return pipes;
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void classesMayComeThroughAPipe() throws IOException {
    Set<Path> others = pipes();
    Pipe pipe = Pipe.open();
    try (Pipe.SourceChannel source = pipe.source()) {
      try (Pipe.SinkChannel sink = pipe.sink()) {
        sink.write(StandardCharsets.UTF_8.encode("kitchen\nlibrary\nsauna\n"));
      }
      assertThat(source.isOpen()).isTrue();
      Set<Path> own = pipes();
      own.removeAll(others);
      assertThat(own).hasSize(1);
      Path name = own.iterator().next();
      assertThat(run(pth(STATE), "--image-size", "64", "--classes", uri(name)))
          .as(errors())
          .isZero();
      assertThat(model().classes()).containsExactly("kitchen", "library", "sauna");
      assertThat(run(name, "--image-size", "64", "--overwrite")).isEqualTo(2);
      assertThat(errors()).contains(" is a pipe, which can't be read out of order: write the");
    }
  }

  @Test
  void aDatasetNamesTheClasses() throws IOException {
    Path data = work.resolve("data");
    var target = new org.apache.hadoop.fs.Path(uri(data));
    try (Staging staging =
        Staging.open(CONF, target, "dataset", Destination.IfExists.FAIL, List.of())) {
      staging.publish(Datasets.manifest(List.of("attic", "bar", "cellar")));
    }
    assertThat(run(pth(STATE), "--data", uri(data))).as(errors()).isZero();
    assertThat(model().classes()).containsExactly("attic", "bar", "cellar");
    assertThat(model().manifest().parents()).containsOnlyKeys("classes");
  }

  @Test
  void theClassesAreNamedOnce() throws IOException {
    assertThat(run(pth(STATE), "--data", "data", "--classes", "classes.txt")).isEqualTo(2);
    assertThat(errors()).contains("--classes and --data exclude each other: give one of them");
  }

  @Test
  void aBundleIsReplacedWhenThatIsWanted() throws IOException {
    Path file = pth(STATE);
    assertThat(run(file)).as(errors()).isZero();
    assertThat(run(file)).isEqualTo(1);
    assertThat(errors()).contains("exists already: choose another --out, or pass --overwrite");
    assertThat(run(file, "--overwrite")).isZero();
  }
}
