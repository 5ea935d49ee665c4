package dev.octavo.demo;

import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Staging;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Writes the demo's images: {@code Images/CLASS/FILE}, {@code TrainImages.txt} and {@code
 * TestImages.txt}, laid out as Indoor-67 is. Equal settings give equal files.
 */
public final class DemoImages {
  private static final String KIND = "images";
  private static final String IMAGES = "Images";
  private static final String TRAIN_LIST = "TrainImages.txt";
  private static final String TEST_LIST = "TestImages.txt";

  private final Configuration conf;
  private final Settings settings;

  /** Checks nothing that {@link Settings} has not. */
  public DemoImages(Configuration conf, Settings settings) {
    this.conf = conf;
    this.settings = settings;
  }

  /**
   * The settings of the generated set.
   *
   * @param out where; what an earlier demo painted there is replaced
   * @param trainPerClass images in {@code TrainImages.txt} for each of the 67 classes, at least 8
   * @param testPerClass images in {@code TestImages.txt} for each class, at least 1
   * @param seed of everything that is random
   */
  public record Settings(Path out, int trainPerClass, int testPerClass, long seed) {
    /** Checks the numbers. */
    public Settings {
      if (trainPerClass < 8 || testPerClass < 1) {
        throw new IllegalArgumentException(
            "%d train and %d test images per class are too few"
                .formatted(trainPerClass, testPerClass));
      }
    }
  }

  /**
   * The generated set.
   *
   * @param images the folder with one folder per class
   * @param trainList one {@code CLASS/FILE} per line
   * @param testList the same for the test split
   * @param files written; one less than the lists name
   */
  public record Result(Path images, Path trainList, Path testList, int files) {}

  /** An image in the making; {@code encoding} is null for the one that is listed but missing. */
  private record DemoFile(String name, int labelId, long seed, ImageEncoding encoding) {
    String path() {
      return IndoorClasses.NAMES.get(labelId) + "/" + name;
    }
  }

  /** Paints on all cores. */
  public Result execute() throws IOException, InterruptedException {
    List<DemoFile> train = files("train", settings.trainPerClass());
    addQuirks(train);
    List<DemoFile> test = files("test", settings.testPerClass());
    List<DemoFile> all = new ArrayList<>(train);
    all.addAll(test);
    try (Staging staging =
        Staging.open(conf, settings.out(), KIND, Destination.IfExists.REPLACE, List.of())) {
      FileSystem fs = staging.fileSystem();
      write(fs, new Path(staging.directory(), TRAIN_LIST), list(train));
      write(fs, new Path(staging.directory(), TEST_LIST), list(test));
      int files = paint(fs, new Path(staging.directory(), IMAGES), all);
      Path out =
          staging.publish(
              Manifest.of(
                  KIND,
                  Map.of(),
                  Map.of(
                      "trainPerClass", settings.trainPerClass(),
                      "testPerClass", settings.testPerClass(),
                      "seed", settings.seed()),
                  Map.of("files", files)));
      return new Result(
          new Path(out, IMAGES), new Path(out, TRAIN_LIST), new Path(out, TEST_LIST), files);
    }
  }

  private List<DemoFile> files(String split, int perClass) {
    List<DemoFile> files = new ArrayList<>();
    for (int label = 0; label < IndoorClasses.NAMES.size(); label++) {
      for (int i = 0; i < perClass; i++) {
        String name = "%s_%s_%03d.jpg".formatted(IndoorClasses.NAMES.get(label), split, i);
        files.add(new DemoFile(name, label, seed(name), ImageEncoding.JPEG));
      }
    }
    return files;
  }

  private long seed(String name) {
    // An odd factor spreads the 32 bits of the name's hash over 64; the painter's generator mixes.
    return settings.seed() ^ (name.hashCode() * 0x9E3779B97F4A7C15L);
  }

  /** Makes some of the first images of the first classes what real collections contain. */
  private static void addQuirks(List<DemoFile> files) {
    replace(files, 0, "airport_inside_gif.jpg", ImageEncoding.GIF);
    replace(files, 1, "terminal 1.jpg", ImageEncoding.PNG);
    replace(files, 2, "gray.jpg", ImageEncoding.GRAY);
    replace(files, 3, "printed.jpg", ImageEncoding.CMYK);
    replace(files, 4, "traveller's photo of gate 2.jpg", ImageEncoding.JPEG);
    replace(files, 5, "broken.jpg", ImageEncoding.TRUNCATED);
    replace(files, 6, "missing.jpg", null);
    replace(files, 7, "two.dots.jpg.jpg", ImageEncoding.JPEG);
  }

  private static void replace(
      List<DemoFile> files, int index, String name, ImageEncoding encoding) {
    DemoFile old = files.get(index);
    files.set(index, new DemoFile(name, old.labelId(), old.seed(), encoding));
  }

  /** As the official lists: no newline at the end. */
  private static byte[] list(List<DemoFile> files) {
    return String.join("\n", files.stream().map(DemoFile::path).toList())
        .getBytes(StandardCharsets.UTF_8);
  }

  private static int paint(FileSystem fs, Path images, List<DemoFile> files)
      throws IOException, InterruptedException {
    List<Callable<Void>> tasks = new ArrayList<>();
    for (DemoFile file : files) {
      if (file.encoding() != null) {
        tasks.add(
            () -> {
              byte[] bytes = file.encoding().encode(Scene.of(file.labelId()).paint(file.seed()));
              write(fs, new Path(images, file.path()), bytes);
              return null;
            });
      }
    }
    ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      for (Future<Void> painted : threads.invokeAll(tasks)) {
        painted.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("could not paint the images of the demo", e.getCause());
    } finally {
      threads.shutdownNow();
    }
    return tasks.size();
  }

  private static void write(FileSystem fs, Path file, byte[] bytes) throws IOException {
    if (fs instanceof LocalFileSystem local) {
      // Hadoop would start a chmod process for each file, and put a .crc file beside it.
      File target = local.pathToFile(file);
      Files.createDirectories(target.getParentFile().toPath());
      Files.write(target.toPath(), bytes);
      return;
    }
    try (OutputStream out = fs.create(file)) {
      out.write(bytes);
    }
  }
}
