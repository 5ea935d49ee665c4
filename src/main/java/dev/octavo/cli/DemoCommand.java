package dev.octavo.cli;

import dev.octavo.OctavoException;
import dev.octavo.demo.DemoImages;
import dev.octavo.results.ScoreMetrics;
import dev.octavo.spark.OctavoSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octavo demo}: all jobs, one after the other, over images that it paints. */
@Command(
    name = "demo",
    description =
        "Paints images in the shape of Indoor-67 and runs all jobs over them: ingest, train,"
            + " quantize, score, report. Takes some minutes.")
public final class DemoCommand implements Callable<Integer> {
  private static final int TRAIN_PER_CLASS = 40;
  private static final int TEST_PER_CLASS = 10;
  private static final double LEAST_TOP1 = 0.60;
  private static final double MOST_DROP = 0.01;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      defaultValue = "target/demo",
      description =
          "Output directory; the output of an earlier demo is replaced (${DEFAULT-VALUE}).")
  private Path work;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "2",
      converter = Converters.PositiveInt.class,
      description = "Epochs of the training (${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "17",
      description = "Seed of the images and the jobs (${DEFAULT-VALUE}).")
  private long seed;

  @Spec private CommandSpec spec;

  DemoCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    // One session for all jobs; training wants its executors whole, the others don't mind.
    Configuration conf =
        OctavoSession.openForWholeExecutorTasks("demo").sparkContext().hadoopConfiguration();
    DemoImages.Result images = paint(conf);
    for (List<String> job : jobs(images)) {
      int exitCode = run(job);
      if (exitCode != 0) {
        return exitCode;
      }
    }
    check(metrics(conf));
    return 0;
  }

  private DemoImages.Result paint(Configuration conf) throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    long start = System.nanoTime();
    DemoImages.Result images =
        new DemoImages(
                conf,
                new DemoImages.Settings(
                    new Path(work, "images"), TRAIN_PER_CLASS, TEST_PER_CLASS, seed))
            .execute();
    out.printf(
        "%,d images painted in %.0f s: %s%n", images.files(), seconds(start), images.images());
    return images;
  }

  private List<List<String>> jobs(DemoImages.Result images) {
    String data = at("dataset");
    String model = at("model");
    String int8 = at("model-int8");
    String scores = at("scores");
    String random = String.valueOf(seed);
    List<List<String>> jobs = new ArrayList<>();
    jobs.add(
        List.of(
            "ingest",
            "--images",
            images.images().toString(),
            "--train-list",
            images.trainList().toString(),
            "--test-list",
            images.testList().toString(),
            "--seed",
            random,
            "--out",
            data,
            "--overwrite"));
    jobs.add(
        List.of(
            "train",
            "--data",
            data,
            "--network",
            "resnet18",
            "--image-size",
            "48",
            "--epochs",
            String.valueOf(epochs),
            "--batch-size",
            "32",
            "--learning-rate",
            "0.1",
            "--seed",
            random,
            "--out",
            model,
            "--overwrite"));
    jobs.add(
        List.of(
            "quantize",
            "--model",
            model,
            "--data",
            data,
            "--seed",
            random,
            "--out",
            int8,
            "--overwrite"));
    jobs.add(score(data, "val", at("val-scores"), "--no-latency"));
    jobs.add(score(data, "test", scores, "--latency"));
    jobs.add(
        List.of(
            "report",
            "--scores",
            scores,
            "--val-scores",
            at("val-scores"),
            "--out",
            at("report.html")));
    return jobs;
  }

  private List<String> score(String data, String split, String out, String latency) {
    return List.of(
        "score",
        "--model",
        at("model"),
        "--model",
        at("model-int8"),
        "--data",
        data,
        "--split",
        split,
        "--probabilities",
        latency,
        "--out",
        out,
        "--overwrite");
  }

  private String at(String name) {
    return new Path(work, name).toString();
  }

  private int run(List<String> job) {
    CommandLine line = spec.commandLine();
    PrintWriter out = line.getOut();
    out.printf("%n$ jobs/%s%n", String.join(" ", job));
    out.flush();
    long start = System.nanoTime();
    int exitCode =
        Octavo.configure(new CommandLine(new Octavo()))
            .setOut(out)
            .setErr(line.getErr())
            .execute(job.toArray(String[]::new));
    out.printf("(%.0f s)%n", seconds(start));
    return exitCode;
  }

  private ScoreMetrics metrics(Configuration conf) throws IOException {
    Path file = new Path(at("scores"), ScoreMetrics.FILE_NAME);
    try (InputStream in = file.getFileSystem(conf).open(file)) {
      return ScoreMetrics.fromJson(new String(in.readAllBytes(), StandardCharsets.UTF_8), file);
    }
  }

  private static void check(ScoreMetrics metrics) {
    double fp32 = metrics.models().get(0).accuracy().top1();
    double int8 = metrics.models().get(1).accuracy().top1();
    if (fp32 < LEAST_TOP1 || fp32 - int8 > MOST_DROP) {
      throw new OctavoException.QualityGate(
          ("the demo should reach a top-1 of at least %.0f %% in fp32, and in int8 at most %.0f"
                  + " point less; it reached %.1f %% and %.1f %%")
              .formatted(100 * LEAST_TOP1, 100 * MOST_DROP, 100 * fp32, 100 * int8));
    }
  }

  private static double seconds(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }
}
