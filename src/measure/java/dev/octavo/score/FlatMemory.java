package dev.octavo.score;

import dev.octavo.artifact.Destination.IfExists;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.BundleWriter;
import dev.octavo.bundle.ProgramWriter;
import dev.octavo.image.Normalization;
import dev.octavo.image.Preprocessing;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.Precision;
import dev.octavo.program.TestModels;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;

/**
 * How much memory scoring a large folder takes, and how long the same command takes when it finds
 * nothing new. Arguments: how many images; height and width of the model's images (32); MiB of heap
 * for each of two executors (1024). The driver is this JVM: its heap is the caller's {@code -Xmx}.
 */
public final class FlatMemory {
  private static final int DIFFERENT = 256;
  private static final int FILES_PER_FOLDER = 1_000;
  private static final int MIN_SIDE = 32;
  private static final int MAX_SIDE = 48;
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final List<String> CLASSES = List.of("attic", "bar", "cellar", "den");

  private FlatMemory() {}

  /** Scores twice and prints. */
  public static void main(String[] args) throws IOException {
    int count = Integer.parseInt(args[0]);
    int imageSize = args.length > 1 ? Integer.parseInt(args[1]) : 32;
    int megabytes = args.length > 2 ? Integer.parseInt(args[2]) : 1024;
    Path work = Files.createTempDirectory("octavo-flat-memory-");
    try {
      long start = System.nanoTime();
      Path images = work.resolve("images");
      RepeatedFiles.fill(
          images, images(work.resolve("originals")), count, (i, file) -> place(i, file));
      System.out.printf(
          Locale.ROOT, "%,d files made in %.1f s%n", count, (System.nanoTime() - start) / 1e9);
      ScoreSettings settings =
          AsJobsScore.settings(
              publish(work, imageSize), Precision.FP32, images, work.resolve("scores"));
      String master = "local-cluster[2,1,%d]".formatted(megabytes);
      Score score = new Score(LocalCluster.start(master, Map.of()), settings);
      try (MemorySampler memory = new MemorySampler(INTERVAL)) {
        run(score);
        System.out.print(memory.report());
      }
      run(score);
    } finally {
      LocalCluster.stop();
      FileUtil.fullyDelete(work.toFile());
    }
  }

  private static void run(Score score) throws IOException {
    long start = System.nanoTime();
    ScoreResult result = score.execute();
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%,d of %,d files scored in %.1f s (%.0f a second; scoring jobs of all runs together %.1f"
            + " s)%n",
        result.added(),
        result.metrics().inputs(),
        seconds,
        result.added() / seconds,
        result.metrics().wallMillis() / 1e3);
  }

  static Path place(int number, Path original) {
    return Path.of(
        "%05d".formatted(number / FILES_PER_FOLDER),
        "%07d.%s".formatted(number, FuzzedFolder.extension(original)));
  }

  static List<Path> images(Path folder) throws IOException {
    Files.createDirectories(folder);
    Random random = new Random(1);
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < DIFFERENT; i++) {
      Path file = folder.resolve(i + (i % 2 == 0 ? ".jpg" : ".png"));
      Images.write(file, side(random), side(random), random);
      files.add(file);
    }
    return files;
  }

  private static int side(Random random) {
    return MIN_SIDE + random.nextInt(MAX_SIDE - MIN_SIDE + 1);
  }

  static org.apache.hadoop.fs.Path publish(Path work, int imageSize) throws IOException {
    Network network = ResNet.RESNET18.network(CLASSES.size());
    try (Staging staging =
        Staging.open(
            new Configuration(),
            AsJobsScore.hadoop(work.resolve("model")),
            "model",
            IfExists.FAIL,
            java.util.List.of())) {
      return BundleWriter.publish(
          staging,
          new BundleWriter.Content(
              new BundleWriter.Description(network, CLASSES, Preprocessing.ofSize(imageSize)),
              ProgramWriter.portable(
                  network, TestModels.weights(network, 1), Normalization.IMAGENET),
              Map.of(),
              Map.of(),
              Map.of()));
    }
  }
}
