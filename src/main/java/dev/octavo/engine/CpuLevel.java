package dev.octavo.engine;

import java.util.Locale;
import java.util.Map;

/**
 * A class of x86 CPUs that a better one can pretend to belong to. Libraries look at the environment
 * when they are loaded, so it takes a process of its own.
 */
public enum CpuLevel {
  /** AMX tiles for bytes and bfloat16. */
  AMX("amx_int8", "AVX512_CORE_AMX", "avx512"),
  /** AVX-512 with exact sums of products of bytes. */
  VNNI("avx512_vnni", "AVX512_CORE_VNNI", "avx512"),
  /** AVX-512 of 2017, in which such sums saturate. */
  AVX512("avx512f", "AVX512_CORE", "avx512"),
  /** AVX2 of 2013. */
  AVX2("avx2", "AVX2", "avx2");

  private final String feature;
  private final String oneDnn;
  private final String libtorch;

  CpuLevel(String feature, String oneDnn, String libtorch) {
    this.feature = feature;
    this.oneDnn = oneDnn;
    this.libtorch = libtorch;
  }

  /** As in {@code --cpu-levels vnni}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns whether a CPU is at least that good. */
  public boolean isReachedBy(CpuFeatures cpu) {
    return cpu.names().contains(feature);
  }

  /** The environment variables that keep oneDNN and libtorch's own kernels to this level. */
  public Map<String, String> environment() {
    return Map.of("ONEDNN_MAX_CPU_ISA", oneDnn, "ATEN_CPU_CAPABILITY", libtorch);
  }
}
