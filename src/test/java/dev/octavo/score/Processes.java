package dev.octavo.score;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What Linux says of this JVM and of the executors of a local-cluster that it started. */
final class Processes {
  private static final Path PROC = Path.of("/proc");

  /** {@code USER_HZ}, which is the same on all architectures that Octavo runs on. */
  private static final double TICKS_PER_SECOND = 100;

  private static final int UTIME = 11;
  private static final Pattern SPACE = Pattern.compile(" ");

  private Processes() {}

  /** This JVM. */
  static long driver() {
    return ProcessHandle.current().pid();
  }

  /** The executors that run, by process. */
  static List<Long> executors() {
    return ProcessHandle.current()
        .descendants()
        .map(ProcessHandle::pid)
        .filter(pid -> read(pid, "cmdline").contains("CoarseGrainedExecutorBackend"))
        .sorted()
        .toList();
  }

  /** Processor seconds, in user and kernel mode, of the driver and the executors that run. */
  static double cpuSeconds() {
    List<Long> all = new ArrayList<>(executors());
    all.add(driver());
    return all.stream().mapToDouble(Processes::cpuSeconds).sum();
  }

  private static double cpuSeconds(long pid) {
    String stat = read(pid, "stat");
    // The second field is the command in parentheses, which may hold spaces.
    String[] fields = SPACE.split(stat.substring(stat.lastIndexOf(')') + 2), -1);
    return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[UTIME + 1])) / TICKS_PER_SECOND;
  }

  /** Memory of a process that is in RAM; 0 if it ended. */
  static long residentBytes(long pid) {
    return read(pid, "status")
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .findFirst()
        .orElse(0);
  }

  /** Nothing if the process ended. */
  private static String read(long pid, String file) {
    Path path = PROC.resolve(String.valueOf(pid)).resolve(file);
    try {
      return Files.readString(path);
    } catch (IOException e) {
      if (Files.exists(path)) {
        throw new UncheckedIOException(e);
      }
      return "";
    }
  }
}
