package dev.octavo.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.BundleManifest;
import dev.octavo.bundle.BundleWriter;
import dev.octavo.bundle.BundleWriterContentBuilder;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.dataset.EvaluationImages;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.CpuLevel;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.image.Preprocessing;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.Precision;
import dev.octavo.program.TestModels;
import dev.octavo.spark.TestProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle with full-range weights in a process that is kept to AVX2. */
class CpuVariantTest {
  private static final int SIZE = 32;
  private static final Configuration CONF = new Configuration();
  private static final QuantizationConfig MSE =
      new QuantizationConfig(RangeMethod.MSE, Set.of(), Set.of());

  private @TempDir Path directory;
  private NetworkQuantizer quantizer;

  @BeforeEach
  void requireVnni() {
    assumeThat(CpuFeatures.current().isX86() && CpuFeatures.current().sumsBytesExactly())
        .as("a CPU that computes full-range weights exactly")
        .isTrue();
  }

  private String publish(boolean withVariant) throws IOException {
    Network network = ResNet.RESNET18.network(4);
    EvaluationImages images =
        consumer ->
            consumer.accept(
                new EvaluationImages.Batch(TestModels.images(16, SIZE, 82), new int[16]));
    quantizer =
        new NetworkQuantizer(
            FoldedNetwork.of(network, TestModels.weights(network, 83), Normalization.IMAGENET),
            CpuTarget.VNNI,
            Precision.FP32,
            new NetworkQuantizer.Images(images, 16),
            SIZE,
            line -> {});
    String out = directory.resolve("bundle").toUri().toString();
    try (Staging staging =
        Staging.open(
            CONF,
            new org.apache.hadoop.fs.Path(out),
            "model",
            Destination.IfExists.FAIL,
            List.of())) {
      BundleWriter.publish(
          staging,
          BundleWriterContentBuilder.builder()
              .about(
                  new BundleWriter.Description(
                      network,
                      List.of("a", "b", "c", "d"),
                      Preprocessing.ofSize(SIZE),
                      Optional.of(new BundleManifest.Int8(CpuTarget.VNNI, withVariant)),
                      Optional.empty()))
              .program(quantizer.program(quantizer.quantize(MSE)))
              .variant(
                  withVariant
                      ? Optional.of(quantizer.program(quantizer.variant(MSE)))
                      : Optional.empty())
              .texts(Map.of())
              .parents(Map.of())
              .settings(Map.of())
              .figures(Map.of())
              .build());
    }
    return out;
  }

  private String onAvx2(String bundle, CpuPolicy policy, int exitCode)
      throws IOException, InterruptedException {
    Path log = directory.resolve("log");
    Map<String, String> environment = new HashMap<>(CpuLevel.AVX2.environment());
    environment.put("LOG4J_LEVEL", "WARN");
    Process process =
        TestProcess.start(LogitsOfABundle.class, environment, log, bundle, policy.name());
    assertThat(process.waitFor()).as(Files.readString(log)).isEqualTo(exitCode);
    return Files.readString(log);
  }

  @Test
  void runsAsItsVariantThereWithAWarningThatNamesTheHost() throws Exception {
    String log = onAvx2(publish(true), CpuPolicy.ADAPT, 0);
    String expected;
    try (LoadedProgram variant = NetworkQuantizer.load(quantizer.program(quantizer.variant(MSE)))) {
      expected = LogitsOfABundle.text(variant, SIZE);
    }
    // The sums of integers are the same on every CPU; the classifier sums floats, in another order.
    assertThat(logits(log)).containsExactly(logits(expected), within(1e-3));
    assertThat(log)
        .contains(org.apache.hadoop.net.NetUtils.getHostname())
        .contains("running its 7-bit variant");
  }

  private static double[] logits(String log) {
    int start = log.indexOf("logits [") + "logits [".length();
    String list = log.substring(start, log.indexOf(']', start));
    return Arrays.stream(list.split(", ", -1)).mapToDouble(Double::parseDouble).toArray();
  }

  @Test
  void refusesToAdaptWhereItIsToldNotTo() throws Exception {
    assertThat(onAvx2(publish(true), CpuPolicy.STRICT, 1))
        .contains("would saturate: leave --strict-cpu out to run its 7-bit variant")
        .contains("quantize again with --target avx2");
  }

  @Test
  void refusesWithoutAVariant() throws Exception {
    assertThat(onAvx2(publish(false), CpuPolicy.ADAPT, 1))
        .contains("it carries no 7-bit variant; quantize again with --target avx2");
  }
}
