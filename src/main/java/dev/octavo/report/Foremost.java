package dev.octavo.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The first of many in some order, of which no more are kept than are wanted. */
final class Foremost<T> {
  private final int most;
  private final Comparator<T> order;
  private final PriorityQueue<T> kept;
  private long seen;

  Foremost(int most, Comparator<T> order) {
    this.most = most;
    this.order = order;
    this.kept = new PriorityQueue<>(order.reversed());
  }

  void add(T element) {
    seen++;
    kept.add(element);
    if (kept.size() > most) {
      kept.remove();
    }
  }

  /** All that were added, kept or not. */
  long seen() {
    return seen;
  }

  /** Those that were kept, in order. */
  List<T> list() {
    List<T> list = new ArrayList<>(kept);
    list.sort(order);
    return list;
  }
}
