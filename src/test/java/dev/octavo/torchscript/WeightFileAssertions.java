package dev.octavo.torchscript;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.weights.WeightFiles;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;

/** Weight files that are refused. */
final class WeightFileAssertions {
  private WeightFileAssertions() {}

  /** Asserts that the reader refuses a file by its name. */
  static AbstractThrowableAssert<?, ? extends Throwable> refuses(Path file) {
    return assertThatThrownBy(() -> WeightFiles.read(file))
        .isInstanceOf(OctavoException.class)
        .hasMessageStartingWith("cannot read weights from " + file + ": ");
  }
}
