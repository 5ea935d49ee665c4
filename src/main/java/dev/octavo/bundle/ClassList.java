package dev.octavo.bundle;

import dev.octavo.OctavoException;
import dev.octavo.artifact.MissingPath;
import dev.octavo.artifact.TextFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A text file of class names: one a line, in the order of the logits. */
public final class ClassList {
  private static final int MAX_BYTES = 64 << 20;

  private ClassList() {}

  /**
   * Reads the names.
   *
   * @throws OctavoException.Usage if there is no such file, or it is no list of different names
   */
  public static List<String> read(Configuration conf, Path file) throws IOException {
    byte[] bytes;
    FileSystem fs = file.getFileSystem(conf);
    try (InputStream in = fs.open(file)) {
      bytes = in.readNBytes(MAX_BYTES);
    } catch (FileNotFoundException e) {
      throw new OctavoException.Usage(
          "the list of classes %s does not exist%s".formatted(file, MissingPath.hint(fs, file)));
    }
    List<String> names = TextFiles.lines(bytes, file);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (name.isBlank() || !seen.add(name)) {
        throw new OctavoException.Usage(
            "%s, line %d: %s; it must hold one name a line, in the order of the logits"
                .formatted(
                    file,
                    i + 1,
                    name.isBlank() ? "there is no name" : "'%s' is there twice".formatted(name)));
      }
    }
    if (names.isEmpty()) {
      throw new OctavoException.Usage("the list of classes %s is empty".formatted(file));
    }
    return names;
  }
}
