package dev.octavo.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.regexp_extract;
import static org.apache.spark.sql.functions.split;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Images whose class can be seen: discs of one colour per class on noise. */
final class Discs {
  private static final Map<String, Color> CLASSES =
      new TreeMap<>(Map.of("blue", Color.BLUE, "green", Color.GREEN, "red", Color.RED));

  private Discs() {}

  /** Writes {@code CLASS/N.png}, so many of each of the three classes. */
  static void write(Path folder, int each) throws IOException {
    for (Map.Entry<String, Color> type : CLASSES.entrySet()) {
      Files.createDirectories(folder.resolve(type.getKey()));
      for (int i = 0; i < each; i++) {
        Random random = new Random(31L * i + type.getKey().hashCode());
        BufferedImage image = new BufferedImage(48, 40, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 40; y++) {
          for (int x = 0; x < 48; x++) {
            image.setRGB(x, y, random.nextInt(1 << 24));
          }
        }
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(type.getValue());
        graphics.fillOval(random.nextInt(10), random.nextInt(8), 36, 30);
        graphics.dispose();
        ImageIO.write(image, "png", folder.resolve(type.getKey() + "/" + i + ".png").toFile());
      }
    }
  }

  /** The files with the columns {@code content}, {@code label} and {@code name} (CLASS/N.png). */
  static Dataset<Row> table(SparkSession spark, Path folder) {
    return named(
        spark
            .read()
            .format("binaryFile")
            .option("recursiveFileLookup", "true")
            .load(folder.toString()),
        "path");
  }

  /** The pixels with the columns {@code image}, {@code label} and {@code name}. */
  static Dataset<Row> pixels(SparkSession spark, Path folder) {
    return named(
        spark.read().format("image").option("recursiveFileLookup", "true").load(folder.toString()),
        "image.origin");
  }

  private static Dataset<Row> named(Dataset<Row> files, String path) {
    return files
        .withColumn("label", element_at(split(col(path), "/"), -2))
        .withColumn("name", regexp_extract(col(path), "[^/]+/[^/]+$", 0));
  }
}
