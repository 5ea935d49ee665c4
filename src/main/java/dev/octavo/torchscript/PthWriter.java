package dev.octavo.torchscript;

import dev.octavo.tensor.StateDict;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes a state dict as {@code torch.save} does: an archive with an ordered dict in {@code
 * data.pkl} and one storage for each tensor. The same state dict gives the same bytes.
 */
public final class PthWriter {
  private PthWriter() {}

  /** Writes to {@code out} and flushes it; closing it is left to the caller. */
  public static void write(StateDict weights, OutputStream out) throws IOException {
    PickleWriter pickle = new PickleWriter();
    pickle.stateDict(weights.tensors());
    ArchiveWriter archive = new ArchiveWriter("archive", out);
    archive.data(pickle);
    archive.finish();
  }
}
