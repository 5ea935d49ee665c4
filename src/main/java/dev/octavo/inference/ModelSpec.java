package dev.octavo.inference;

import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.program.Precision;
import java.io.Serializable;

/**
 * A model and its precision.
 *
 * @param name that tells it from the other models of the run
 * @param path of its bundle
 * @param id of its bundle's manifest: another model at the same path is another model
 * @param precision what its program computes in
 * @param cpu what to do where a CPU can't compute it exactly
 */
public record ModelSpec(String name, String path, String id, Precision precision, CpuPolicy cpu)
    implements Serializable {
  /**
   * The program of a bundle that is to run.
   *
   * @param wanted what a float model computes in; a quantized one knows only int8
   * @param cpu what to do where a CPU can't compute it exactly
   */
  public static ModelSpec of(String name, ModelBundle bundle, Precision wanted, CpuPolicy cpu) {
    return new ModelSpec(
        name, bundle.directory().toString(), bundle.manifest().id(), bundle.precision(wanted), cpu);
  }

  /** The precision's name in rows, as in {@code int8}. */
  public String precisionName() {
    return precision.id();
  }
}
