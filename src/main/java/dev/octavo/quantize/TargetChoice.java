package dev.octavo.quantize;

import dev.octavo.bundle.CpuTarget;
import dev.octavo.engine.CpuFeatures;

/** The CPUs that a user can name as those that will run a model. */
public enum TargetChoice {
  /** The kind of this one. */
  AUTO,
  /** {@link CpuTarget#AMX}. */
  AMX,
  /** {@link CpuTarget#VNNI}. */
  VNNI,
  /** {@link CpuTarget#AVX2}. */
  AVX2,
  /** {@link CpuTarget#PORTABLE}. */
  PORTABLE;

  /** The target. */
  public CpuTarget cpu() {
    return this == AUTO ? CpuTarget.of(CpuFeatures.current()) : CpuTarget.valueOf(name());
  }
}
