package dev.octavo.spark;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;

/**
 * A Spark whose master and workers run in the driver's JVM. While they are taken down they start
 * executors that they have just lost, call threads that have ended, and log it all, beside the one
 * line in which Octavo says why a command ended.
 */
final class EmbeddedSpark {
  /** Before anything else ends: the trackers' hook is 40 above the file systems'. */
  private static final int HOOK_PRIORITY = FileSystem.SHUTDOWN_HOOK_PRIORITY + 50;

  private EmbeddedSpark() {}

  /** Silences an embedded Spark as soon as the JVM is told to end (SIGTERM, Ctrl-C). */
  static void silenceWhenToldToEnd(String master) {
    ShutdownHookManager.get()
        .addShutdownHook(() -> silence(master), HOOK_PRIORITY, 1, TimeUnit.SECONDS);
  }

  /**
   * Turns off Spark's loggers, and {@link System#err}, where Scala's thread pools print what they
   * can't hand on. Does nothing where Spark runs elsewhere: what it says there may matter.
   */
  static void silence(String master) {
    if (master.startsWith("local")) {
      Configurator.setAllLevels("org.apache.spark", Level.OFF);
      System.setErr(
          new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    }
  }
}
