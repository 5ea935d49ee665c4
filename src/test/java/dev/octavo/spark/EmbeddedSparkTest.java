package dev.octavo.spark;

import static org.assertj.core.api.Assertions.assertThat;

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
