package dev.octavo.train;

import dev.octavo.artifact.Manifest;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.dataset.Datasets;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/** Datasets of images whose class can be seen: discs of one colour per class on noise. */
final class GeneratedData {
  private static final List<String> CLASSES = List.of("blue", "green", "red");
  private static final List<Color> COLOURS = List.of(Color.BLUE, Color.GREEN, Color.RED);

  private GeneratedData() {}

  /** Publishes a dataset with so many images per split and returns its place. */
  static org.apache.hadoop.fs.Path write(SparkSession spark, Path directory, int train, int val)
      throws IOException {
    return write(spark, directory, train, val, 0);
  }

  /** The same with images of the split {@code extra}, which have no label. */
  static org.apache.hadoop.fs.Path write(
      SparkSession spark, Path directory, int train, int val, int extra) throws IOException {
    List<Row> rows = new ArrayList<>();
    addRows(rows, DatasetSchema.EXTRA, extra);
    addRows(rows, DatasetSchema.TRAIN, train);
    addRows(rows, DatasetSchema.VAL, val);
    return write(spark, directory, rows);
  }

  /** The same, where some train images are labelled as the next class and val has one of train. */
  static org.apache.hadoop.fs.Path writeWithFaults(
      SparkSession spark, Path directory, int train, int val, List<Integer> mislabelled, int copied)
      throws IOException {
    List<Row> rows = new ArrayList<>();
    addRows(rows, DatasetSchema.TRAIN, train);
    addRows(rows, DatasetSchema.VAL, val);
    for (int image : mislabelled) {
      int label = (image + 1) % CLASSES.size();
      rows.set(image, with(with(rows.get(image), 1, CLASSES.get(label)), 2, label));
    }
    int first = train + copied % CLASSES.size(); // of the same class
    rows.set(first, with(rows.get(first), 3, rows.get(copied).get(3)));
    return write(spark, directory, rows);
  }

  private static Row with(Row row, int column, Object value) {
    Object[] values = new Object[row.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i == column ? value : row.get(i);
    }
    return RowFactory.create(values);
  }

  private static org.apache.hadoop.fs.Path write(SparkSession spark, Path directory, List<Row> rows)
      throws IOException {
    spark
        .createDataFrame(rows, DatasetSchema.ROWS)
        .repartition(2)
        .write()
        .partitionBy(DatasetSchema.SPLIT)
        .parquet(directory.resolve(DatasetArtifact.IMAGES).toString());
    Manifest manifest = Datasets.manifest(CLASSES);
    Files.writeString(directory.resolve(Manifest.FILE_NAME), manifest.toJson());
    return new org.apache.hadoop.fs.Path(directory.toUri());
  }

  private static void addRows(List<Row> rows, String split, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      int label = i % CLASSES.size();
      String path = "%s/%s-%d.png".formatted(CLASSES.get(label), split, i);
      boolean labelled = !split.equals(DatasetSchema.EXTRA);
      String name = labelled ? CLASSES.get(label) : null;
      Integer id = labelled ? label : null;
      byte[] image = image(COLOURS.get(label), path.hashCode());
      rows.add(
          RowFactory.create(path, name, id, image, "png", 48, 40, 3, 1, path, 0L, null, split));
    }
  }

  private static byte[] image(Color colour, long seed) throws IOException {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(48, 40, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 40; y++) {
      for (int x = 0; x < 48; x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(colour);
    graphics.fillOval(random.nextInt(10), random.nextInt(8), 36, 30);
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }
}
