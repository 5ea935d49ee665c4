package dev.octavo.train.data;

import dev.octavo.image.Preprocess;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Who gets which image. The images of each class are shuffled and dealt out in turn, class after
 * class, so that shares differ by at most one image, in total and in each class: val images among
 * the workers, train images among the slots of the global batch, which workers hold (see {@link
 * Batching}).
 */
public final class Shards {
  private Shards() {}

  /**
   * The share of each path, a function of the arguments alone; the first ones have one more.
   *
   * @param labels path to label of one split
   */
  static Map<String, Integer> assign(Map<String, Integer> labels, int shares, long seed) {
    Map<Integer, List<String>> byClass = new TreeMap<>();
    new TreeMap<>(labels)
        .forEach((path, label) -> byClass.computeIfAbsent(label, l -> new ArrayList<>()).add(path));
    Map<String, Integer> share = new HashMap<>();
    byClass.forEach(
        (label, paths) -> {
          Collections.shuffle(paths, random(seed, label, "shards"));
          for (String path : paths) {
            share.put(path, share.size() % shares);
          }
        });
    return share;
  }

  /**
   * The slots of a worker, each with its images in the order of an epoch.
   *
   * <p>With repeated augmentation (Hoffer et al., "Augment your batch", 2020) as many neighbouring
   * slots share their images and have the same one in each update, so that an epoch keeps its steps
   * and sees a part of the images, as with {@code RepeatAugSampler} of timm.
   *
   * @param train the worker's images, sorted by path
   * @param repeats times that an update has an image; 1 for an epoch that has all
   */
  public static SortedMap<Integer, List<ShardStore.Entry>> slots(
      List<ShardStore.Entry> train, Batching batching, int repeats, long seed, int epoch) {
    SortedMap<Integer, List<ShardStore.Entry>> groups = new TreeMap<>();
    SortedMap<Integer, Integer> lengths = new TreeMap<>();
    for (ShardStore.Entry entry : train) {
      int slot = entry.share();
      lengths.merge(slot, 1, Integer::sum);
      groups.computeIfAbsent(batching.firstAlike(slot, repeats), s -> new ArrayList<>()).add(entry);
    }
    groups.forEach(
        (slot, entries) -> Collections.shuffle(entries, random(seed, epoch, "slot " + slot)));
    SortedMap<Integer, List<ShardStore.Entry>> slots = new TreeMap<>();
    lengths.forEach(
        (slot, length) -> {
          int first = batching.firstAlike(slot, repeats);
          slots.put(
              slot,
              groups.get(first).stream()
                  .limit(length)
                  .map(entry -> entry.again(slot - first))
                  .toList());
        });
    return slots;
  }

  // java.util.Random's sequence is fixed by its specification.
  private static Random random(long seed, int number, String purpose) {
    return new Random(Preprocess.sampleSeed(seed, number, purpose));
  }
}
