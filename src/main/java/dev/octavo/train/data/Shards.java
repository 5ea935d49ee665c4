package dev.octavo.train.data;

import dev.octavo.image.Preprocess;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Who gets which image. The images of each class are shuffled and dealt out in turn, class after
 * class, so that the workers' shares differ by at most one image, in total and in each class.
 */
public final class Shards {
  private Shards() {}

  /**
   * The worker of each path, a function of the arguments alone.
   *
   * @param labels path to label of one split
   */
  static Map<String, Integer> assign(Map<String, Integer> labels, int workers, long seed) {
    Map<Integer, List<String>> byClass = new TreeMap<>();
    new TreeMap<>(labels)
        .forEach((path, label) -> byClass.computeIfAbsent(label, l -> new ArrayList<>()).add(path));
    Map<String, Integer> worker = new HashMap<>();
    byClass.forEach(
        (label, paths) -> {
          Collections.shuffle(paths, random(seed, label, "shards"));
          for (String path : paths) {
            worker.put(path, worker.size() % workers);
          }
        });
    return worker;
  }

  /** The order in which a worker takes the images of its share in an epoch. */
  public static List<Integer> order(int size, long seed, int epoch, int rank) {
    List<Integer> order = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      order.add(i);
    }
    Collections.shuffle(order, random(seed, epoch, "order of worker " + rank));
    return order;
  }

  // java.util.Random's sequence is fixed by its specification.
  private static Random random(long seed, int number, String purpose) {
    return new Random(Preprocess.sampleSeed(seed, number, purpose));
  }
}
