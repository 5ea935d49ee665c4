package dev.octavo.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * The archive of a job's classes, which {@code jobs/*} hand to the JVM of the next run ({@code
 * -XX:SharedArchiveFile}): it then starts without reading, checking and linking them again. The
 * first run that goes well writes it, where a system property says.
 */
final class ClassArchive {
  private static final String FILE = "octavo.class-archive";

  private ClassArchive() {}

  /**
   * Writes the archive if it is wanted; leaves nothing where the JVM can't. It appears whole, so
   * that a run beside this one finds all of it or nothing.
   */
  static void writeIfWanted() {
    String name = System.getProperty(FILE);
    if (name == null) {
      return;
    }
    Path archive = Path.of(name);
    Path fresh = Path.of(name + "." + ProcessHandle.current().pid());
    PrintStream console = System.out;
    try {
      // The JDK's own code prints where it writes.
      System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
      ManagementFactory.getPlatformMBeanServer()
          .invoke(
              new ObjectName("com.sun.management:type=DiagnosticCommand"),
              "vmCds",
              new Object[] {new String[] {"dynamic_dump", fresh.toString()}},
              new String[] {String[].class.getName()});
      if (Files.exists(fresh)) {
        Files.move(fresh, archive, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (JMException | IOException e) {
      // Runs start as they did.
    } finally {
      System.setOut(console);
    }
  }
}
