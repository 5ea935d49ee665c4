package dev.octavo.dataset;

import dev.octavo.artifact.Hashes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Splits class by class, so that every class has its share in every split.
 *
 * <p>Within a class of {@code n} paths, the paths are ordered by SHA-256 of {@code seed + " " +
 * path}; the first {@code round(n * test)} are test, the next {@code round(n * val)} val, the rest
 * train. That depends on the seed and the paths alone: not on the order of a listing, the number of
 * executors, or the version of Java.
 */
public final class StratifiedSplit {
  private StratifiedSplit() {}

  /** The class of a path, {@code a/b} of {@code a/b/file}; empty for a file in no folder. */
  public static String labelOf(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  /** The split of every path, by path; paths must be distinct. */
  public static SortedMap<String, String> assign(
      Collection<String> paths, SplitFractions fractions, long seed) {
    Map<String, String> labels = new TreeMap<>();
    paths.forEach(path -> labels.put(path, labelOf(path)));
    return assign(labels, fractions, seed);
  }

  /** The split of every path, by path, where classes are not told by paths. */
  public static SortedMap<String, String> assign(
      Map<String, String> labels, SplitFractions fractions, long seed) {
    Map<String, List<Keyed>> classes = new TreeMap<>();
    labels.forEach(
        (path, label) -> {
          String key = Hashes.sha256((seed + " " + path).getBytes(StandardCharsets.UTF_8));
          classes.computeIfAbsent(label, l -> new ArrayList<>()).add(new Keyed(key, path));
        });
    SortedMap<String, String> splits = new TreeMap<>();
    for (List<Keyed> members : classes.values()) {
      members.sort(Comparator.comparing(Keyed::key).thenComparing(Keyed::path));
      long test = Math.round(members.size() * fractions.test());
      long testAndVal = test + Math.round(members.size() * fractions.val());
      for (int i = 0; i < members.size(); i++) {
        String split =
            i < test
                ? DatasetSchema.TEST
                : i < testAndVal ? DatasetSchema.VAL : DatasetSchema.TRAIN;
        splits.put(members.get(i).path, split);
      }
    }
    return splits;
  }

  private record Keyed(String key, String path) {}
}
