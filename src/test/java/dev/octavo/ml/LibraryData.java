package dev.octavo.ml;

import dev.octavo.image.TestImages;
import dev.octavo.inference.TinyModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Models and PNG files for the tests of this package. */
final class LibraryData {
  /** A table whose images are files, beside other columns. */
  static final StructType TABLE =
      new StructType()
          .add("id", DataTypes.IntegerType, false)
          .add("content", DataTypes.BinaryType, true)
          .add("tags", DataTypes.createArrayType(DataTypes.StringType), true)
          .add("when", DataTypes.TimestampType, true);

  static final List<String> CLASSES = List.of("bar", "child's room", "gym", "library");

  private LibraryData() {}

  static String model(Path directory, long seed) throws IOException {
    return TinyModel.publish(new org.apache.hadoop.fs.Path("file:" + directory), CLASSES, seed)
        .toString();
  }

  static Path image(Path work, int index) {
    return work.resolve("images").resolve("%03d.png".formatted(index));
  }

  /** Writes images of several sizes: with three channels, with alpha, and gray ones. */
  static void writeImages(Path folder, int count) throws IOException {
    Files.createDirectories(folder);
    Random random = new Random(7);
    int[] types = {
      BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_BYTE_GRAY
    };
    for (int i = 0; i < count; i++) {
      int width = 30 + random.nextInt(150);
      int height = 30 + random.nextInt(150);
      BufferedImage image = TestImages.rectangles(width, height, types[i % 3], random);
      ImageIO.write(image, "png", folder.resolve("%03d.png".formatted(i)).toFile());
    }
  }

  /** A row of {@link #TABLE}. */
  static Row row(int id, byte[] content) {
    return RowFactory.create(id, content, new String[] {"tag " + id}, new Timestamp(1000L * id));
  }

  /** All images as rows, and after every fifth one row without a file and one with text. */
  static List<Row> rowsWithHoles(Path work, int images) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      rows.add(row(rows.size(), Files.readAllBytes(image(work, i))));
      if (i % 5 == 0) {
        rows.add(row(rows.size(), null));
        rows.add(row(rows.size(), "not an image".getBytes(StandardCharsets.UTF_8)));
      }
    }
    return rows;
  }
}
