package dev.octavo.weights;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * The tensors that an import took from a file, by tensor name, in the network's order.
 *
 * @param prefix what stands before the network's names in the file; may be empty
 * @param matched taken from the file
 * @param missing not in the file: they start fresh
 * @param unexpected in the file, but not in the network: they are not used
 * @param replaced the classifier's tensors when the file's has another number of classes: they
 *     start fresh
 * @param folded convolutions whose batch norm was folded into them, which is now the identity
 * @param overflowed running variances that are infinite
 */
@RecordBuilder
public record ImportReport(
    String prefix,
    List<String> matched,
    List<String> missing,
    List<String> unexpected,
    List<String> replaced,
    List<String> folded,
    List<String> overflowed) {
  private static final int NAMES_SHOWN = 6;

  /** Copies the lists. */
  public ImportReport {
    matched = List.copyOf(matched);
    missing = List.copyOf(missing);
    unexpected = List.copyOf(unexpected);
    replaced = List.copyOf(replaced);
    folded = List.copyOf(folded);
    overflowed = List.copyOf(overflowed);
  }

  /** One line for each list that is not empty, with its length and its first names. */
  public List<String> summary() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%d tensors taken from the file%s"
            .formatted(
                matched.size(),
                prefix.isEmpty()
                    ? ""
                    : ", where '%s' stands before their names".formatted(prefix)));
    addLine(lines, "missing in the file, start fresh", missing);
    addLine(lines, "of another number of classes, start fresh", replaced);
    addLine(lines, "in the file but not in the network, not used", unexpected);
    addLine(lines, "with batch norm folded into them, which becomes the identity", folded);
    addLine(lines, "with infinite variances (float16 overflow), kept", overflowed);
    return lines;
  }

  private static void addLine(List<String> lines, String what, List<String> names) {
    if (!names.isEmpty()) {
      lines.add("%d %s: %s".formatted(names.size(), what, firstOf(names)));
    }
  }

  /** The first few of some names, as in {@code fc.weight, fc.bias} or {@code a, b, … (9 more)}. */
  static String firstOf(List<String> names) {
    String shown = String.join(", ", names.subList(0, Math.min(NAMES_SHOWN, names.size())));
    return names.size() <= NAMES_SHOWN
        ? shown
        : "%s, … (%d more)".formatted(shown, names.size() - NAMES_SHOWN);
  }
}
