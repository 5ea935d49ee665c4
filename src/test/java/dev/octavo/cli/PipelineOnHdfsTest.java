package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.spark.LocalCluster;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All jobs, one after the other, with every path on a real HDFS and two executor JVMs. */
class PipelineOnHdfsTest {
  private static final List<Color> CLASSES = List.of(Color.RED, Color.GREEN, Color.BLUE);
  private static final int PER_CLASS = 12;

  @TempDir private java.nio.file.Path directory;

  private final ByteArrayOutputStream console = new ByteArrayOutputStream();

  @Test
  void everyJobRunsOnPathsOfHdfs() throws IOException {
    try (MiniDFSCluster hdfs =
        new MiniDFSCluster.Builder(new Configuration(), directory.toFile())
            .numDataNodes(1)
            .build()) {
      FileSystem fs = hdfs.getFileSystem();
      String root = fs.getUri() + "/";
      paint(fs, new Path(root, "photos"));
      LocalCluster.session();
      System.setProperty("spark.master", "local-cluster");
      try {
        run(
            "ingest",
            "--images",
            root + "photos",
            "--split",
            "0.5,0.2,0.3",
            "--out",
            root + "data");
        run(
            "train",
            "--data",
            root + "data",
            "--out",
            root + "model",
            "--network",
            "resnet18",
            "--image-size",
            "32",
            "--epochs",
            "2",
            "--batch-size",
            "6");
        run(
            "quantize",
            "--model",
            root + "model",
            "--data",
            root + "data",
            "--out",
            root + "int8",
            "--target",
            "avx2",
            // Two epochs leave images between two classes: what flips there proves nothing.
            "--max-drop",
            "100");
        run(
            "score",
            "--model",
            root + "model",
            "--model",
            root + "int8",
            "--data",
            root + "data",
            "--out",
            root + "scores");
        run("report", "--scores", root + "scores", "--out", root + "report.html");
      } finally {
        System.clearProperty("spark.master");
      }
      for (String artifact : List.of("data", "model", "int8", "scores")) {
        assertThat(fs.exists(new Path(root, artifact + "/manifest.json"))).as(artifact).isTrue();
      }
      try (var in = fs.open(new Path(root, "report.html"))) {
        assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).contains("int8", "fp32");
      }
      assertThat(fs.listStatus(new Path(root)))
          .as("nothing is left beside the artifacts")
          .extracting(status -> status.getPath().getName())
          .containsExactlyInAnyOrder("photos", "data", "model", "int8", "scores", "report.html");
    }
  }

  private void run(String... args) {
    PrintStream out = new PrintStream(console, true, StandardCharsets.UTF_8);
    int exitCode = Octavo.run(out, out, args);
    assertThat(exitCode).as("%s: %s", args[0], console.toString(StandardCharsets.UTF_8)).isZero();
  }

  private static void paint(FileSystem fs, Path photos) throws IOException {
    Random random = new Random(17);
    for (int c = 0; c < CLASSES.size(); c++) {
      for (int i = 0; i < PER_CLASS; i++) {
        BufferedImage image = new BufferedImage(48, 40, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(CLASSES.get(c));
        graphics.fillOval(random.nextInt(20), random.nextInt(20), 20, 20);
        graphics.dispose();
        Path file = new Path(photos, "class " + c + "/photo " + i + ".jpg");
        try (OutputStream out = fs.create(file)) {
          ImageIO.write(image, "jpg", out);
        }
      }
    }
  }
}
