package dev.octavo;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what someone meant who mistyped a name. */
public final class Nearest {
  private Nearest() {}

  /** The known name that is fewest edits away, if at most half of the letters differ. */
  public static Optional<String> to(String name, Collection<String> known) {
    return known.stream()
        .filter(candidate -> edits(name, candidate) <= Math.max(2, name.length() / 2))
        .min(Comparator.comparingInt((String candidate) -> edits(name, candidate)));
  }

  /** {@code ": did you mean 'x'?"}, or where to look when nothing is near. */
  public static String hint(String name, Collection<String> known, String where) {
    return to(name, known)
        .map(": did you mean '%s'?"::formatted)
        .orElseGet(() -> ": %s knows %s".formatted(where, String.join(", ", known)));
  }

  /**
   * The Damerau-Levenshtein distance in its restricted form: insertions, deletions, substitutions
   * and swaps of neighbours.
   */
  public static int edits(String a, String b) {
    int[][] distance = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          distance[i][j] = i + j;
          continue;
        }
        int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int best =
            Math.min(
                distance[i - 1][j - 1] + same,
                1 + Math.min(distance[i - 1][j], distance[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        distance[i][j] = swapped ? Math.min(best, distance[i - 2][j - 2] + 1) : best;
      }
    }
    return distance[a.length()][b.length()];
  }
}
