package dev.octavo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.octavo.artifact.Manifest;
import dev.octavo.dataset.DatasetSchema;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.sql.SparkSession;

/** The jobs of {@link FaultMatrix}: how each is started, and what comes out of it. */
final class FaultJobs {
  enum Job {
    INGEST,
    TRAIN,
    QUANTIZE,
    SCORE;

    String command() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  record Ended(int exitCode, String output) {}

  enum Place {
    ONE_PROCESS,
    CLUSTER;

    private List<String> options() {
      return this == CLUSTER ? List.of("--master", "local-cluster[2,1,1024]") : List.of();
    }
  }

  private static final int PER_CLASS = 30;

  private final Path work;
  private final SparkSession spark;
  private final Map<Long, Path> logs = new HashMap<>();

  /** Jobs in a directory; the session reads what they publish. */
  FaultJobs(Path work, SparkSession spark) {
    this.work = work;
    this.spark = spark;
  }

  void paint(Path photos) throws IOException {
    Color[] colours = {Color.RED, Color.GREEN, Color.BLUE};
    for (int label = 0; label < colours.length; label++) {
      Path folder = Files.createDirectories(photos.resolve("class" + label));
      for (int i = 0; i < PER_CLASS; i++) {
        BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(colours[label]);
        graphics.fillRect(i % 7, i % 5, 40 + i % 11, 30);
        graphics.dispose();
        ImageIO.write(image, "jpeg", folder.resolve(i + ".jpg").toFile());
      }
    }
  }

  /** Where the artifacts of the undisturbed runs are. */
  Path right(Place place) {
    return work.resolve("right-" + place);
  }

  /** What a job reads is that of the undisturbed runs. */
  Process start(Place place, Job job, Path photos, Path out, List<String> more) throws IOException {
    Path right = right(place);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("octavo.dist"), "../../jobs", job.command()).toString());
    command.addAll(
        switch (job) {
          case INGEST -> List.of("--images", photos.toString(), "--split", "0.6,0.2,0.2");
          case TRAIN ->
              Stream.of(
                      "--data DATA --network resnet18 --image-size 32 --epochs 3 --batch-size 8"
                          + " --checkpoint-steps 2 --seed 3")
                  .flatMap(options -> Stream.of(options.split(" ")))
                  .map(word -> word.equals("DATA") ? data(place, photos).toString() : word)
                  .toList();
          case QUANTIZE ->
              List.of(
                  "--model",
                  right.resolve("train").toString(),
                  "--data",
                  data(place, photos).toString(),
                  "--calibration-images",
                  "16",
                  "--max-drop",
                  "100",
                  "--min-agreement",
                  "0",
                  "--rounding",
                  "nearest");
          case SCORE ->
              List.of(
                  "--model",
                  right.resolve("train").toString(),
                  "--images",
                  photos.toString(),
                  "--commit-files",
                  "20");
        });
    command.addAll(List.of("--out", out.toString()));
    command.addAll(place.options());
    command.addAll(more);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("SPARK_HOME");
    builder.redirectOutput(Files.createTempFile(work, job.command(), ".log").toFile());
    Process process = builder.start();
    logs.put(process.pid(), builder.redirectOutput().file().toPath());
    return process;
  }

  /** The dataset beside photos: their own copy where these change, or the undisturbed one. */
  private Path data(Place place, Path photos) {
    Path own = photos.resolveSibling("data");
    return Files.exists(own) ? own : right(place).resolve("ingest");
  }

  Ended await(Process process) throws IOException, InterruptedException {
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      return new Ended(-1, "it did not end in five minutes");
    }
    return new Ended(process.exitValue(), Files.readString(logs.remove(process.pid())));
  }

  /** The scripts replace themselves by the driver, or wait for it to clean up behind it. */
  static ProcessHandle driver(Process process) {
    return process
        .children()
        .filter(p -> p.info().command().orElse("").endsWith("java"))
        .findAny()
        .filter(p -> !isExecutor(p))
        .orElse(process.toHandle());
  }

  /** Looks into {@code /proc}, because ProcessHandle knows no long command lines. */
  static boolean isExecutor(ProcessHandle process) {
    try {
      Path line = Path.of("/proc", Long.toString(process.pid()), "cmdline");
      return Files.readString(line, StandardCharsets.ISO_8859_1)
          .contains("CoarseGrainedExecutorBackend");
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  /** Rows without order, or weights. */
  String contents(Job job, Path out) throws IOException {
    JsonNode manifest = new ObjectMapper().readTree(out.resolve(Manifest.FILE_NAME).toFile());
    return switch (job) {
      case INGEST ->
          rows(
              out.resolve("images"),
              DatasetSchema.PATH,
              "split",
              "label",
              "sha256",
              "width",
              "height");
      case SCORE ->
          rows(out.resolve("predictions"), "path", "model", "prediction", "probability", "error");
      case TRAIN, QUANTIZE -> manifest.get("files").get("model.pt").get("sha256").asText();
    };
  }

  private String rows(Path directory, String... columns) {
    var rows = spark.read().parquet(directory.toUri().toString());
    TreeSet<String> known = new TreeSet<>(List.of(rows.columns()));
    List<String> chosen = Stream.of(columns).filter(known::contains).toList();
    List<String> lines =
        rows
            .select(chosen.get(0), chosen.subList(1, chosen.size()).toArray(String[]::new))
            .collectAsList()
            .stream()
            .map(Object::toString)
            .sorted()
            .toList();
    return lines.size() + " " + String.join("\n", lines).hashCode();
  }
}
