package dev.octavo.cli;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.program.Precision;
import dev.octavo.results.ResultsTable;
import dev.octavo.results.ThroughputRow;
import dev.octavo.results.ThroughputSummary;
import dev.octavo.score.ScoreResult;
import java.io.PrintWriter;
import java.util.stream.Collectors;

/** The summary that {@code score} prints at its end. */
final class ScoreSummary {
  private ScoreSummary() {}

  static void print(ScoreResult result, PrintWriter out) {
    if (result.added() == 0) {
      out.printf(
          "nothing new: all of the %,d inputs have predictions already%n%n",
          result.metrics().inputs());
    } else {
      printThroughput(result, out);
    }
    out.print(ResultsTable.of(result.metrics()).toText());
    out.printf("%nscores: %s%n", result.out());
  }

  private static void printThroughput(ScoreResult result, PrintWriter out) {
    double seconds = result.metrics().wallMillis() / 1e3;
    int models = result.metrics().models().size();
    ThroughputSummary summary = ThroughputSummary.of(result.throughput());
    out.printf(
        "%,d inputs through %s in %.1f s (%.1f per second, %d partitions)%n",
        result.metrics().inputs(),
        models == 1 ? "1 model" : models + " models",
        seconds,
        result.metrics().inputs() / seconds,
        summary.partitions());
    if (result.added() < result.metrics().inputs()) {
      out.printf("%,d of them in this run, the others before%n", result.added());
    }
    String withoutVnni =
        result.throughput().stream()
            .filter(row -> row.precision().equals(Precision.INT8.id()))
            .filter(row -> !CpuFeatures.of(row.cpuFeatures()).sumsBytesExactly())
            .map(ThroughputRow::host)
            .distinct()
            .collect(Collectors.joining(", "));
    if (!withoutVnni.isEmpty()) {
      out.printf(
          "CPUs without VNNI: %s; int8 models made for amx or vnni ran as their 7-bit variant"
              + " there%n",
          withoutVnni);
    }
    out.println(summary.toText());
  }

  /** A line for each look of {@code --watch} that found something. */
  static void printAdded(ScoreResult result, PrintWriter out) {
    out.printf(
        "%,d new inputs scored, %,d in all: %s%n",
        result.added(), result.metrics().inputs(), result.out());
    out.flush();
  }
}
