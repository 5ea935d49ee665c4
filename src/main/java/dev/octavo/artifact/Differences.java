package dev.octavo.artifact;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The settings in which two runs differ. */
public final class Differences {
  private static final String NOT_SET = "not set";

  private Differences() {}

  /**
   * Returns a phrase for each setting that differs in its text, as in {@code epochs was 3 and is
   * 4}, sorted by name.
   *
   * @param then the settings of the run before
   * @param now those of this one
   */
  public static List<String> between(Map<String, ?> then, Map<String, ?> now) {
    TreeSet<String> names = new TreeSet<>(then.keySet());
    names.addAll(now.keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      String was = text(then.get(name));
      String is = text(now.get(name));
      if (!was.equals(is)) {
        differences.add("%s was %s and is %s".formatted(name, was, is));
      }
    }
    return differences;
  }

  private static String text(Object value) {
    return value == null ? NOT_SET : value.toString();
  }
}
