package dev.octavo.bench;

import dev.octavo.OctavoException;
import dev.octavo.engine.CpuLevel;
import dev.octavo.latency.LatencyRow;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Runs a benchmark in a JVM of its own that keeps to a level of CPUs. */
public final class BenchProcess {
  private BenchProcess() {}

  /**
   * Measures.
   *
   * @param mainClass what the JVM runs
   * @param arguments its command line, given the file that it is to write its rows to
   * @throws OctavoException if it fails, with what it printed
   */
  public static List<LatencyRow> run(
      CpuLevel level, String mainClass, Function<Path, List<String>> arguments) throws IOException {
    Path json = Files.createTempFile("octavo-bench-", ".json");
    Path log = Files.createTempFile("octavo-bench-", ".log");
    try {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(List.of("-cp", classPath(), mainClass));
      command.addAll(arguments.apply(json));
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      builder.environment().putAll(level.environment());
      if (exitCode(builder.start()) != 0) {
        throw new OctavoException(
            "the benchmark for %s failed: %s"
                .formatted(level.id(), Files.readString(log, StandardCharsets.UTF_8).strip()));
      }
      return BenchResult.fromJson(Files.readString(json, StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OctavoException("interrupted while the benchmark for %s ran".formatted(level.id()));
    } finally {
      Files.delete(json);
      Files.delete(log);
    }
  }

  private static int exitCode(Process process) throws InterruptedException {
    try {
      return process.waitFor();
    } finally {
      process.destroy(); // of use only when the wait is interrupted
    }
  }

  /** That of this JVM; what spark-submit adds to it stands in a class loader. */
  private static String classPath() {
    List<String> entries = new ArrayList<>();
    if (Thread.currentThread().getContextClassLoader() instanceof URLClassLoader added) {
      Arrays.stream(added.getURLs())
          .map(url -> new File(URI.create(url.toString())).getPath())
          .forEach(entries::add);
    }
    entries.add(System.getProperty("java.class.path"));
    return String.join(File.pathSeparator, entries);
  }
}
