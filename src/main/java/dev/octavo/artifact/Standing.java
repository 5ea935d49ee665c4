package dev.octavo.artifact;

import dev.octavo.OctavoException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The artifact that stands at a place.
 *
 * @param id of its manifest; empty if nothing stands there, or an empty directory
 * @param lengths of all files there, by path relative to it
 * @param foreign a file that the manifest doesn't list, hidden ones left out and Parquet, of which
 *     not all is listed
 */
record Standing(String id, Map<String, Long> lengths, Optional<String> foreign) {
  static final Standing NOTHING = new Standing("", Map.of(), Optional.empty());

  /**
   * Looks at a place.
   *
   * @param place where it is
   * @param target its name in errors
   * @param kind of artifact that may stand there
   * @throws OctavoException if something else does
   */
  static Standing at(FileSystem fs, Path place, Path target, String kind) throws IOException {
    FileStatus status;
    try {
      status = fs.getFileStatus(place);
    } catch (FileNotFoundException e) {
      return NOTHING;
    }
    if (status.isDirectory() && fs.listStatus(place).length == 0) {
      return NOTHING;
    }
    Path file = new Path(place, Manifest.FILE_NAME);
    if (status.isFile() || !fs.exists(file)) {
      throw new OctavoException(
          "%s exists and is not an Octavo artifact (it has no %s), so nothing will be written over it: choose another --out"
              .formatted(target, Manifest.FILE_NAME));
    }
    Manifest manifest = Artifacts.manifest(fs, file);
    if (!manifest.kind().equals(kind)) {
      throw new OctavoException(
          "%s is %s, and only %s would be replaced: choose another --out"
              .formatted(
                  target, Artifacts.withArticle(manifest.kind()), Artifacts.withArticle(kind)));
    }
    Map<String, Long> lengths = ArtifactFiles.lengths(fs, place);
    return new Standing(
        manifest.id(),
        lengths,
        lengths.keySet().stream()
            .filter(name -> !manifest.files().containsKey(name) && !ArtifactFiles.isUnlisted(name))
            .findFirst());
  }

  /** Returns whether nothing stands there. */
  boolean isNothing() {
    return id.isEmpty();
  }

  /** A file that the other, of the same place at an earlier time, doesn't have like this. */
  Optional<String> newSince(Standing earlier) {
    return lengths.entrySet().stream()
        .filter(file -> !file.getValue().equals(earlier.lengths.get(file.getKey())))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
