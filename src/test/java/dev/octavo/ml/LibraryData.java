package dev.octavo.ml;

import dev.octavo.inference.TinyModel;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/** Models and PNG files for the tests of this package. */
final class LibraryData {
  static final List<String> CLASSES = List.of("bar", "child's room", "gym", "library");

  private LibraryData() {}

  static String model(Path directory, long seed) throws IOException {
    return TinyModel.publish(new org.apache.hadoop.fs.Path("file:" + directory), CLASSES, seed)
        .toString();
  }

  static Path picture(Path work, int index) {
    return work.resolve("pictures").resolve("%03d.png".formatted(index));
  }

  /** Writes pictures of several sizes: with three channels, with alpha, and gray ones. */
  static void writePictures(Path folder, int count) throws IOException {
    Files.createDirectories(folder);
    Random random = new Random(7);
    int[] types = {
      BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_BYTE_GRAY
    };
    for (int i = 0; i < count; i++) {
      int width = 30 + random.nextInt(150);
      int height = 30 + random.nextInt(150);
      BufferedImage image = new BufferedImage(width, height, types[i % 3]);
      Graphics2D graphics = image.createGraphics();
      for (int r = 0; r < 15; r++) {
        graphics.setColor(new Color(random.nextInt(1 << 24)));
        graphics.fillRect(
            random.nextInt(width), random.nextInt(height), random.nextInt(80), random.nextInt(80));
      }
      graphics.dispose();
      ImageIO.write(image, "png", folder.resolve("%03d.png".formatted(i)).toFile());
    }
  }
}
