package dev.octavo.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.octavo.artifact.WholeFiles;
import dev.octavo.latency.LatencyRow;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The result of a benchmark.
 *
 * @param out the JSON file with the rows
 * @param rows by batch size, then in the order of the models and precisions
 */
public record BenchResult(Path out, List<LatencyRow> rows) {
  /** Copies the list. */
  public BenchResult {
    rows = List.copyOf(rows);
  }

  /** Writes the rows, replacing a file that is there. */
  public void write(Configuration conf) throws IOException {
    WholeFiles.write(conf, out, toJson(rows));
  }

  /** The rows as a JSON array, with a line feed at the end. */
  public static String toJson(List<LatencyRow> rows) {
    try {
      return JsonMapper.builder()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .build()
              .writeValueAsString(rows)
              .replace("\r\n", "\n")
          + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("rows hold only strings and numbers", e);
    }
  }

  /** The reverse of {@link #toJson}. */
  static List<LatencyRow> fromJson(String json) throws JsonProcessingException {
    return List.of(new JsonMapper().readValue(json, LatencyRow[].class));
  }

  /** A table for a console; ratios are to the first row of the same batch size. */
  public String toText() {
    int width = rows.stream().mapToInt(r -> r.model().length()).max().orElse(0);
    StringBuilder text = new StringBuilder();
    String head = "%-" + Math.max(5, width) + "s  %-9s  %5s  %8s  %8s  %8s  %8s  %6s%n";
    text.append(
        String.format(
            Locale.ROOT,
            head,
            "model",
            "precision",
            "batch",
            "ms/image",
            "p10",
            "p90",
            "images/s",
            "ratio"));
    List<String> features = rows.get(0).cpuFeatures();
    for (LatencyRow row : rows) {
      if (!row.cpuFeatures().equals(features)) {
        text.append(machine(features));
        features = row.cpuFeatures();
      }
      double base =
          rows.stream()
              .filter(r -> r.batchSize() == row.batchSize())
              .filter(r -> r.cpuFeatures().equals(row.cpuFeatures()))
              .findFirst()
              .orElseThrow()
              .msPerImage();
      text.append(
          String.format(
              Locale.ROOT,
              head,
              row.model(),
              row.precision(),
              row.batchSize(),
              String.format(Locale.ROOT, "%.2f", row.msPerImage()),
              String.format(Locale.ROOT, "%.2f", row.p10()),
              String.format(Locale.ROOT, "%.2f", row.p90()),
              String.format(Locale.ROOT, "%.1f", row.imagesPerSecond()),
              String.format(Locale.ROOT, "%.2f×", base / row.msPerImage())));
    }
    text.append(machine(features));
    text.append(
        String.format(
            "median, 10th and 90th percentile of the calls; ratio to the first row of the same CPU"
                + " and batch size%n"));
    return text.toString();
  }

  private String machine(List<String> features) {
    return "  on %d threads, %s%n".formatted(rows.get(0).threads(), String.join(" ", features));
  }
}
