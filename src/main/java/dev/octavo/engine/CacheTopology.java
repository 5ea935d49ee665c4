package dev.octavo.engine;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The caches as CPUID describes them. Virtual machines on AMD CPUs often hide leaf 0x8000001D,
 * usually by a CPU model without the flag {@code topoext}. oneDNN then takes all caches to have one
 * byte: from AVX2 on, its blocked kernels divide by zero, which ends the JVM, or compute wrong
 * results (pytorch/pytorch#177227; {@code setCacheHierarchy} in Xbyak's {@code xbyak_util.h}). Its
 * AVX and SSE 4.1 kernels are right.
 */
final class CacheTopology {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");
  private static final Path CPU = Path.of("/sys/devices/system/cpu/cpu0");
  private static final Set<String> SAFE = Set.of("AVX", "SSE41");

  private CacheTopology() {}

  /**
   * Makes sure that oneDNN computes correctly here.
   *
   * @throws OctavoException with the remedy if it would not
   */
  static void check() {
    if (!Files.isReadable(CPUINFO)) {
      return;
    }
    String limit = System.getenv("ONEDNN_MAX_CPU_ISA");
    try {
      if (isHidden(Files.readString(CPUINFO), CPU)
          && (limit == null || !SAFE.contains(limit.toUpperCase(Locale.ROOT)))) {
        throw new OctavoException(
            "this machine hides the caches of its AMD CPU, and oneDNN computes wrong results"
                + " without their sizes: give the virtual machine the CPU flag topoext (its host's"
                + " CPU model), or set ONEDNN_MAX_CPU_ISA=AVX, which is several times slower; for"
                + " executors: --conf spark.executorEnv.ONEDNN_MAX_CPU_ISA=AVX");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns whether oneDNN can't know the caches.
   *
   * @param cpuinfo as of Linux
   * @param cpu the directory of a CPU in Linux's {@code /sys}, which lists its caches
   */
  static boolean isHidden(String cpuinfo, Path cpu) throws IOException {
    if (!cpuinfo.contains("AuthenticAMD")) {
      return false;
    }
    boolean extended =
        cpuinfo
            .lines()
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .map(line -> (line + " ").contains(" topoext "))
            .orElse(true);
    return !extended || (Files.isDirectory(cpu) && !listsCaches(cpu.resolve("cache")));
  }

  private static boolean listsCaches(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Stream<Path> caches = Files.list(directory)) {
      return caches.anyMatch(cache -> cache.getFileName().toString().startsWith("index"));
    }
  }
}
