package dev.octavo.ml;

import dev.octavo.image.TestPictures;
import dev.octavo.inference.TinyModel;
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
      BufferedImage image = TestPictures.rectangles(width, height, types[i % 3], random);
      ImageIO.write(image, "png", folder.resolve("%03d.png".formatted(i)).toFile());
    }
  }
}
