package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.cli.Octavo;
import dev.octavo.spark.LocalCluster;
import dev.octavo.spark.TestProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A master whose executor is the driver leaves the timer of Spark's barriers behind. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class LocalMasterTest {
  @TempDir private Path directory;

  @Test
  void theJvmEndsWithTheJobWhetherItSucceedsOrFails() throws Exception {
    GeneratedData.write(LocalCluster.session(), directory.resolve("data"), 4, 0);
    Path log = directory.resolve("log.txt");
    assertThat(train(log)).isZero();
    // Spark's own lines may come between and after.
    assertThat(Files.readAllLines(log)).contains("model: file:" + directory.resolve("model"));

    assertThat(train(log, "--overwrite", "--learning-rate", "1e45")).isEqualTo(1);
    assertThat(Files.readAllLines(log))
        .filteredOn(line -> line.startsWith("octavo train: "))
        .last()
        .asString()
        .contains(" is not finite ");
  }

  private int train(Path log, String... more) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--data",
                directory.resolve("data").toString(),
                "--out",
                directory.resolve("model").toString(),
                "--network",
                "resnet18",
                "--image-size",
                "32",
                "--epochs",
                "1",
                "--batch-size",
                "2"));
    arguments.addAll(List.of(more));
    String properties = "-Dspark.master=local[1] -Dspark.ui.enabled=false";
    Process process =
        TestProcess.start(
            Octavo.class,
            Map.of("JAVA_TOOL_OPTIONS", properties),
            log,
            arguments.toArray(String[]::new));
    return process.waitFor();
  }
}
