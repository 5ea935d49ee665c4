package dev.octavo.artifact;

import dev.octavo.OctavoException;
import java.util.List;
import java.util.Map;

/**
 * Values of a manifest by key, each checked: of its type and within its range.
 *
 * @param source the manifest's file, for errors
 * @param values by key
 */
public record Entries(String source, Map<String, Object> values) {
  private static final int MAX_SHOWN = 80;

  /** A whole number, not negative. */
  public long count(String key) {
    Object value = values.get(key);
    boolean whole = value instanceof Integer || value instanceof Long;
    if (!whole || ((Number) value).longValue() < 0) {
      throw wrong(key, "a whole number that is not negative");
    }
    return ((Number) value).longValue();
  }

  /** One of some words. */
  public String word(String key, List<String> allowed) {
    if (!(values.get(key) instanceof String word && allowed.contains(word))) {
      throw wrong(key, "one of " + String.join(", ", allowed));
    }
    return word;
  }

  /** The value that can't be used, with what it must be. */
  public OctavoException wrong(String key, String rule) {
    Object value = values.get(key);
    String shown = value == null ? "missing" : String.valueOf(value).replaceAll("\\p{C}", "?");
    return new OctavoException(
        "%s: '%s' is %s, but must be %s"
            .formatted(
                source,
                key,
                shown.length() <= MAX_SHOWN ? shown : shown.substring(0, MAX_SHOWN) + "…",
                rule));
  }
}
