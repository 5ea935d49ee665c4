package dev.octavo.train;

import dev.octavo.OctavoException;

/** A training that diverged: computed again from its checkpoints, it ends in the same way. */
final class NonFiniteException extends OctavoException {
  private static final long serialVersionUID = 1L;

  NonFiniteException(String message) {
    super(message);
  }
}
