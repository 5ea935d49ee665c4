package dev.octavo.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** What workers keep in the directory of a run: checkpoints, and the weights of some epochs. */
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
    write(parametersFile(epoch), parameters);
    write(buffersFile(epoch), buffers);
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

  private void write(Path file, ByteBuffer bytes) throws IOException {
    try (WritableByteChannel out = Channels.newChannel(fs.create(file, true))) {
      out.write(bytes.duplicate());
    }
  }

  private float[] read(Path file, int count) throws IOException {
    byte[] bytes;
    try (var in = fs.open(file)) {
      bytes = in.readNBytes(count * Float.BYTES);
    }
    float[] floats = new float[count];
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).asFloatBuffer().get(floats);
    return floats;
  }
}
