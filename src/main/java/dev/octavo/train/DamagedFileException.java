package dev.octavo.train;

import java.io.IOException;
import org.apache.hadoop.fs.Path;

/** A file of a run is not what was written: it was cut off, altered or removed. */
final class DamagedFileException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedFileException(Path file, Throwable cause) {
    super(file + " is damaged", cause);
  }
}
