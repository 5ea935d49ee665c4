package dev.octavo.bundle;

/** The policy for CPUs that can't compute an int8 program exactly. */
public enum CpuPolicy {
  /** Run the bundle's 7-bit variant, with a warning; refuse if it has none. */
  ADAPT,
  /** Refuse. */
  STRICT
}
