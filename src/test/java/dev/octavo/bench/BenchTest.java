package dev.octavo.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.OctavoException;
import dev.octavo.inference.TinyModel;
import dev.octavo.latency.AlternatingBenchmark;
import dev.octavo.latency.AlternatingBenchmark.Machine;
import dev.octavo.latency.AlternatingBenchmark.Subject;
import dev.octavo.latency.LatencyRow;
import dev.octavo.latency.LatencyRowBuilder;
import dev.octavo.program.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchTest {
  private static final Machine MACHINE = new Machine(2, List.of("avx2", "avx512_vnni"));

  private long clock;
  private final List<String> calls = new ArrayList<>();

  /** A model whose calls take that long on the test's clock. */
  private Subject taking(String name, long millisPerCall) {
    return new Subject(
        name,
        "fp32",
        4,
        pixels -> {
          calls.add(name);
          clock += millisPerCall * 1_000_000;
        });
  }

  private List<LatencyRow> measure(long millis, List<Integer> batchSizes, Subject... subjects) {
    return new AlternatingBenchmark(Duration.ofMillis(millis), () -> clock)
        .measure(List.of(subjects), batchSizes, MACHINE);
  }

  @Test
  void theRowsJsonIsPinned() {
    LatencyRow row =
        LatencyRowBuilder.builder()
            .model("rooms")
            .precision("int8")
            .batchSize(8)
            .threads(2)
            .cpuFeatures(List.of("avx2", "amx_int8"))
            .msPerImage(3.25)
            .imagesPerSecond(307.5)
            .p10(3.0)
            .p90(4.5)
            .build();
    assertThat(BenchResult.toJson(List.of(row)))
        .isEqualTo(
            """
            [ {
              "model" : "rooms",
              "precision" : "int8",
              "batchSize" : 8,
              "threads" : 2,
              "cpuFeatures" : [ "avx2", "amx_int8" ],
              "msPerImage" : 3.25,
              "imagesPerSecond" : 307.5,
              "p10" : 3.0,
              "p90" : 4.5
            } ]
            """);
  }

  @Test
  void dividesTheTimeOfACallByTheBatch() {
    LatencyRow row = measure(1000, List.of(8), taking("a", 40)).get(0);
    assertThat(row.msPerImage()).isCloseTo(5, within(1e-9));
    assertThat(row.imagesPerSecond()).isCloseTo(200, within(1e-9));
    assertThat(row.p10()).isEqualTo(row.p90()).isEqualTo(row.msPerImage());
  }

  @Test
  void modelsTakeTurnsAndWarmUpBeforeTheClockStarts() {
    measure(1, List.of(1), taking("a", 10), taking("b", 10));
    assertThat(calls.subList(0, 4)).containsExactly("a", "a", "b", "b");
    assertThat(calls.subList(4, calls.size()))
        .containsExactly("a", "b", "a", "b", "a", "b", "a", "b", "a", "b");
  }

  @Test
  void aFastModelIsCalledUntilItsTimeIsUp() {
    measure(100, List.of(1), taking("slow", 50), taking("fast", 10));
    int warmUp = AlternatingBenchmark.WARM_UP_CALLS;
    assertThat(calls.stream().filter("slow"::equals))
        .hasSize(warmUp + AlternatingBenchmark.MIN_CALLS);
    assertThat(calls.stream().filter("fast"::equals)).hasSize(warmUp + 10);
  }

  @Test
  void writesARowForEachPrecisionAndBatchSizeOfARealModel(@TempDir Path work) throws IOException {
    org.apache.hadoop.fs.Path model =
        TinyModel.publish(
            new org.apache.hadoop.fs.Path("file:" + work.resolve("tiny")), List.of("a", "b"), 3);
    Path out = work.resolve("bench.json");
    BenchResult result =
        new Bench(
                new Configuration(),
                BenchSettingsBuilder.builder()
                    .models(List.of(model))
                    .precisions(List.of(Precision.PORTABLE, Precision.FP32))
                    .batchSizes(List.of(1, 2))
                    .plainFiles(BenchSettings.PlainFiles.REFUSE)
                    .threads(1)
                    .imageSize(64)
                    .perModel(Duration.ofMillis(10))
                    .out(new org.apache.hadoop.fs.Path("file:" + out))
                    .build())
            .execute();
    assertThat(result.rows())
        .extracting(r -> r.model() + " " + r.precision() + " " + r.batchSize())
        .containsExactly("tiny portable 1", "tiny fp32 1", "tiny portable 2", "tiny fp32 2");
    assertThat(result.rows())
        .allSatisfy(
            r -> {
              assertThat(r.msPerImage()).isPositive().isBetween(r.p10(), r.p90());
              assertThat(r.cpuFeatures()).isNotEmpty();
            });
    assertThat(Files.readString(out)).isEqualTo(BenchResult.toJson(result.rows()));
    assertThat(result.toText()).contains("ratio", "portable", "1.00×");
  }

  @Test
  void refusesSettingsThatMakeNoSense() {
    assertThatThrownBy(
            () ->
                BenchSettingsBuilder.builder()
                    .models(List.of())
                    .precisions(List.of())
                    .batchSizes(List.of(8))
                    .plainFiles(BenchSettings.PlainFiles.REFUSE)
                    .threads(1)
                    .imageSize(64)
                    .perModel(Duration.ofSeconds(1))
                    .out(new org.apache.hadoop.fs.Path("x"))
                    .build())
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage("there is no model to time: pass --model");
  }

  @Test
  void runsProgramsOnlyWhereTheyAreTrusted() {
    assertThatThrownBy(() -> plain("x.pt", BenchSettings.PlainFiles.REFUSE))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage(
            "--model x.pt: .pt files are programs, which may read and write files as you may:"
                + " pass --trust-programs if you trust who made it");
    assertThat(plain("x.pt", BenchSettings.PlainFiles.TRUST).models()).hasSize(1);
    assertThat(plain("x.onnx", BenchSettings.PlainFiles.REFUSE).models()).hasSize(1);
  }

  private static BenchSettings plain(String name, BenchSettings.PlainFiles files) {
    return BenchSettingsBuilder.builder()
        .models(List.of(new org.apache.hadoop.fs.Path(name)))
        .precisions(List.of())
        .batchSizes(List.of(8))
        .plainFiles(files)
        .threads(1)
        .imageSize(64)
        .perModel(Duration.ofSeconds(1))
        .out(new org.apache.hadoop.fs.Path("x"))
        .build();
  }
}
