package dev.octavo.weights;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the state dict in what a training script saved. */
final class CheckpointReader {
  /** Keys that training scripts put their state dict under, beside epoch, optimizer and so on. */
  private static final List<String> WRAPPERS = List.of("state_dict", "model_state_dict", "model");

  /** What {@code DataParallel} and {@code torch.compile} put before every name. */
  private static final List<String> PREFIXES = List.of("module.", "_orig_mod.");

  private CheckpointReader() {}

  /**
   * The tensors of {@code value}, a dict of tensors by name, or a dict that holds one under a
   * customary key.
   */
  static StateDict read(TorchArchive archive, Object value) throws IOException {
    Map<?, ?> dict = unwrap(value);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : dict.entrySet()) {
      if (!(entry.getKey() instanceof String name && entry.getValue() instanceof TensorRef ref)) {
        throw new MalformedFileException(
            "it is no state dict: '%s' is not a tensor; save model.state_dict(), or put it under the key '%s'"
                .formatted(entry.getKey(), WRAPPERS.get(0)));
      }
      try {
        tensors.put(name, archive.tensor(ref));
      } catch (MalformedFileException e) {
        throw new MalformedFileException("tensor '%s': %s".formatted(name, e.getMessage()), e);
      }
    }
    return new StateDict(withoutPrefixes(tensors));
  }

  private static Map<?, ?> unwrap(Object value) {
    if (!(value instanceof Map<?, ?> dict)) {
      throw new MalformedFileException("it holds no dict of tensors; save model.state_dict()");
    }
    for (String wrapper : WRAPPERS) {
      if (dict.get(wrapper) instanceof Map<?, ?> wrapped) {
        return wrapped;
      }
    }
    return dict;
  }

  static Map<String, Tensor> withoutPrefixes(Map<String, Tensor> tensors) {
    Map<String, Tensor> named = tensors;
    for (String prefix : PREFIXES) {
      if (!named.isEmpty() && named.keySet().stream().allMatch(n -> n.startsWith(prefix))) {
        Map<String, Tensor> shorter = new LinkedHashMap<>();
        named.forEach((name, tensor) -> shorter.put(name.substring(prefix.length()), tensor));
        named = shorter;
      }
    }
    return named;
  }
}
