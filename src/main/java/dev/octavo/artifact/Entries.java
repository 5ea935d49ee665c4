package dev.octavo.artifact;

import dev.octavo.OctavoException;
import java.util.List;
import java.util.Map;

/**
 * Values of a manifest by key, each checked: of its type and within its range.
 *
 * @param source the manifest's file, for errors
 * @param values by key
 * @param numbers the range of floating-point numbers
 */
public record Entries(String source, Map<String, Object> values, Numbers numbers) {
  private static final int MAX_SHOWN = 80;

  /** The range of floating-point numbers. */
  public enum Numbers {
    /** Finite numbers, as settings are. */
    FINITE,
    /**
     * Infinities and NaN as well, which JSON holds as texts: the signal-to-noise ratio of equal
     * logits is infinite.
     */
    ANY
  }

  /** Entries whose numbers are finite. */
  public Entries(String source, Map<String, Object> values) {
    this(source, values, Numbers.FINITE);
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
