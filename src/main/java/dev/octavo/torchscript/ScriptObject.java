package dev.octavo.torchscript;

import dev.octavo.tensor.MalformedFileException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An object of a TorchScript class, as an inert holder of its attributes: no code of the class is
 * run. A class with {@code __getstate__} leaves a packed state instead, of which nothing is known.
 */
public final class ScriptObject {
  private final String type;
  private final Map<String, Object> attributes = new LinkedHashMap<>();
  private boolean packed;
  private List<?> state = List.of();

  ScriptObject(String type) {
    this.type = type;
  }

  /** The qualified class name, as in {@code __torch__.torch.nn.modules.conv.Conv2d}. */
  String type() {
    return type;
  }

  Map<String, Object> attributes() {
    return Collections.unmodifiableMap(attributes);
  }

  /** Returns whether the object's state is not a dict of attributes. */
  boolean packed() {
    return packed;
  }

  /** The packed state where it is a tuple, else nothing. */
  List<?> state() {
    return state;
  }

  void build(Object state) {
    if (!(state instanceof Map<?, ?> dict)) {
      packed = true;
      this.state = state instanceof List<?> values ? values : List.of();
      return;
    }
    dict.forEach(
        (name, value) -> {
          if (!(name instanceof String attribute)) {
            throw new MalformedFileException(
                "an object of %s has an unnamed attribute".formatted(type));
          }
          attributes.put(attribute, value);
        });
  }
}
