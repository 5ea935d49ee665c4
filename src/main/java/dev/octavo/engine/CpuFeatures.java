package dev.octavo.engine;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The instruction sets that decide how fast, and for int8 how exactly, a CPU computes.
 *
 * @param names those present, weakest first, with the names of Linux's {@code /proc/cpuinfo};
 *     without any, and on other systems, the architecture alone
 */
public record CpuFeatures(List<String> names) implements Serializable {
  private static final List<String> OF_INTEREST =
      List.of(
          "avx2",
          "avx_vnni",
          "avx512f",
          "avx512_vnni",
          "avx512_bf16",
          "amx_bf16",
          "amx_int8",
          "asimd",
          "asimddp",
          "i8mm",
          "bf16",
          "sve");

  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  /** Copies the list. */
  public CpuFeatures {
    names = List.copyOf(names);
  }

  /** The features of this machine that oneDNN may use, given {@code ONEDNN_MAX_CPU_ISA}. */
  public static CpuFeatures current() {
    if (!Files.isReadable(CPUINFO)) {
      return new CpuFeatures(List.of(System.getProperty("os.arch")));
    }
    try {
      return parse(Files.readString(CPUINFO), System.getenv("ONEDNN_MAX_CPU_ISA"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The reverse of {@link #toString}. */
  public static CpuFeatures of(String text) {
    return new CpuFeatures(List.of(text.split(" ", -1)));
  }

  /**
   * Reads the flags of the first processor.
   *
   * @param limit a value of {@code ONEDNN_MAX_CPU_ISA}, or null
   */
  static CpuFeatures parse(String cpuinfo, String limit) {
    Set<String> flags = new HashSet<>();
    for (String line : cpuinfo.split("\n", -1)) {
      if (line.startsWith("flags") || line.startsWith("Features")) {
        flags.addAll(Arrays.asList(line.substring(line.indexOf(':') + 1).trim().split(" +")));
        break;
      }
    }
    flags.removeAll(hidden(limit == null ? "" : limit.toUpperCase(Locale.ROOT)));
    List<String> present = new ArrayList<>(OF_INTEREST);
    present.retainAll(flags);
    if (present.isEmpty()) {
      present.add(System.getProperty("os.arch"));
    }
    return new CpuFeatures(present);
  }

  private static List<String> hidden(String limit) {
    List<String> amx = List.of("amx_bf16", "amx_int8");
    List<String> all =
        List.of("avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8");
    return switch (limit) {
      case "AVX512_CORE_BF16" -> amx;
      case "AVX512_CORE_VNNI" -> List.of("avx512_bf16", "amx_bf16", "amx_int8");
      case "AVX512_CORE" ->
          List.of("avx_vnni", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8");
      case "AVX2_VNNI" -> List.of("avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8");
      case "AVX2" -> all;
      case "AVX", "SSE41" -> Stream.concat(Stream.of("avx2"), all.stream()).toList();
      default -> List.of();
    };
  }

  /**
   * Returns whether products of unsigned and signed bytes are summed in 32 bits. Without that,
   * oneDNN's x86 kernels add pairs of products in 16 bits, which saturate unless weights stay
   * within ±63.
   */
  public boolean sumsBytesExactly() {
    return !isX86()
        || names.contains("avx512_vnni")
        || names.contains("avx_vnni")
        || names.contains("amx_int8");
  }

  /** Returns whether this is an x86 CPU with 64 bits. */
  public boolean isX86() {
    return names.contains("avx2") || System.getProperty("os.arch").matches("amd64|x86_64");
  }

  /** Returns whether products of bfloat16 numbers are computed as such, not by way of float32. */
  public boolean computesBfloat16() {
    return names.contains("avx512_bf16") || names.contains("amx_bf16") || names.contains("bf16");
  }

  /** Returns whether oneDNN runs programs in bfloat16 at all: on x86 it takes AVX-512. */
  public boolean runsBfloat16() {
    return !isX86() || names.contains("avx512f");
  }

  /** The names, separated by spaces. */
  @Override
  public String toString() {
    return String.join(" ", names);
  }
}
