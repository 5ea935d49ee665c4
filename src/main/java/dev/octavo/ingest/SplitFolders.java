package dev.octavo.ingest;

import dev.octavo.dataset.DatasetSchema;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Folders that are splits, as most public datasets are laid out: {@code train/CLASS/FILE}, {@code
 * test/CLASS/FILE}.
 */
final class SplitFolders {
  private static final Map<String, String> SPLITS =
      Map.of(
          "train", DatasetSchema.TRAIN,
          "training", DatasetSchema.TRAIN,
          "val", DatasetSchema.VAL,
          "valid", DatasetSchema.VAL,
          "validation", DatasetSchema.VAL,
          "dev", DatasetSchema.VAL,
          "test", DatasetSchema.TEST,
          "testing", DatasetSchema.TEST);

  private SplitFolders() {}

  /** The split that a name is usual for, as in {@code validation}; empty for any other name. */
  static Optional<String> split(String name) {
    return Optional.ofNullable(SPLITS.get(name.toLowerCase(Locale.ROOT)));
  }

  /**
   * The splits by the names of their folders; empty unless all files with a class lie in such
   * folders, of which one is train and another isn't.
   *
   * @param paths {@code FOLDER/CLASS/FILE}
   */
  static SortedMap<String, String> of(Collection<String> paths) {
    SortedMap<String, String> found = new TreeMap<>();
    for (String path : paths) {
      int slash = path.indexOf('/');
      String split = slash < 0 ? null : split(path.substring(0, slash)).orElse(null);
      boolean inClass = slash >= 0 && path.indexOf('/', slash + 1) >= 0;
      if (split == null || !inClass) {
        return new TreeMap<>();
      }
      found.put(path.substring(0, slash), split);
    }
    boolean whole =
        found.containsValue(DatasetSchema.TRAIN)
            && found.values().stream().anyMatch(split -> !split.equals(DatasetSchema.TRAIN));
    return whole ? found : new TreeMap<>();
  }

  /** The path below the folder of the split. */
  static String inner(String path) {
    return path.substring(path.indexOf('/') + 1);
  }

  static String folder(String path) {
    return path.substring(0, path.indexOf('/'));
  }
}
