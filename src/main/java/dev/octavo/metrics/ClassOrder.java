package dev.octavo.metrics;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * An order of classes in which those that are confused stand next to each other, so that the errors
 * of a matrix gather along its diagonal (seriation).
 *
 * <p>Two classes are as similar as the share of each that is taken for the other, added up. Chains
 * are joined at their ends, the most similar ends first, as the multiple-fragment heuristic joins
 * the towns of a travelling salesman (J. L. Bentley, "Fast Algorithms for Geometric Traveling
 * Salesman Problems", ORSA Journal on Computing 4, 1992). Chains that nothing joins follow each
 * other in the order of their least index, so the order depends on nothing but the counts.
 */
public final class ClassOrder {
  /** Two classes and how much they are confused. */
  private record Pair(int a, int b, double similarity) {}

  private final List<List<Integer>> chains = new ArrayList<>();

  private ClassOrder() {}

  /** The indices of all classes of a matrix, in that order. */
  public static List<Integer> bySimilarity(ConfusionMatrix matrix) {
    ClassOrder order = new ClassOrder();
    for (int c = 0; c < matrix.classes(); c++) {
      List<Integer> alone = new ArrayList<>();
      alone.add(c);
      order.chains.add(alone);
    }
    pairs(matrix).forEach(order::join);
    order.chains.sort(
        Comparator.comparingInt(chain -> chain.stream().mapToInt(c -> c).min().orElse(0)));
    return order.chains.stream().flatMap(List::stream).toList();
  }

  private static List<Pair> pairs(ConfusionMatrix matrix) {
    List<Pair> pairs = new ArrayList<>();
    for (ConfusionMatrix.Cell cell : matrix.cells()) {
      int a = Math.min(cell.truth(), cell.predicted());
      int b = Math.max(cell.truth(), cell.predicted());
      boolean first = cell.truth() == a || matrix.count(a, b) == 0;
      if (a != b && first) {
        pairs.add(new Pair(a, b, share(matrix, a, b) + share(matrix, b, a)));
      }
    }
    pairs.sort(
        Comparator.comparingDouble((Pair p) -> -p.similarity())
            .thenComparingInt(Pair::a)
            .thenComparingInt(Pair::b));
    return pairs;
  }

  private static double share(ConfusionMatrix matrix, int truth, int predicted) {
    long total = matrix.recall(truth).total();
    return total == 0 ? 0 : (double) matrix.count(truth, predicted) / total;
  }

  /** Joins the chains of two classes if both stand at an end. */
  private void join(Pair pair) {
    List<Integer> a = endingIn(pair.a());
    List<Integer> b = endingIn(pair.b());
    if (a == null || b == null || a == b) {
      return;
    }
    if (a.get(a.size() - 1) != pair.a()) {
      Collections.reverse(a);
    }
    if (b.get(0) != pair.b()) {
      Collections.reverse(b);
    }
    a.addAll(b);
    chains.removeIf(chain -> chain == b);
  }

  private List<Integer> endingIn(int index) {
    for (List<Integer> chain : chains) {
      if (chain.get(0) == index || chain.get(chain.size() - 1) == index) {
        return chain;
      }
    }
    return null;
  }
}
