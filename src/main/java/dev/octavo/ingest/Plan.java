package dev.octavo.ingest;

import dev.octavo.OctavoException;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.dataset.SplitFractions;
import dev.octavo.dataset.SplitLists;
import dev.octavo.dataset.StratifiedSplit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which file belongs to which split and class: decided by names alone, before a file is read.
 *
 * @param classes sorted
 * @param sources every file of the folder once, by split
 * @param missing listed, but not in the folder
 * @param renamed listed names that were found under another name, as {@code listed (found)}
 */
record Plan(
    List<String> classes,
    SortedMap<String, List<Source>> sources,
    List<Quarantined> missing,
    List<String> renamed) {

  /** By random choice within each class; files in no class folder are {@code extra}. */
  static Plan stratified(Listing listing, SplitFractions fractions, long seed) {
    List<String> labelled =
        listing.sizes().keySet().stream()
            .filter(path -> !StratifiedSplit.labelOf(path).isEmpty())
            .toList();
    if (labelled.isEmpty()) {
      throw new OctavoException.Usage(
          "%s holds no folders of classes: --images needs one folder per class"
              .formatted(listing.root()));
    }
    Builder builder = new Builder(listing, labelled);
    StratifiedSplit.assign(labelled, fractions, seed)
        .forEach((path, split) -> builder.add(path, path, split));
    return builder.build();
  }

  /** By lists, with val carved out of train; files in no list are {@code extra}. */
  static Plan byLists(Listing listing, SplitLists lists, double valFraction, long seed) {
    SortedMap<String, String> splits =
        StratifiedSplit.assign(lists.train(), SplitFractions.valOnly(valFraction), seed);
    lists.test().forEach(path -> splits.put(path, DatasetSchema.TEST));
    Builder builder = new Builder(listing, splits.keySet());
    splits.forEach(
        (path, split) -> {
          String file = find(path, listing, splits);
          if (file == null) {
            builder.missing(path, split);
          } else {
            builder.add(path, file, split);
          }
        });
    if (builder.sources.isEmpty()) {
      throw new OctavoException.Usage(
          "none of the %d listed pictures is in %s (the first is '%s'): --images must be the folder"
                  .formatted(splits.size(), listing.root(), lists.train().first())
              + " that the lists' paths start from");
    }
    return builder.build();
  }

  /**
   * The file of a listed name. Some copies of Indoor-67 hold {@code nursery/baby's_room.jpg} where
   * the list says {@code nursery/baby's_room.jpg.jpg}: a doubled extension more or less is the same
   * picture, unless that name is in a list itself.
   */
  private static String find(String path, Listing listing, Map<String, String> listed) {
    if (listing.sizes().containsKey(path)) {
      return path;
    }
    int dot = path.lastIndexOf('.');
    if (dot <= path.lastIndexOf('/')) {
      return null;
    }
    String extension = path.substring(dot);
    String once = path.substring(0, dot);
    String other = once.endsWith(extension) ? once : path + extension;
    return listing.sizes().containsKey(other) && !listed.containsKey(other) ? other : null;
  }

  private static final class Builder {
    private final Listing listing;
    private final List<String> classes;
    private final Set<String> used = new HashSet<>();
    private final SortedMap<String, List<Source>> sources = new TreeMap<>();
    private final List<Quarantined> missing = new ArrayList<>();
    private final List<String> renamed = new ArrayList<>();

    Builder(Listing listing, Collection<String> labelled) {
      this.listing = listing;
      this.classes =
          List.copyOf(
              labelled.stream()
                  .map(StratifiedSplit::labelOf)
                  .collect(Collectors.toCollection(TreeSet::new)));
    }

    void add(String path, String file, String split) {
      String label = StratifiedSplit.labelOf(path);
      int id = Collections.binarySearch(classes, label);
      Source source =
          id >= 0
              ? new Source(path, file, listing.sizes().get(file), split, label, id)
              : new Source(path, file, listing.sizes().get(file), split, null, null);
      sources.computeIfAbsent(split, key -> new ArrayList<>()).add(source);
      used.add(file);
      if (!path.equals(file)) {
        renamed.add("%s (%s)".formatted(path, file));
      }
    }

    void missing(String path, String split) {
      missing.add(
          new Quarantined(
              path, split, Quarantined.MISSING, "listed, but not in " + listing.root(), null));
    }

    Plan build() {
      for (String path : listing.sizes().keySet()) {
        if (!used.contains(path)) {
          add(path, path, DatasetSchema.EXTRA);
        }
      }
      return new Plan(classes, sources, missing, renamed);
    }
  }
}
