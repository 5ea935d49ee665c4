package dev.octavo.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The memory of this process that is in RAM: heap, buffers and libtorch's. */
final class ResidentMemory {
  private ResidentMemory() {}

  /** Bytes as Linux states them in {@code /proc/self/status}; 0 on other systems. */
  static long bytes() {
    try {
      List<String> lines = Files.readAllLines(Path.of("/proc/self/status"));
      return lines.stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
