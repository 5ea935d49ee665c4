package dev.octavo.bundle;

import dev.octavo.image.Normalization;
import dev.octavo.network.Network;
import dev.octavo.program.PortableProgram;
import dev.octavo.tensor.StateDict;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes {@code model.pt}, or any other file of the program's kind, to a stream. */
@FunctionalInterface
public interface ProgramWriter {
  /** Writes the archive; doesn't close the stream. */
  void writeTo(OutputStream out) throws IOException;

  /** A writer of the portable program, for a float model's bundle. */
  static ProgramWriter portable(Network network, StateDict state, Normalization normalization) {
    return out -> PortableProgram.write(network, state, normalization, out);
  }

  /** A local file for libtorch to read; the caller deletes it. */
  static Path temporary(ProgramWriter writer) throws IOException {
    Path file = Files.createTempFile("octavo-", ".pt");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      writer.writeTo(out);
    } catch (IOException | RuntimeException e) {
      Files.delete(file);
      throw e;
    }
    return file;
  }
}
