package dev.octavo.dataset;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The files of names in lists. macOS decomposes accents in names, lists have them composed. Some
 * copies of Indoor-67 hold {@code nursery/baby's_room.jpg} where the list says {@code
 * nursery/baby's_room.jpg.jpg}: a doubled extension more or less is the same image, unless that
 * name is in a list itself.
 */
public final class ListedNames {
  private final Set<String> files;
  private final Set<String> listed;

  /** The files that aren't in Unicode's composed form (NFC), by that form. */
  private final Map<String, String> composed = new HashMap<>();

  /**
   * Files and lists of one folder.
   *
   * @param files that are there, by path relative to the folder
   * @param listed what any list names
   */
  public ListedNames(Set<String> files, Set<String> listed) {
    this.files = files;
    this.listed = listed;
    for (String file : files) {
      if (!Normalizer.isNormalized(file, Normalizer.Form.NFC)) {
        composed.put(Normalizer.normalize(file, Normalizer.Form.NFC), file);
      }
    }
  }

  /** The file of a listed name; empty if there is none. */
  public Optional<String> find(String name) {
    if (files.contains(name)) {
      return Optional.of(name);
    }
    String other = composed.get(Normalizer.normalize(name, Normalizer.Form.NFC));
    return other != null ? Optional.of(other) : underAnotherExtension(name);
  }

  private Optional<String> underAnotherExtension(String name) {
    int dot = name.lastIndexOf('.');
    if (dot <= name.lastIndexOf('/')) {
      return Optional.empty();
    }
    String extension = name.substring(dot);
    String once = name.substring(0, dot);
    String other = once.endsWith(extension) ? once : name + extension;
    return files.contains(other) && !listed.contains(other) ? Optional.of(other) : Optional.empty();
  }
}
