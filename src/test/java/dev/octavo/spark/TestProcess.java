package dev.octavo.spark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Programs of their own, which tests kill. */
public final class TestProcess {
  /** An option for JVMs that end before what the optimizing compiler does pays. */
  static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1";

  private static final List<String> PROPERTIES =
      List.of("octavo.dist", "octavo.classes", "octavo.test-classes", "log4j2.configurationFile");

  private TestProcess() {}

  /** Starts a main class like this JVM, its output in a file. */
  public static Process start(Class<?> main, Path log, String... arguments) throws IOException {
    return start(main, Map.of(), log, arguments);
  }

  /** Starts a main class with additions to the environment. */
  public static Process start(
      Class<?> main, Map<String, String> environment, Path log, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add(SHORT_LIVED);
    for (String property : PROPERTIES) {
      command.add("-D%s=%s".formatted(property, System.getProperty(property, "")));
    }
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /** Returns when there is such a file or directory, level by level below an existing one. */
  public static void awaitPath(Path directory, String... names)
      throws IOException, InterruptedException {
    Path parent = directory;
    for (String name : names) {
      try (Watch watch = new Watch(parent)) {
        // Whatever comes after the look is an event of the watch.
        if (!Files.exists(parent.resolve(name))) {
          watch.awaitCreated(name);
        }
      }
      parent = parent.resolve(name);
    }
  }

  /** Waits for files as the file system tells of them. */
  public static final class Watch implements AutoCloseable {
    private final WatchService service;

    /** Of a directory, from now on. */
    public Watch(Path directory) throws IOException {
      service = directory.getFileSystem().newWatchService();
      directory.register(service, StandardWatchEventKinds.ENTRY_CREATE);
    }

    /** Returns when a file or directory was created whose name begins like that. */
    public void awaitCreated(String prefix) throws InterruptedException {
      while (true) {
        WatchKey key = service.take();
        Stream<String> created =
            key.pollEvents().stream().map(WatchEvent::context).map(String::valueOf);
        if (created.anyMatch(file -> file.startsWith(prefix))) {
          return;
        }
        key.reset();
      }
    }

    @Override
    public void close() throws IOException {
      service.close();
    }
  }
}
