package dev.octavo.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.latency.LatencyRow;
import dev.octavo.latency.LatencyRowBuilder;
import dev.octavo.results.ScoreMetrics.Accuracy;
import dev.octavo.results.ScoreMetrics.Agreement;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ResultsTableTest {
  private static LatencyRow latency(String name, int batchSize, double millis) {
    return LatencyRowBuilder.builder()
        .model(name)
        .precision(name)
        .batchSize(batchSize)
        .threads(2)
        .cpuFeatures(List.of())
        .msPerImage(millis)
        .imagesPerSecond(1000 / millis)
        .p10(1)
        .p90(1)
        .build();
  }

  private static ModelMetrics model(String name, long bytes, double top1, double... millis) {
    List<LatencyRow> latency = List.of(latency(name, 8, millis[0]), latency(name, 16, millis[1]));
    Accuracy accuracy = new Accuracy(300, top1, 0.99, top1 - 0.01, List.of("a"), List.of());
    return ScoreMetricsModelMetricsBuilder.builder()
        .name(name)
        .path("file:/" + name)
        .precision(name)
        .network("resnet50")
        .imageSize(224)
        .fileBytes(bytes)
        .images(300)
        .failures(1)
        .accuracy(accuracy)
        .latency(latency)
        .build();
  }

  @Test
  void setsTheModelsSideBySide() {
    ScoreMetrics metrics =
        new ScoreMetrics(
            301,
            1000,
            List.of(
                model("fp32", 94_442_214, 0.8233, 60, 59.2),
                model("int8", 23_800_000, 0.82, 8, 7.4)),
            List.of(new Agreement("fp32", "int8", 300, 291)));
    assertThat(ResultsTable.of(metrics).toText())
        .isEqualTo(
            """
                                        fp32     int8
            precision                   fp32     int8
            model file               94.4 MB  23.8 MB
            images                       300      300
            errors                         1        1
            top-1                    82.33 %  82.00 %
            top-5                    99.00 %  99.00 %
            mean per-class accuracy  81.33 %  81.00 %
            agreement with fp32            –  97.00 %
            ms per image, batch 8      60.00     8.00
            ms per image, batch 16     59.20     7.40
            speed-up, batch 8          1.00×    7.50×
            speed-up, batch 16         1.00×    8.00×
            """);
  }

  @Test
  void leavesOutAccuracyWhereNoLabelsAreKnown() {
    ModelMetrics unlabelled =
        ScoreMetricsModelMetricsBuilder.builder()
            .name("m")
            .path("file:/m")
            .precision("fp32")
            .network("resnet18")
            .imageSize(64)
            .fileBytes(1)
            .images(5)
            .failures(0)
            .accuracy(null)
            .latency(List.of())
            .build();
    ScoreMetrics metrics = new ScoreMetrics(5, 10, List.of(unlabelled), List.of());
    assertThat(ResultsTable.of(metrics).lines())
        .extracting(ResultsTable.Line::name)
        .containsExactly("precision", "model file", "images", "errors");
  }

  @Property
  void csvGivesBackWhateverTextItWasGiven(@ForAll String model, @ForAll String host) {
    // Line ends are data inside of quotes, so nothing is normalised.
    ThroughputRow row =
        ThroughputRowBuilder.builder()
            .round(0)
            .partition(3)
            .model(model)
            .precision("int8")
            .executor("driver")
            .host(host)
            .cpuFeatures("avx2")
            .threads(2)
            .images(7)
            .failures(1)
            .bytes(99)
            .decodeMillis(1)
            .inferMillis(2)
            .waitMillis(3)
            .wallMillis(6.5)
            .imagesPerSecond(1076.923)
            .imagesPerSecondPerCore(538.462)
            .millisPerImage(0.929)
            .residentBytes(5)
            .modelLoadMillis(8)
            .build();
    assertThat(ThroughputRow.fromCsv(ThroughputRow.toCsv(List.of(row)), "t.csv"))
        .containsExactly(row);
  }

  @Test
  void csvErrorsNameTheFileAndTheRecord() {
    assertThatThrownBy(() -> Csv.table("a,b\n1\n", "x.csv"))
        .isInstanceOf(OctavoException.class)
        .hasMessage("x.csv, record 1: 1 cells under 2 columns");
    assertThatThrownBy(() -> Csv.table("a\nz\n", "x.csv").get(0).number("a"))
        .hasMessage("x.csv, record 1 has 'z' in column 'a', where a number belongs");
    assertThatThrownBy(() -> Csv.table("a\nz\n", "x.csv").get(0).text("b"))
        .hasMessage("x.csv, record 1 has no column 'b'");
  }
}
