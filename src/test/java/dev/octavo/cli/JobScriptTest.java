package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The commands that {@code jobs/*} run, told by programs that only print what they are given. */
@DisabledOnOs(OS.WINDOWS)
final class JobScriptTest {
  private static final String MAIN = "dev.octavo.cli.Octavo";
  private static final String SUBMIT = "org.apache.spark.deploy.SparkSubmit";

  @TempDir private Path root;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void layOut() throws IOException {
    Files.createDirectories(root.resolve("jobs"));
    Files.copy(Path.of("jobs", ".octavo"), root.resolve("jobs/.octavo"));
    for (String job : List.of("score", "train", "demo", "report")) {
      Files.copy(Path.of("jobs", job), root.resolve("jobs").resolve(job));
    }
    Files.createDirectories(root.resolve("conf"));
    build("target", "octavo-spark-3.5_2.12-1.jar");
    program(root.resolve("jdk/bin/java"));
    Files.writeString(root.resolve("jdk/release"), "JAVA_VERSION=\"17.0.9\"\n");
    environment.put("JAVA_HOME", root.resolve("jdk").toString());
  }

  @Test
  void aJobRunsInOneProcessWithAllCores() throws Exception {
    assertThat(run("score", "--model", "a b"))
        .contains("-Dspark.master=local[*]", MAIN)
        .endsWith("score", "--model", "a b")
        .doesNotContain(SUBMIT)
        .noneMatch(word -> word.startsWith("-Dspark.jars"));
    assertThat(run("report")).contains("-Dspark.master=local[1]", MAIN);
  }

  @Test
  void onlyAnOnnxModelBringsItsRuntime() throws Exception {
    Path runtime = Files.createDirectories(root.resolve("target/dist/onnx")).resolve("ort.jar");
    Files.createFile(runtime);
    assertThat(run("score", "--model", "a.onnx"))
        .anyMatch(word -> word.startsWith("-Doctavo.class-archive="))
        .anyMatch(word -> word.contains(":" + runtime + ":"));
    assertThat(archive(run("score", "--model=a.onnx"))).isNotEqualTo(archive(run("score")));
    assertThat(run("score", "--master", "spark://host:7077", "--model", "a.onnx"))
        .anyMatch(word -> word.endsWith("," + runtime));
    assertThat(run("score", "--model", "a")).noneMatch(word -> word.contains("ort.jar"));
    assertThat(run("train", "--out", "a.onnx")).noneMatch(word -> word.contains("ort.jar"));
  }

  @Test
  void theDemoKeepsTwoExecutors() throws Exception {
    assertThat(run("demo"))
        .anyMatch(word -> word.startsWith("-Dspark.master=local-cluster[2,"))
        .anyMatch(word -> word.startsWith("-Dspark.jars="))
        .anyMatch(word -> word.startsWith("-Dspark.executor.memory="))
        .contains(MAIN);
  }

  @Test
  void aClusterIsLeftToSparkSubmit() throws Exception {
    assertThat(run("train", "--master", "spark://host:7077", "--executor-cores", "4", "--x"))
        .containsSubsequence(SUBMIT, "--master", "spark://host:7077", "--executor-cores", "4")
        .endsWith("train", "--x");
    assertThat(run("score", "--master", "local[2]", "--packages", "a:b:1")).contains(SUBMIT);
  }

  @Test
  void javaIsOpenToADriverThatAWorkerStarts() throws Exception {
    Path settings =
        Files.writeString(root.resolve("s.conf"), "spark.driver.extraJavaOptions -Da=b");
    String[] onWorker = {
      "--master",
      "spark://host:7077",
      "--deploy-mode",
      "cluster",
      "--properties-file",
      "" + settings
    };
    String options =
        "(--add-opens=\\S+=ALL-UNNAMED )+--add-opens=java.security.jgss\\S+=ALL-UNNAMED -Da=b";
    assertThat(run("score", onWorker)).contains(SUBMIT).anyMatch(word -> word.matches(options));
    environment.put("SPARK_HOME", distribution("spark-core_2.12-3.5.6").toString());
    assertThat(run("score", onWorker)).anyMatch(word -> word.matches(options));
    onWorker[3] = "client";
    assertThat(run("score", onWorker)).noneMatch(word -> word.startsWith("--add-opens"));
  }

  @Test
  void aSparkDistributionRunsItsOwnSparkSubmit() throws Exception {
    Path home = root.resolve("spark");
    program(home.resolve("bin/spark-submit"));
    Files.createDirectories(home.resolve("jars"));
    Files.createFile(home.resolve("jars/spark-core_2.12-3.5.6.jar"));
    environment.put("SPARK_HOME", home.toString());
    assertThat(run("score", "--master", "local[2]", "--conf", "a.b=c", "--out", "x"))
        .containsSubsequence("--master", "local[2]", "--conf", "a.b=c", "--class", MAIN)
        .endsWith("score", "--out", "x")
        .noneMatch(word -> word.startsWith("-Xmx"));
  }

  @Test
  void theDriverHasTheEnvironmentOfExecutors() throws Exception {
    Path home = root.resolve("spark");
    Path printing = root.resolve("jdk/bin/java");
    for (Path file : List.of(printing, home.resolve("bin/spark-submit"))) {
      program(file, "env");
    }
    Files.createDirectories(home.resolve("jars"));
    Files.createFile(home.resolve("jars/spark-core_2.12-3.5.6.jar"));
    String[] variables =
        LocalCluster.executorEnvironment().entrySet().stream()
            .map(variable -> variable.getKey() + "=" + variable.getValue())
            .toArray(String[]::new);
    assertThat(variables).anyMatch(word -> word.startsWith("OPENCV_IO_MAX_IMAGE_PIXELS="));
    assertThat(run("score")).contains(variables);
    environment.put("OPENCV_IO_MAX_IMAGE_PIXELS", "1000");
    assertThat(run("score")).contains("OPENCV_IO_MAX_IMAGE_PIXELS=1000");
    environment.remove("OPENCV_IO_MAX_IMAGE_PIXELS");
    environment.put("SPARK_HOME", home.toString());
    assertThat(run("score", "--master", "local[2]")).contains(variables);
  }

  /** Spark's web page and its ports are bound to this address. */
  @Test
  void whatStaysOnOneMachineListensOnTheLoopback() throws Exception {
    program(root.resolve("jdk/bin/java"), "env");
    for (String job : List.of("score", "train", "demo", "report")) {
      assertThat(run(job)).contains("SPARK_LOCAL_IP=127.0.0.1");
    }
    assertThat(run("score", "--master", "spark://host:7077"))
        .noneMatch(word -> word.startsWith("SPARK_LOCAL_IP="));
  }

  @Test
  void whatAKilledRunLeftIsRemovedByTheNextOne() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    Path killed = leftover("killed", ended.pid());
    Path failed = leftover("failed", ended.pid());
    Files.createFile(failed.resolve("kept"));
    Path living = leftover("living", ProcessHandle.current().pid());
    assertThat(run("demo")).contains(MAIN);
    assertThat(killed).doesNotExist();
    try (Stream<Path> runs = Files.list(root.resolve("target/run"))) {
      assertThat(runs).containsExactlyInAnyOrder(failed, living);
    }
  }

  private Path leftover(String name, long pid) throws IOException {
    Path run = Files.createDirectories(root.resolve("target/run").resolve(name));
    Files.writeString(run.resolve("pid"), pid + "\n");
    return run;
  }

  @Test
  void optionsOfSparkBecomeSettings() throws Exception {
    assertThat(run("score", "--conf", "spark.x=1 2", "--driver-memory", "3g", "--executor-cores=2"))
        .contains("-Dspark.x=1 2", "-Xmx3g", "-Dspark.executor.cores=2");
  }

  @Test
  void theFileOfSparksSettingsCounts() throws Exception {
    Files.writeString(
        root.resolve("conf/spark-defaults.conf"),
        """
        # a comment
        spark.master local[3]
        spark.driver.memory = 5g
        spark.driver.extraJavaOptions -Da="b c" -XX:+UseSerialGC
        """);
    assertThat(run("score"))
        .contains("-Xmx5g", "-Da=b c", "-XX:+UseSerialGC", MAIN)
        .contains("-Doctavo.spark-defaults=" + root.resolve("conf/spark-defaults.conf"))
        .doesNotContain("-XX:+UseParallelGC", "-Dspark.master=local[*]");
  }

  @Test
  void theArchiveOfClassesIsUsedUntilTheNextBuild() throws Exception {
    Path archive = archive(run("score"));
    assertThat(archive.getParent()).isEqualTo(root.resolve("target/classes-archive"));
    assertThat(archive.getFileName().toString()).startsWith("score-17.0.9-").endsWith(".jsa");
    Files.createFile(archive);
    Files.setLastModifiedTime(archive, FileTime.from(Instant.now().plusSeconds(10)));
    assertThat(run("score"))
        .contains("-XX:SharedArchiveFile=" + archive)
        .noneMatch(word -> word.startsWith("-Doctavo.class-archive"));
    Files.setLastModifiedTime(archive, FileTime.from(Instant.EPOCH));
    assertThat(run("score")).contains("-Doctavo.class-archive=" + archive);
  }

  /** The JVM would refuse it without a word, and the next run start without one again. */
  @Test
  void anotherClassPathHasAnotherArchiveOfClasses() throws Exception {
    assertThat(archive(run("score", "--driver-class-path", "more.jar")))
        .isNotEqualTo(archive(run("score")))
        .isEqualTo(archive(run("score", "--driver-class-path", "more.jar")));
  }

  /** The archive that a run is told to write. */
  private static Path archive(List<String> words) {
    String option = "-Doctavo.class-archive=";
    return words.stream()
        .filter(word -> word.startsWith(option))
        .map(word -> Path.of(word.substring(option.length())))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void anotherJavaIsRefused() throws Exception {
    Files.writeString(root.resolve("jdk/release"), "JAVA_VERSION=\"21.0.1\"\n");
    assertThat(String.join(" ", run("score")))
        .startsWith("jobs/score: Java 21.0.1 was found at")
        .endsWith("but Octavo for Spark 3.5 needs 17; point JAVA_HOME at a JDK 17");
  }

  private void build(String folder, String jar) throws IOException {
    Path target = root.resolve(folder);
    Files.createDirectories(target.resolve("dist/lib"));
    Files.createDirectories(target.resolve("dist/spark/jars"));
    for (String file : List.of(jar, "dist/lib/lib.jar", "dist/spark/jars/spark.jar")) {
      Files.createFile(target.resolve(file));
    }
  }

  private Path distribution(String core) throws IOException {
    Path home = root.resolve(core);
    program(home.resolve("bin/spark-submit"));
    Files.createDirectories(home.resolve("jars"));
    Files.createFile(home.resolve("jars/" + core + ".jar"));
    return home;
  }

  @Test
  void aDistributionIsGivenTheJarOfItsLine() throws Exception {
    environment.put("SPARK_HOME", distribution("spark-core_2.13-4.2.0").toString());
    assertThat(run("score"))
        .containsExactly(
            "jobs/score: Octavo is not built for Spark 4.2; run: (cd '%s' && mvn -B -Pspark-4 -DskipTests package)"
                .formatted(root.toRealPath()));
    build("target/spark-4.2", "octavo-spark-4.2_2.13-1.jar");
    assertThat(run("score"))
        .anyMatch(word -> word.endsWith("target/spark-4.2/octavo-spark-4.2_2.13-1.jar"));
    environment.put("SPARK_HOME", distribution("spark-core_2.12-3.5.6").toString());
    assertThat(run("score")).anyMatch(word -> word.endsWith("target/octavo-spark-3.5_2.12-1.jar"));
    Path other = distribution("spark-core_2.13-4.0.1");
    environment.put("SPARK_HOME", other.toString());
    assertThat(run("score"))
        .containsExactly(
            "jobs/score: SPARK_HOME is '%s', which has spark-core_2.13-4.0.1; Octavo runs on Spark 3.5 for Scala 2.12 and on Spark 4.2 for Scala 2.13"
                .formatted(other));
  }

  @Test
  void theEmbeddedSparkIsOfTheLineThatIsAskedForAndSoIsJava() throws Exception {
    build("target/spark-4.2", "octavo-spark-4.2_2.13-1.jar");
    Files.writeString(root.resolve("jdk/release"), "JAVA_VERSION=\"21.0.1\"\n");
    environment.put("OCTAVO_SPARK", "4.2");
    assertThat(run("score"))
        .contains(MAIN, "--sun-misc-unsafe-memory-access=allow")
        .anyMatch(word -> word.contains("target/spark-4.2/dist/spark/jars/spark.jar"));
    Files.writeString(root.resolve("jdk/release"), "JAVA_VERSION=\"25\"\n");
    assertThat(run("score")).contains(MAIN);
    Files.writeString(root.resolve("jdk/release"), "JAVA_VERSION=\"24.0.2\"\n");
    assertThat(String.join(" ", run("score")))
        .startsWith("jobs/score: Java 24.0.2 was found at")
        .endsWith(
            "but Octavo for Spark 4.2 needs 17, 21 or 25; point JAVA_HOME at a JDK 17, 21 or 25");
    environment.put("OCTAVO_SPARK", "4");
    assertThat(run("score"))
        .containsExactly("jobs/score: OCTAVO_SPARK is '4', but must be 3.5 or 4.2");
  }

  private static void program(Path file) throws IOException {
    program(file, "printf '%s\\n' \"$@\"");
  }

  private static void program(Path file, String command) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + command + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  /** The words after the program's name. */
  private List<String> run(String job, String... arguments) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(root.resolve("jobs").resolve(job).toString());
    builder.command().addAll(List.of(arguments));
    builder
        .environment()
        .keySet()
        .removeIf(
            name ->
                name.startsWith("SPARK_")
                    || name.startsWith("OCTAVO_")
                    || name.startsWith("OPENCV_"));
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output.lines().toList();
  }
}
