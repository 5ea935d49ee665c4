package dev.octavo.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.bundle.ProgramWriter;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.TestModels;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedSparkTest {
  private static final String BUSY = "busy";

  @TempDir private Path directory;

  /** A driver with two executors that never get done. */
  static final class Endless {
    private Endless() {}

    public static void main(String[] args) {
      System.setProperty("spark.master", "local-cluster[2,1,1024]");
      System.setProperty("spark.ui.enabled", "false");
      System.setProperty("spark.executor.extraClassPath", LocalCluster.classPath());
      String busy = Path.of(args[0], BUSY).toString(); // paths are not serializable
      try {
        new JavaSparkContext(OctavoSession.open("test").sparkContext())
            .parallelize(List.of(0, 1), 2)
            .foreach(part -> workOn(busy, part));
      } finally {
        System.exit(1); // whatever happened: the JVM was told to end
      }
    }

    private static void workOn(String busy, int part) throws InterruptedException {
      if (part == 0) {
        try {
          Files.createFile(Path.of(busy));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      new CountDownLatch(1).await();
    }
  }

  /** A command whose tasks are in libtorch whenever one looks. */
  static final class Computing {
    private static LoadedProgram model; // tasks in this JVM share it

    private Computing() {}

    public static void main(String[] args) throws IOException {
      System.setProperty("spark.master", "local[2]");
      System.setProperty("spark.ui.enabled", "false");
      String busy = Path.of(args[0], BUSY).toString();
      Network network = ResNet.RESNET18.network(4);
      ProgramWriter program =
          ProgramWriter.portable(network, TestModels.weights(network, 1), Normalization.IMAGENET);
      try {
        model = TestModels.load(program::writeTo, LoadedProgram.Mode.INFERENCE);
        new JavaSparkContext(OctavoSession.open("test").sparkContext())
            .parallelize(List.of(0, 1), 2)
            .foreach(part -> computeOn(busy, part));
      } finally {
        System.exit(1);
      }
    }

    private static void computeOn(String busy, int part) throws IOException {
      Tensor images = TestModels.images(16, 224, part);
      while (true) {
        model.forward(images);
        if (part == 0 && !Files.exists(Path.of(busy))) {
          Files.createFile(Path.of(busy));
        }
      }
    }
  }

  @Test
  @Timeout(120)
  void aCommandThatIsToldToEndWhileItComputesEndsWithoutACrash() throws Exception {
    Path log = Files.createDirectory(directory.resolve("log")).resolve("log");
    Process command = TestProcess.start(Computing.class, log, directory.toString());
    try {
      TestProcess.awaitPath(directory, BUSY);
      command.destroy(); // SIGTERM
      int exitCode = command.waitFor();
      assertThat(log).hasContent("");
      assertThat(exitCode).isEqualTo(143);
    } finally {
      command.destroyForcibly();
    }
  }

  @Test
  @Timeout(120) // a driver that fails sooner is never busy
  void aDriverThatIsToldToEndTakesItsClusterDownInSilence() throws Exception {
    Path log = Files.createDirectory(directory.resolve("log")).resolve("log");
    Process driver = TestProcess.start(Endless.class, log, directory.toString());
    try {
      TestProcess.awaitPath(directory, BUSY);
      driver.destroy(); // SIGTERM
      assertThat(driver.waitFor()).isEqualTo(143);
      assertThat(log).hasContent("");
    } finally {
      driver.destroyForcibly();
    }
  }
}
