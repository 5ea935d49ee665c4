package dev.octavo.bundle;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.program.Int8Operators;
import java.util.Locale;

/** The CPUs that an int8 program is made for. */
public enum CpuTarget {
  /** x86 with {@code amx_int8}: products of bytes are summed in 32 bits. */
  AMX(8, Int8Operators.ONEDNN),
  /** x86 with {@code avx512_vnni} or {@code avx_vnni}: products of bytes are summed in 32 bits. */
  VNNI(8, Int8Operators.ONEDNN),
  /**
   * Any x86 from AVX2 on. Without VNNI, pairs of products are summed in 16 bits: 7-bit weights keep
   * them below {@code 63 * 255 * 2 = 32130}, so that none saturates.
   */
  AVX2(7, Int8Operators.ONEDNN),
  /** Whatever libtorch runs on, aarch64 included. */
  PORTABLE(7, Int8Operators.PORTABLE);

  private final int weightBits;
  private final Int8Operators operators;

  CpuTarget(int weightBits, Int8Operators operators) {
    this.weightBits = weightBits;
    this.operators = operators;
  }

  /** As in {@code --target vnni}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Width of the weights' codes. */
  public int weightBits() {
    return weightBits;
  }

  /** The operators of the program. */
  public Int8Operators operators() {
    return operators;
  }

  /** Returns whether the weights need a CPU that sums products of bytes in 32 bits. */
  public boolean isFullRange() {
    return weightBits == 8;
  }

  /** The one that gets the most out of a CPU. */
  public static CpuTarget of(CpuFeatures cpu) {
    if (!cpu.isX86()) {
      return PORTABLE;
    }
    if (cpu.names().contains("amx_int8")) {
      return AMX;
    }
    return cpu.sumsBytesExactly() ? VNNI : AVX2;
  }
}
