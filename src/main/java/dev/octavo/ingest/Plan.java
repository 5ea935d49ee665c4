package dev.octavo.ingest;

import dev.octavo.OctavoException;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.dataset.ListedNames;
import dev.octavo.dataset.SplitFractions;
import dev.octavo.dataset.SplitLists;
import dev.octavo.dataset.StratifiedSplit;
import dev.octavo.ingest.IngestSettings.ByFolders;
import dev.octavo.ingest.IngestSettings.Layout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The split and class of each file, decided by names alone, before a file is read.
 *
 * @param classes sorted
 * @param sources every file of the folder once, by split
 * @param missing listed, but not in the folder
 * @param renamed listed names that were found under another name, as {@code listed (found)}
 * @param words on what decided the splits
 */
record Plan(
    List<String> classes,
    SortedMap<String, List<Source>> sources,
    List<Quarantined> missing,
    List<String> renamed,
    String words) {

  /**
   * By folders: those of splits where the layout says so, else by random choice within each class;
   * files in no class folder are {@code extra}.
   */
  static Plan byFolders(Listing listing, ByFolders chosen, long seed) {
    List<String> labelled =
        listing.sizes().keySet().stream()
            .filter(path -> !StratifiedSplit.labelOf(path).isEmpty())
            .toList();
    if (labelled.isEmpty()) {
      throw new OctavoException.Usage(
          "%s holds no folders of classes: --images needs one folder per class"
              .formatted(listing.root()));
    }
    SortedMap<String, String> splits =
        chosen.layout() == Layout.CLASSES ? new TreeMap<>() : SplitFolders.of(labelled);
    if (!splits.isEmpty()) {
      return bySplitFolders(listing, labelled, splits, chosen, seed);
    }
    if (chosen.layout() == Layout.SPLITS) {
      throw new OctavoException.Usage(
          "%s is not laid out in splits: --layout splits needs train/CLASS/FILE and test/CLASS/FILE or val/CLASS/FILE, and nothing else"
              .formatted(listing.root()));
    }
    if (chosen.layout() == Layout.AUTO) {
      requireClassesApart(listing, labelled);
    }
    SplitFractions fractions = chosen.fractions().orElse(SplitFractions.DEFAULT);
    Builder builder = new Builder(listing, labelled, UnaryOperator.identity());
    StratifiedSplit.assign(labelled, fractions, seed)
        .forEach((path, split) -> builder.add(path, path, split));
    return builder.build(
        "split by chance: train %s, val %s, test %s"
            .formatted(fractions.train(), fractions.val(), fractions.test()));
  }

  private static Plan bySplitFolders(
      Listing listing,
      List<String> labelled,
      SortedMap<String, String> splits,
      ByFolders chosen,
      long seed) {
    String folders = String.join(", ", splits.keySet());
    if (chosen.fractions().isPresent()) {
      throw new OctavoException.Usage(
          "the folders %s of %s are its splits: leave --split out, or pass --layout classes to take them for classes"
              .formatted(folders, listing.root()));
    }
    List<String> train =
        labelled.stream()
            .filter(path -> splits.get(SplitFolders.folder(path)).equals(DatasetSchema.TRAIN))
            .map(SplitFolders::inner)
            .distinct()
            .toList();
    boolean carved = !splits.containsValue(DatasetSchema.VAL);
    Map<String, String> carving =
        StratifiedSplit.assign(
            train, SplitFractions.valOnly(carved ? chosen.valFraction() : 0), seed);
    requireClassesApart(listing, labelled.stream().map(SplitFolders::inner).toList());
    Builder builder = new Builder(listing, labelled, SplitFolders::inner);
    for (String path : labelled) {
      String split = splits.get(SplitFolders.folder(path));
      builder.add(
          path,
          path,
          split.equals(DatasetSchema.TRAIN) ? carving.get(SplitFolders.inner(path)) : split);
    }
    return builder.build(
        "split by the folders %s%s (--layout classes would take them for classes)"
            .formatted(
                folders,
                carved
                    ? ", with %s of each class of train as val".formatted(chosen.valFraction())
                    : ""));
  }

  /** Refuses classes that hold others: nobody means a folder of images and its sub-folders. */
  private static void requireClassesApart(Listing listing, Collection<String> paths) {
    SortedSet<String> classes =
        paths.stream().map(StratifiedSplit::labelOf).collect(Collectors.toCollection(TreeSet::new));
    for (String label : classes) {
      for (int slash = label.indexOf('/'); slash >= 0; slash = label.indexOf('/', slash + 1)) {
        String outer = label.substring(0, slash);
        if (classes.contains(outer)) {
          throw new OctavoException.Usage(
              "in %s, '%s' holds files and '%s' below it does, too: move the files up or the folder out, or pass --layout classes to make both classes"
                  .formatted(listing.root(), outer, label));
        }
      }
    }
  }

  /** By lists, with val carved out of train; files in no list are {@code extra}. */
  static Plan byLists(Listing listing, SplitLists lists, double valFraction, long seed) {
    SortedMap<String, String> splits =
        StratifiedSplit.assign(lists.train(), SplitFractions.valOnly(valFraction), seed);
    lists.test().forEach(path -> splits.put(path, DatasetSchema.TEST));
    Builder builder = new Builder(listing, splits.keySet(), UnaryOperator.identity());
    ListedNames names = new ListedNames(listing.sizes().keySet(), splits.keySet());
    splits.forEach(
        (path, split) ->
            names
                .find(path)
                .ifPresentOrElse(
                    file -> builder.add(path, file, split), () -> builder.missing(path, split)));
    if (builder.sources.isEmpty()) {
      throw new OctavoException.Usage(
          "none of the %d listed images is in %s (the first is '%s'): --images must be the folder"
                  .formatted(splits.size(), listing.root(), lists.train().first())
              + " that the lists' paths start from");
    }
    return builder.build("split by lists");
  }

  private static final class Builder {
    private final Listing listing;
    private final UnaryOperator<String> inner;
    private final List<String> classes;
    private final Set<String> used = new HashSet<>();
    private final SortedMap<String, List<Source>> sources = new TreeMap<>();
    private final List<Quarantined> missing = new ArrayList<>();
    private final List<String> renamed = new ArrayList<>();

    /** {@code inner} leaves the class and the file's name of a path. */
    Builder(Listing listing, Collection<String> labelled, UnaryOperator<String> inner) {
      this.listing = listing;
      this.inner = inner;
      this.classes =
          List.copyOf(
              labelled.stream()
                  .map(inner)
                  .map(StratifiedSplit::labelOf)
                  .collect(Collectors.toCollection(TreeSet::new)));
    }

    void add(String path, String file, String split) {
      String label = labelled(path) ? StratifiedSplit.labelOf(inner.apply(path)) : "";
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

    private static boolean labelled(String path) {
      return path.indexOf('/') >= 0;
    }

    void missing(String path, String split) {
      missing.add(
          new Quarantined(
              path, split, Quarantined.MISSING, "listed, but not in " + listing.root(), null));
    }

    Plan build(String words) {
      for (String path : listing.sizes().keySet()) {
        if (!used.contains(path)) {
          add(path, path, DatasetSchema.EXTRA);
        }
      }
      return new Plan(classes, sources, missing, renamed, words);
    }
  }
}
