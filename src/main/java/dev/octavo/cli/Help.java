package dev.octavo.cli;

import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Model.CommandSpec;

/** The help of a command besides its options, in the order of a manual page. */
final class Help {
  private static final int WIDTH = 90;

  private static final Map<String, String> EXIT_CODES =
      Map.of(
          "0", "done",
          "1", "failed",
          "2", "wrong usage: an option, or a file that an option names",
          "3", "a quality gate refused the result: nothing was published");

  private static final Map<String, List<String>> EXAMPLES =
      Map.ofEntries(
          entry(
              "fetch",
              List.of(
                  "jobs/fetch indoor67",
                  "jobs/fetch resnet50-weights --to weights",
                  "jobs/fetch indoor67 --url https://mirror.example/indoor67/")),
          entry(
              "ingest",
              List.of(
                  "jobs/ingest --images flowers --out data/flowers",
                  "jobs/ingest --images data/Images --train-list data/TrainImages.txt --test-list"
                      + " data/TestImages.txt --out data/indoor67")),
          entry(
              "import",
              List.of(
                  "jobs/import --weights resnet50.pth --network resnet50 --data data/flowers --out"
                      + " data/model")),
          entry(
              "train",
              List.of(
                  "jobs/train --data data/flowers --network resnet18 --out data/model",
                  "jobs/train --config conf/train-indoor67.properties --data data/indoor67 --weights"
                      + " data/resnet50-11ad3fa6.pth --out data/resnet50")),
          entry(
              "quantize",
              List.of(
                  "jobs/quantize --model data/resnet50 --data data/indoor67 --out data/resnet50-int8")),
          entry(
              "score",
              List.of(
                  "jobs/score --model data/resnet50 --model data/resnet50-int8 --data data/indoor67"
                      + " --out data/scores",
                  "jobs/score --model data/resnet50-int8 --images hdfs://cluster/photos --out"
                      + " hdfs://cluster/predictions",
                  "jobs/score --model theirs.onnx --classes classes.txt --images photos --out data/scores")),
          entry("report", List.of("jobs/report --scores data/scores --out data/report.html")),
          entry(
              "bench",
              List.of(
                  "jobs/bench --model data/resnet50 --model data/resnet50-int8 --out data/bench.json")),
          entry(
              "export",
              List.of("jobs/export --model data/resnet50-int8 --out data/resnet50-int8.onnx")),
          entry("demo", List.of("jobs/demo", "jobs/demo --work /data/demo --epochs 5")));

  private static final Map<String, String> PAGES =
      Map.ofEntries(
          entry("fetch", "data/README.md"),
          entry("ingest", "docs/data-contracts.md"),
          entry("import", "docs/import-export.md"),
          entry("train", "docs/training.md"),
          entry("quantize", "docs/quantization.md"),
          entry("score", "docs/scoring.md"),
          entry("report", "docs/report.md"),
          entry("bench", "docs/benchmarks.md"),
          entry("export", "docs/import-export.md"),
          entry("demo", "README.md"));

  private Help() {}

  /** Adds headings, exit codes and, to a job, examples and what it takes from around it. */
  static void describe(CommandSpec spec) {
    spec.usageMessage()
        .sortOptions(false)
        .abbreviateSynopsis(true)
        .exitCodeListHeading("%nExit codes:%n")
        .exitCodeList(new TreeMap<>(EXIT_CODES));
    if (EXAMPLES.containsKey(spec.name())) {
      spec.usageMessage()
          .descriptionHeading("%n")
          .parameterListHeading("%n")
          .optionListHeading("%nOptions:%n")
          .footerHeading("%nExamples:%n")
          .footer(footer(spec.name()));
    }
  }

  private static String[] footer(String job) {
    List<String> lines = new ArrayList<>();
    examples(job).forEach(example -> lines.addAll(broken(example)));
    lines.addAll(
        List.of(
            "",
            "Spark:",
            "  Options of spark-submit (--master URL, --conf K=V, --driver-memory M, ...) may stand"
                + " anywhere.",
            "",
            "Files:",
            "  %-25s defaults of these options".formatted("conf/" + job + ".properties"),
            "  conf/spark-defaults.conf  Spark's settings",
            "",
            "Environment:",
            "  JAVA_HOME                 a JDK 17 (with Spark 4.2 also 21 or 25)",
            "  SPARK_HOME                a Spark 3.5 or 4.2 to use in place of the embedded one",
            "  OCTAVO_SPARK=4.2          the embedded Spark 4.2, where both are built",
            "  OCTAVO_STACKTRACE=1       as --stacktrace",
            "",
            "More: %s; docs/troubleshooting.md by message".formatted(PAGES.get(job))));
    return lines.toArray(String[]::new);
  }

  /** The lines of a command that is too long for one, as a shell reads them. */
  static List<String> broken(String command) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder("  ");
    for (String part : command.split(" (?=--)", -1)) {
      if (line.length() + part.length() > WIDTH) {
        lines.add(line + "\\");
        line = new StringBuilder("      ");
      }
      line.append(part).append(' ');
    }
    lines.add(line.toString().stripTrailing());
    return lines;
  }

  /** Command lines that do what a job is for. */
  static List<String> examples(String job) {
    return EXAMPLES.getOrDefault(job, List.of());
  }
}
