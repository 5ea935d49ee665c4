package dev.octavo.torchscript;

import dev.octavo.tensor.MalformedFileException;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.tensor.TensorNames;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the state dict in what a training script saved. */
public final class CheckpointReader {
  /** Keys that training scripts put their state dict under, the more telling ones first. */
  private static final List<String> WRAPPERS =
      List.of(
          "state_dict",
          "model_state_dict",
          "model_state",
          "model",
          "net",
          "network",
          "weights",
          "params",
          "module",
          "model_ema",
          "state_dict_ema",
          "ema_state_dict",
          "ema");

  private static final int MAX_DEPTH = 8;

  private CheckpointReader() {}

  /**
   * The tensors of {@code value}, a dict of tensors by name, or a dict that holds one under a
   * customary key, or under the only key that it can be.
   */
  public static StateDict read(Storages storages, Object value) throws IOException {
    Map<?, ?> dict = unwrap(value);
    refuseQuantized(dict);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : dict.entrySet()) {
      if (!(entry.getKey() instanceof String name && entry.getValue() instanceof TensorRef ref)) {
        throw new MalformedFileException(
            "it is no state dict: '%s' is not a tensor; save model.state_dict(), or put it under the key '%s'"
                .formatted(entry.getKey(), WRAPPERS.get(0)));
      }
      TensorNames.checked(name);
      try {
        tensors.put(name, storages.tensor(ref));
      } catch (MalformedFileException e) {
        throw new MalformedFileException("tensor '%s': %s".formatted(name, e.getMessage()), e);
      }
    }
    return new StateDict(tensors);
  }

  private static Map<?, ?> unwrap(Object value) {
    if (!(value instanceof Map<?, ?> outer)) {
      throw new MalformedFileException("it holds no dict of tensors; save model.state_dict()");
    }
    Map<?, ?> dict = outer;
    for (int depth = 0; depth < MAX_DEPTH; depth++) {
      Map<?, ?> inner = wrapped(dict);
      if (inner == null) {
        return dict;
      }
      dict = inner;
    }
    return dict;
  }

  /** The dict within that is meant, null if it is {@code dict} itself. */
  private static Map<?, ?> wrapped(Map<?, ?> dict) {
    for (String wrapper : WRAPPERS) {
      if (dict.get(wrapper) instanceof Map<?, ?> wrapped && !wrapped.isEmpty()) {
        return wrapped;
      }
    }
    if (holdsTensors(dict)) {
      return null;
    }
    List<Map<?, ?>> candidates = new ArrayList<>();
    for (Object inner : dict.values()) {
      if (inner instanceof Map<?, ?> map && holdsTensors(map)) {
        candidates.add(map);
      }
    }
    return candidates.size() == 1 ? candidates.get(0) : null;
  }

  private static boolean holdsTensors(Map<?, ?> dict) {
    return dict.entrySet().stream()
        .anyMatch(e -> e.getKey() instanceof String && e.getValue() instanceof TensorRef);
  }

  private static void refuseQuantized(Map<?, ?> dict) {
    for (Object key : dict.keySet()) {
      if (key instanceof String name
          && (name.contains("_packed_params") || name.endsWith(".zero_point"))) {
        throw new MalformedFileException(
            "it holds the weights of a quantized network ('%s'): take the floating-point weights that it was made from"
                .formatted(name));
      }
    }
  }
}
