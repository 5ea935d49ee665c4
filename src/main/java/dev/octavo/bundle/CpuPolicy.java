package dev.octavo.bundle;

/** What to do where a CPU can't compute an int8 program exactly. */
public enum CpuPolicy {
  /** Run the bundle's 7-bit variant, with a warning; refuse if it has none. */
  ADAPT,
  /** Refuse. */
  STRICT
}
