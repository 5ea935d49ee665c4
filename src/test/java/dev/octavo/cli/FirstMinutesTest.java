package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.OctavoException;
import dev.octavo.spark.OctavoSession;
import dev.octavo.spark.TestProcess;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines that aren't as they should be, met by jobs in a JVM of their own. */
final class FirstMinutesTest {
  @TempDir private Path directory;

  /** A job whose only task wants more memory than there is. */
  static final class Greedy {
    private Greedy() {}

    public static void main(String[] args) {
      try (JavaSparkContext spark =
          JavaSparkContext.fromSparkContext(OctavoSession.open("greedy").sparkContext())) {
        spark.parallelize(List.of(1), 1).map(i -> greed().size()).collect();
      } catch (Exception e) {
        System.out.println(Failures.known(e).map(OctavoException::getMessage).orElse("unknown"));
      }
    }

    private static List<long[]> greed() {
      return IntStream.range(0, 1000).mapToObj(i -> new long[Integer.MAX_VALUE / 16]).toList();
    }
  }

  @Test
  void aTaskWithoutMemoryIsOneLineAndDoesNotEndTheJvm() throws Exception {
    assertThat(run(Greedy.class, "-Dspark.master=local[1]"))
        .anyMatch(
            line -> line.startsWith("there is not enough memory (Java heap space): give more"));
  }

  @Test
  void aHeapThatIsTooSmallForSparkIsOneLine() throws Exception {
    assertThat(ingest("-Dspark.master=local[1] -Dspark.testing.memory=200000000"))
        .startsWith("octavo ingest: Spark can't be started with master local[1]: ")
        .contains("System memory 200000000 must be at least", "--driver-memory");
  }

  @Test
  void aPortInUseIsOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(
              ingest(
                  "-Dspark.master=local[1] -Dspark.port.maxRetries=0 -Dspark.driver.port="
                      + taken.getLocalPort()))
          .startsWith("octavo ingest: Spark can't be started: a port is in use")
          .contains("leave spark.driver.port");
    }
  }

  /** The last line of an ingest that gets as far as starting Spark. */
  private String ingest(String options) throws Exception {
    Path images = Files.createDirectories(directory.resolve("images/kitchen")).getParent();
    Files.writeString(images.resolve("kitchen/1.jpg"), "x");
    List<String> lines =
        run(
            Octavo.class,
            options,
            "ingest",
            "--images",
            images.toString(),
            "--out",
            directory.resolve("out").toString());
    return lines.get(lines.size() - 1);
  }

  private List<String> run(Class<?> main, String options, String... arguments) throws Exception {
    Path log = directory.resolve("log");
    Process process = TestProcess.start(main, Map.of("JAVA_TOOL_OPTIONS", options), log, arguments);
    process.waitFor();
    return Files.readAllLines(log);
  }
}
