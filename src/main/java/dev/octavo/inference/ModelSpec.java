package dev.octavo.inference;

import dev.octavo.bundle.Precision;
import java.io.Serializable;

/**
 * Which model, in which precision.
 *
 * @param name that tells it from the other models of the run
 * @param path of its bundle
 * @param id of its bundle's manifest: another model at the same path is another model
 * @param precision what its program computes in
 */
public record ModelSpec(String name, String path, String id, Precision precision)
    implements Serializable {
  /** The precision's name in rows, as in {@code int8}. */
  public String precisionName() {
    return precision.id();
  }
}
