package dev.octavo.cli;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * Spark's standalone cluster as a user starts one: a master and workers of two cores, each a
 * process of its own from the embedded Spark. All that is said is authenticated and encrypted, and
 * so is all that is written beside.
 */
final class StandaloneCluster implements AutoCloseable {
  private static final String HOST = "127.0.0.1";

  private static final String SETTINGS =
      """
      spark.authenticate true
      spark.authenticate.secret a secret of this test
      spark.network.crypto.enabled true
      spark.io.encryption.enabled true
      spark.master.rest.enabled false
      spark.ui.enabled false
      spark.executor.cores 1
      spark.executor.memory 1g
      spark.cores.max 2
      spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1
      spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1
      # A machine that stands still for minutes loses no process.
      spark.worker.timeout 3600
      spark.network.timeout 3600s
      """;

  private final Path directory;
  private final Path settings;
  private final Process master;
  private final String url;
  private final List<Process> workers = new ArrayList<>();

  /** Starts a cluster whose files are below a directory. */
  StandaloneCluster(Path directory, int workers) throws IOException {
    this.directory = Files.createDirectory(directory.resolve("cluster"));
    settings = Files.writeString(this.directory.resolve("spark.conf"), SETTINGS);
    master = start(Master.class);
    url = await(master, "Starting Spark master at (spark://\\S+)").group(1);
    try {
      startWorkers(workers);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Starts more workers, and returns once the master knows them. */
  void startWorkers(int count) throws IOException {
    List<Process> started = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      started.add(
          start(
              Worker.class,
              "--cores",
              "2",
              "--memory",
              "4g",
              "--work-dir",
              directory.resolve("work").toString(),
              url));
    }
    workers.addAll(started);
    for (Process worker : started) {
      await(worker, "Successfully registered with master");
    }
  }

  /** The options of a job that name the cluster. */
  List<String> options() {
    return List.of("--master", url, "--properties-file", settings.toString());
  }

  /** Kills an executor (SIGKILL). */
  void killExecutor() {
    boolean killed =
        workers.stream()
            .flatMap(worker -> worker.children())
            .filter(StandaloneCluster::isExecutor)
            .findFirst()
            .orElseThrow(() -> new AssertionError("no executor runs"))
            .destroyForcibly();
    if (!killed) {
      throw new AssertionError("the executor has ended");
    }
  }

  /** Kills a worker that has an executor (SIGKILL). */
  void killWorker() {
    Process worker =
        workers.stream()
            .filter(w -> w.children().anyMatch(StandaloneCluster::isExecutor))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no executor runs"));
    worker.destroyForcibly();
    workers.remove(worker);
  }

  @Override
  public void close() {
    for (Process worker : workers) {
      Stream.concat(worker.descendants(), Stream.of(worker.toHandle()))
          .forEach(ProcessHandle::destroyForcibly);
    }
    master.destroyForcibly();
  }

  private Process start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", Checkout.sparkJars() + File.separator + "*", main.getName()));
    command.addAll(List.of("--host", HOST, "--port", "0", "--webui-port", "0"));
    command.addAll(List.of("--properties-file", settings.toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Reads what a process prints up to a line that has this, and from then on in the background. */
  private static Matcher await(Process process, String regex) throws IOException {
    Pattern pattern = Pattern.compile(regex);
    StringBuilder printed = new StringBuilder();
    BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      printed.append(line).append('\n');
      Matcher matcher = pattern.matcher(line);
      if (matcher.find()) {
        Thread drain = new Thread(() -> reader.lines().forEach(rest -> {}), "output of a daemon");
        drain.setDaemon(true);
        drain.start();
        return matcher;
      }
    }
    throw new AssertionError("it ended without '%s':%n%s".formatted(regex, printed));
  }

  static boolean isExecutor(ProcessHandle process) {
    return commandLine(process).contains("CoarseGrainedExecutorBackend");
  }

  /** From {@code /proc}, because ProcessHandle knows no long ones; empty if the process ended. */
  static String commandLine(ProcessHandle process) {
    Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
