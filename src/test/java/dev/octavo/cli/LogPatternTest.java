package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.Test;

class LogPatternTest {
  private static String logged(String message, Throwable thrown) throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(Path.of("conf/log4j2.properties"))) {
      properties.load(in);
    }
    return PatternLayout.newBuilder()
        .withPattern(properties.getProperty("appender.console.layout.pattern"))
        .withAlwaysWriteExceptions(
            Boolean.parseBoolean(
                properties.getProperty("appender.console.layout.alwaysWriteExceptions")))
        .build()
        .toSerializable(
            Log4jLogEvent.newBuilder()
                .setLevel(Level.WARN)
                .setLoggerName("org.apache.spark.scheduler.TaskSetManager")
                .setMessage(new SimpleMessage(message))
                .setThrown(thrown)
                .build());
  }

  @Test
  void cutsStackTracesOutOfMessages() throws IOException {
    String message =
        """
        Lost task 0.0 in stage 1.0: java.io.EOFException: the end is missing
        \tat dev.octavo.A.read(A.java:1)
        \tat java.base/java.lang.Thread.run(Thread.java:840)
        Caused by: java.io.IOException: disk
        \tat dev.octavo.B.open(B.java:2)
        \t... 12 more

        Driver stacktrace:\
        """;
    assertThat(logged(message, null))
        .endsWith(
            "WARN TaskSetManager: Lost task 0.0 in stage 1.0: java.io.EOFException: the end is"
                + " missing\nCaused by: java.io.IOException: disk\n");
  }

  @Test
  void keepsTheFirstLineOfAnException() throws IOException {
    assertThat(logged("Exception in task 0.0", new IOException("no space")))
        .endsWith(": Exception in task 0.0\njava.io.IOException: no space\n");
  }

  @Test
  void takesTheStingOutOfForeignNames() throws IOException {
    assertThat(logged("no file a\u001B[2Jb\u202Ec\u009Bd\u2028e\u2029f", null))
        .endsWith("WARN TaskSetManager: no file a?[2Jb?c?d?e?f\n");
    assertThat(logged("no file", new IOException("a\u001B[2Jb")))
        .endsWith("java.io.IOException: a?[2Jb\n");
  }
}
