package dev.octavo.bundle;

import dev.octavo.OctavoException;
import dev.octavo.artifact.MissingPath;
import dev.octavo.tensor.StateDict;
import dev.octavo.weights.WeightFiles;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Weights that a user names: a weight file or a float bundle, on any Hadoop file system. */
public final class WeightSource {
  private WeightSource() {}

  /**
   * Reads all tensors, under the names that they have there.
   *
   * @throws OctavoException if there is nothing, or something else
   */
  public static StateDict read(Configuration conf, Path source) throws IOException {
    FileSystem fs = source.getFileSystem(conf);
    if (!fs.exists(source)) {
      throw new OctavoException(
          "the weights %s do not exist%s".formatted(source, MissingPath.hint(fs, source)));
    }
    if (fs.getFileStatus(source).isDirectory()) {
      return ModelBundle.open(conf, source).stateDict(conf);
    }
    try (LocalCopy copy = LocalCopy.of(conf, source)) {
      return WeightFiles.read(copy.file(), source.toString());
    }
  }
}
