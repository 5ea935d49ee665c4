package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.image.TestImages;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import javax.imageio.ImageIO;

/** Files of coloured rectangles. */
final class Images {
  private Images() {}

  /** Writes an image, as PNG or JPEG after the file's name. */
  static void write(Path file, int width, int height, Random random) throws IOException {
    String format = file.toString().endsWith("png") ? "png" : "jpg";
    assertThat(
            ImageIO.write(
                TestImages.rectangles(width, height, BufferedImage.TYPE_INT_RGB, random),
                format,
                file.toFile()))
        .isTrue();
  }

  /**
   * Writes small JPEGs {@code folder/N.jpg} for the numbers from {@code from} to below {@code to}.
   */
  static void fill(Path folder, int from, int to) throws IOException {
    Files.createDirectories(folder);
    for (int i = from; i < to; i++) {
      write(folder.resolve(i + ".jpg"), 40 + i % 30, 50, new Random(i));
    }
  }

  /** The paths of all files below a folder, relative to it. */
  static Set<String> below(Path folder) throws IOException {
    Set<String> paths = new TreeSet<>();
    try (var walk = Files.walk(folder)) {
      walk.filter(Files::isRegularFile).forEach(f -> paths.add(folder.relativize(f).toString()));
    }
    return paths;
  }
}
