package dev.octavo.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The module {@code octavo} with a real PySpark of this line: that of the Spark distribution that
 * {@code OCTAVO_PYSPARK} names, else the one that {@code python3} has. Skipped without.
 */
class PySparkTest {
  private static final Path DIST = Path.of(System.getProperty("octavo.dist"));

  @TempDir private Path work;

  @Test
  void theModuleDoesWhatTheClassesDo() throws IOException, InterruptedException {
    String line =
        org.apache.spark.package$.MODULE$.SPARK_VERSION().replaceFirst("^(\\d+\\.\\d+).*", "$1");
    Path log = work.resolve("log.txt");
    boolean there = run(log, List.of("-c", "import pyspark; print(pyspark.__version__)")) == 0;
    String version = Files.readString(log).strip();
    assumeTrue(there && version.startsWith(line), "Python has no PySpark " + line + ": " + version);
    Discs.write(work.resolve("discs"), 4);

    int exitCode =
        run(
            log,
            List.of(
                "src/test/python/library.py",
                work.resolve("discs").toString(),
                Files.createDirectories(work.resolve("models")).toString()));
    assertThat(exitCode).as(Files.readString(log)).isZero();
    assertThat(Files.readString(log))
        .contains("holds: OctavoEstimator has Java's parameters")
        .contains("holds: a pipeline is loaded with its classes")
        .contains("holds: classify gives the transformer's classes")
        .contains("holds: errors are in words");
  }

  private static int run(Path log, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("python3"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    List<String> path = new ArrayList<>(List.of("src/main/python"));
    environment.remove("SPARK_HOME"); // the tests' own has no Python
    String home = environment.get("OCTAVO_PYSPARK");
    if (home != null) {
      environment.put("SPARK_HOME", home);
      path.add(home + "/python");
      try (Stream<Path> libraries = Files.list(Path.of(home, "python/lib"))) {
        libraries.map(Path::toString).filter(f -> f.endsWith(".zip")).forEach(path::add);
      }
    }
    if (environment.containsKey("PYTHONPATH")) {
      path.add(environment.get("PYTHONPATH"));
    }
    environment.put("PYTHONPATH", String.join(File.pathSeparator, path));
    environment.put("PYTHONDONTWRITEBYTECODE", "1");
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    String classes =
        System.getProperty("octavo.classes") + File.pathSeparator + DIST.resolve("lib") + "/*";
    environment.put(
        "PYSPARK_SUBMIT_ARGS",
        Stream.of(
                "--master local[2] --driver-memory 2g --driver-class-path " + classes,
                "--conf spark.ui.enabled=false",
                "--conf spark.sql.shuffle.partitions=2",
                "--driver-java-options -Dlog4j2.configurationFile="
                    + System.getProperty("log4j2.configurationFile"),
                "pyspark-shell")
            .collect(Collectors.joining(" ")));
    return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
  }
}
