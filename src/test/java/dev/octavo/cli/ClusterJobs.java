package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.artifact.Manifest;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.image.TestImages;
import dev.octavo.results.Scores;
import dev.octavo.spark.LocalCluster;
import dev.octavo.spark.TestProcess;
import dev.octavo.spark.TestProcess.Watch;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * Small jobs for tests with a cluster of its own processes, run by {@code jobs/*}. What they write
 * is compared with what the same jobs wrote on two local executors while nothing disturbed them.
 */
final class ClusterJobs {
  private static final List<String> CLASSES = List.of("attic", "bar", "cellar");
  private static final int PER_CLASS = 24;
  private static final int IMAGES = CLASSES.size() * PER_CLASS;

  private final Path directory;
  private final Checkout checkout;
  private final List<String> clusterOptions;
  private final Map<String, String> environment;

  /**
   * Paints images, and runs the undisturbed jobs.
   *
   * @param directory where all that the jobs read and write is
   * @param clusterOptions what names the cluster to {@code jobs/*}
   * @param environment what {@code jobs/*} have beside the environment of tests
   */
  ClusterJobs(Path directory, List<String> clusterOptions, Map<String, String> environment)
      throws IOException {
    this.directory = directory;
    this.clusterOptions = clusterOptions;
    this.environment = environment;
    checkout = new Checkout(directory);
    Random random = new Random(11);
    for (String name : CLASSES) {
      Path folder = Files.createDirectories(directory.resolve("images").resolve(name));
      for (int i = 0; i < PER_CLASS; i++) {
        BufferedImage image = TestImages.rectangles(48, 40, BufferedImage.TYPE_INT_RGB, random);
        assertThat(ImageIO.write(image, "png", folder.resolve(i + ".png").toFile())).isTrue();
      }
    }
    for (String command : List.of(ingest("data"), train("model"), score("scores"))) {
      Jobs.run(LocalCluster.session(), command.split(" "));
    }
  }

  String ingest(String out) {
    return "ingest --images DIR/images --split 0.3,0.2,0.5 --out DIR/".replace("DIR", path()) + out;
  }

  /** Three steps an epoch and worker, with a checkpoint after the fourth. */
  String train(String out) {
    return "train --data DIR/data --network resnet18 --image-size 32 --epochs 2 --batch-size 4 --learning-rate 0.0003 --checkpoint-steps 4 --seed 3 --run-dir DIR/run-of-OUT --out DIR/OUT"
        .replace("DIR", path())
        .replace("OUT", out);
  }

  /** In four rounds. */
  String score(String out) {
    return "score --model DIR/model --images DIR/images --commit-files 18 --out DIR/"
            .replace("DIR", path())
        + out;
  }

  private String path() {
    return directory.toString();
  }

  /** A job on the cluster that runs. */
  Process start(String command, String... more) throws IOException {
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    String job = words.remove(0);
    words.addAll(clusterOptions);
    words.addAll(List.of(more));
    return checkout.start(log(), environment, job, words);
  }

  /** Returns what the job printed. */
  String awaitSuccess(Process job) throws IOException, InterruptedException {
    int exitCode = job.waitFor();
    String printed = Files.readString(log());
    assertThat(exitCode).as(printed).isZero();
    return printed;
  }

  private Path log() {
    return directory.resolve("log");
  }

  /** A scoring on the cluster that has committed the first of its rounds. */
  Process startUpToFirstRound(String out, String... more) throws Exception {
    Process job = start(score(out), more);
    awaitWhile(
        job,
        () -> TestProcess.awaitPath(directory, "." + out + ".scoring", "predictions", "round=0"));
    return job;
  }

  /** A training on the cluster that is in its second epoch. */
  Process startUpToCheckpoint(String out, String... more) throws Exception {
    try (Watch watch = new Watch(Files.createDirectory(directory.resolve("run-of-" + out)))) {
      Process job = start(train(out), more);
      awaitWhile(job, () -> watch.awaitCreated("checkpoint-%010d-".formatted(4)));
      return job;
    }
  }

  /** Waits for an event that comes while a job runs. */
  private void awaitWhile(Process job, Event event) throws Exception {
    ExecutorService waiting = Executors.newSingleThreadExecutor();
    Future<?> happened =
        waiting.submit(
            () -> {
              event.await();
              return true;
            });
    CompletableFuture<Void> end = job.onExit().thenRun(() -> happened.cancel(true));
    try {
      happened.get();
    } catch (CancellationException e) {
      throw new AssertionError("it ended before: " + Files.readString(log()), e);
    } finally {
      end.cancel(true);
      waiting.shutdownNow();
    }
  }

  /** What one waits for. */
  private interface Event {
    void await() throws IOException, InterruptedException;
  }

  void assertSameDataset(String out) throws IOException {
    assertSameRows("data/" + DatasetArtifact.IMAGES, out + "/" + DatasetArtifact.IMAGES);
    assertNothingBeside(out);
  }

  void assertSameScores(String out) throws IOException {
    assertSameRows("scores/" + Scores.PREDICTIONS, out + "/" + Scores.PREDICTIONS);
    assertNothingBeside(out);
  }

  void assertSameWeights(String out) throws IOException {
    assertThat(weights(out)).isEqualTo(weights("model"));
    assertNothingBeside(out);
  }

  private String weights(String model) throws IOException {
    Path manifest = directory.resolve(model).resolve(Manifest.FILE_NAME);
    return Manifest.fromJson(Files.readString(manifest), manifest.toString())
        .files()
        .get(ModelBundle.MODEL_FILE)
        .sha256();
  }

  private void assertSameRows(String expected, String actual) {
    assertThat(rows(actual)).hasSize(IMAGES).isEqualTo(rows(expected));
  }

  /** As JSON, which has all digits of numbers and the bytes of images. */
  private List<String> rows(String parquet) {
    return LocalCluster.session()
        .read()
        .parquet(directory.resolve(parquet).toString())
        .toJSON()
        .collectAsList()
        .stream()
        .sorted()
        .toList();
  }

  private void assertNothingBeside(String out) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(f -> f.getFileName().toString()).filter(name -> name.contains(out)))
          .containsExactly(out);
    }
  }
}
