package dev.octavo.train;

import dev.octavo.OctavoException;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The workers' files in the directory of a run: checkpoints, and the weights of some epochs. */
final class RunFiles {
  private final FileSystem fs;
  private final Path directory;
  private final Checkpoints checkpoints;

  RunFiles(FileSystem fs, Path directory, int checkpointsKept) {
    this.fs = fs;
    this.directory = directory;
    this.checkpoints = new Checkpoints(fs, directory, checkpointsKept);
  }

  Checkpoints checkpoints() {
    return checkpoints;
  }

  /** The train program. */
  Path program() {
    return new Path(directory, "train.pt");
  }

  /**
   * Saves the weights after an epoch, and forgets those of the epochs before that are no longer of
   * interest.
   *
   * @param best the epoch that did best so far
   */
  void saveResult(int epoch, int best, ByteBuffer parameters, ByteBuffer buffers)
      throws IOException {
    ChecksummedFile.write(fs, parametersFile(epoch), parameters);
    ChecksummedFile.write(fs, buffersFile(epoch), buffers);
    for (int old = 1; old < epoch; old++) {
      if (old != best) {
        fs.delete(parametersFile(old), false);
        fs.delete(buffersFile(old), false);
      }
    }
  }

  /** The parameters after an epoch whose weights were saved. */
  float[] parameters(int epoch, int count) throws IOException {
    return read(parametersFile(epoch), count);
  }

  /** The running statistics after an epoch whose weights were saved. */
  float[] buffers(int epoch, int count) throws IOException {
    return read(buffersFile(epoch), count);
  }

  private Path parametersFile(int epoch) {
    return new Path(directory, "parameters-%d.f32".formatted(epoch));
  }

  private Path buffersFile(int epoch) {
    return new Path(directory, "buffers-%d.f32".formatted(epoch));
  }

  private float[] read(Path file, int count) throws IOException {
    byte[] bytes = new byte[Math.multiplyExact(count, Float.BYTES)];
    try {
      ChecksummedFile.read(fs, file, in -> new DataInputStream(in).readFully(bytes));
    } catch (DamagedFileException e) {
      throw lost(e);
    }
    float[] floats = new float[count];
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).asFloatBuffer().get(floats);
    return floats;
  }

  /**
   * Checks the weights of an epoch, if they are there: those that a checkpoint from before them
   * will make again are not.
   *
   * @throws OctavoException if they are damaged
   */
  void verifyResult(int epoch) throws IOException {
    for (Path file : List.of(parametersFile(epoch), buffersFile(epoch))) {
      if (fs.exists(file)) {
        try {
          ChecksummedFile.verify(fs, file);
        } catch (DamagedFileException e) {
          throw lost(e);
        }
      }
    }
  }

  private static OctavoException lost(DamagedFileException e) {
    return new OctavoException(
        e.getMessage()
            + ", which held the weights of an epoch: --restart trains from the beginning",
        e);
  }
}
