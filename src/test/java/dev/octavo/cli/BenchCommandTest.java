package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.octavo.bundle.ModelBundle;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.CpuLevel;
import dev.octavo.inference.TinyModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private @TempDir Path work;

  @BeforeEach
  void publishModel() throws IOException {
    TinyModel.publish(
        new org.apache.hadoop.fs.Path(work.resolve("tiny").toUri()), List.of("a", "b"), 5);
  }

  private int bench(String... options) {
    List<String> arguments = new ArrayList<>(List.of("bench"));
    arguments.addAll(List.of("--batch-sizes", "1", "--seconds", "0.02", "--threads", "1"));
    arguments.addAll(List.of(options));
    if (!arguments.contains("--out")) {
      arguments.addAll(List.of("--out", work.resolve("bench.json").toUri().toString()));
    }
    return Octavo.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        arguments.toArray(String[]::new));
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private String model() {
    return work.resolve("tiny").toUri().toString();
  }

  @Test
  void measuresEachLevelInAProcessOfItsOwn() throws IOException {
    assumeThat(CpuLevel.AVX2.isReachedBy(CpuFeatures.current())).as("an x86 CPU").isTrue();
    int exitCode =
        bench("--model", model(), "--precisions", "fp32,bf16", "--cpu-levels", "amx,avx2");
    assertThat(exitCode).as(errors()).isZero();
    assertThat(printed()).contains("  on 1 threads, avx2" + System.lineSeparator());
    if (!CpuLevel.AMX.isReachedBy(CpuFeatures.current())) {
      assertThat(printed()).contains("amx: left out, this CPU lacks it");
    }
    // bf16 takes AVX-512.
    assertThat(Files.readString(work.resolve("bench.json")))
        .contains("\"cpuFeatures\" : [ \"avx2\" ]")
        .contains("\"precision\" : \"fp32\"");
  }

  @Test
  void timesPlainTorchScriptOnImagesOfFloats() throws IOException {
    Path plain = work.resolve("plain.pt");
    Files.copy(work.resolve("tiny").resolve(ModelBundle.MODEL_FILE), plain);
    int exitCode =
        bench("--model", plain.toUri().toString(), "--image-size", "48", "--trust-programs");
    assertThat(exitCode).as(errors()).isZero();
    assertThat(printed()).contains("plain.pt").contains("torchscript");
  }

  @Test
  void timesAnOnnxModelOnPixels() throws IOException {
    String file = work.resolve("tiny.onnx").toUri().toString();
    assertThat(
            Octavo.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                "export",
                "--model",
                model(),
                "--out",
                file))
        .as(errors())
        .isZero();
    assertThat(bench("--model", file, "--model", model(), "--precisions", "fp32"))
        .as(errors())
        .isZero();
    assertThat(Files.readString(work.resolve("bench.json")))
        .contains("\"precision\" : \"onnx\"")
        .contains("\"precision\" : \"fp32\"");
  }

  @Test
  void namesAFileThatIsNoOnnxModel() throws IOException {
    Path onnx = Files.writeString(work.resolve("x.onnx"), "<html>");
    assertThat(bench("--model", onnx.toUri().toString())).isEqualTo(1);
    assertThat(errors()).contains("x.onnx is no ONNX file: a model is the directory of a bundle");
  }

  @Test
  void namesAPlainModelThatIsNotThere() {
    String missing = work.resolve("no.pt").toUri().toString();
    assertThat(bench("--model", missing, "--trust-programs")).isEqualTo(1);
    assertThat(errors()).contains("there is no file").contains("no.pt");
  }

  @Test
  void replacesNothingThatItReadsAndNoDirectory() throws IOException {
    Path manifest = work.resolve("tiny/manifest.json");
    String before = Files.readString(manifest);
    assertThat(bench("--model", model(), "--out", manifest.toUri().toString())).isEqualTo(2);
    assertThat(errors()).contains("manifest.json lies within --model ");
    assertThat(manifest).hasContent(before);
    Path plain = Files.copy(work.resolve("tiny/model.pt"), work.resolve("plain.pt"));
    String file = plain.toUri().toString();
    assertThat(bench("--model", file, "--trust-programs", "--out", file)).isEqualTo(2);
    assertThat(errors()).contains("plain.pt: nothing is written over what is read");
    assertThat(plain).hasSameBinaryContentAs(work.resolve("tiny/model.pt"));
    assertThat(bench("--model", model(), "--out", work.toUri().toString())).isEqualTo(2);
    assertThat(errors())
        .contains(" is a directory: name the file that --out is to be")
        .doesNotContain("\tat ");
    assertThat(printed()).isEmpty();
  }
}
