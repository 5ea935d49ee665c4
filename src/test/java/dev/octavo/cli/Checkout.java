package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * What a checkout has after a build: {@code jobs/*}, the jar and all that it needs, for tests that
 * run jobs as a user does. The jar is made of this build's classes, as tests come before a package.
 */
final class Checkout {
  private static final Path DIST = Path.of(System.getProperty("octavo.dist"));
  private static final Pattern CORE =
      Pattern.compile("spark-core_([^-]+)-(\\d+\\.\\d+)\\..*\\.jar");

  private final Path root;
  private final String sparkLine;

  /** Lays one out below a directory. */
  Checkout(Path directory) throws IOException {
    root = Files.createDirectory(directory.resolve("octavo"));
    Matcher core;
    try (Stream<Path> jars = Files.list(sparkJars())) {
      core =
          jars.map(jar -> CORE.matcher(jar.getFileName().toString()))
              .filter(Matcher::matches)
              .findFirst()
              .orElseThrow();
    }
    sparkLine = core.group(2);
    for (String folder : List.of("jobs", "conf")) {
      copy(Path.of(folder), Files.createDirectory(root.resolve(folder)));
    }
    Path built = DIST.getParent();
    Path target =
        root.resolve(built.endsWith("target") ? "target" : "target/" + built.getFileName());
    Files.createDirectories(target);
    Files.createSymbolicLink(target.resolve(DIST.getFileName()), DIST);
    // Where archives of classes would go: for one run each, writing them does not pay.
    Files.createFile(target.resolve("classes-archive"));
    String jar = "octavo-spark-%s_%s-1.jar".formatted(sparkLine, core.group(1));
    assertThat(
            ToolProvider.findFirst("jar")
                .orElseThrow()
                .run(
                    System.out,
                    System.err,
                    "--create",
                    "--file",
                    target.resolve(jar).toString(),
                    "-C",
                    System.getProperty("octavo.classes"),
                    "."))
        .isZero();
  }

  /** The jars of the embedded Spark. */
  static Path sparkJars() {
    return DIST.resolve("spark/jars");
  }

  /** Starts {@code jobs/JOB}, its output in a file. */
  Process start(Path log, Map<String, String> environment, String job, List<String> options)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(root.resolve("jobs").resolve(job).toString()));
    command.addAll(options);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("SPARK_HOME"); // that of the tests
    builder.environment().put("OCTAVO_SPARK", sparkLine);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
