package dev.octavo.torchscript;

import dev.octavo.tensor.DType;
import dev.octavo.tensor.MalformedFileException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The globals that a pickle may name, and what calling them gives. This is the whole list: a global
 * that is not here is refused before anything is made of it.
 */
final class PickleGlobals {
  private static final String SCRIPT_PREFIX = "__torch__.";

  /** The value that a GLOBAL opcode puts on the stack. */
  sealed interface Global {}

  /** A function or class that REDUCE may call. */
  enum Function implements Global {
    REBUILD_TENSOR,
    REBUILD_PARAMETER,
    ORDERED_DICT,
    /** {@code torch.device(name)}: the name. Tensors are on the heap wherever they came from. */
    DEVICE,
    /** TorchScript's typed lists and dicts, and shapes: their first argument. */
    TYPED_CONTAINER
  }

  /** {@code torch.FloatStorage} and its kin, named in persistent ids. */
  record StorageType(DType dtype) implements Global {}

  /**
   * A part of a storage, as PyTorch's first versions name them; later ones name whole storages.
   *
   * @param offset of its first element
   */
  record StorageView(StorageRef storage, long offset) {}

  /** A type such as {@code torch.float32} as a value, which training scripts save as a setting. */
  record TypeName(String name) implements Global {}

  /** A TorchScript class. */
  record ScriptType(String name) implements Global {}

  private static final Set<String> TYPE_NAMES =
      Set.of(
          "float16",
          "bfloat16",
          "float32",
          "float64",
          "uint8",
          "int8",
          "int16",
          "int32",
          "int64",
          "bool");

  private static final Map<String, Function> FUNCTIONS =
      Map.ofEntries(
          Map.entry("torch._utils _rebuild_tensor", Function.REBUILD_TENSOR),
          Map.entry("torch._utils _rebuild_tensor_v2", Function.REBUILD_TENSOR),
          Map.entry("torch._utils _rebuild_parameter", Function.REBUILD_PARAMETER),
          Map.entry("torch.nn.parameter Parameter", Function.REBUILD_PARAMETER),
          Map.entry("collections OrderedDict", Function.ORDERED_DICT),
          Map.entry("torch device", Function.DEVICE),
          Map.entry("torch Size", Function.TYPED_CONTAINER),
          Map.entry("torch.jit._pickle build_intlist", Function.TYPED_CONTAINER),
          Map.entry("torch.jit._pickle build_doublelist", Function.TYPED_CONTAINER),
          Map.entry("torch.jit._pickle build_boollist", Function.TYPED_CONTAINER),
          Map.entry("torch.jit._pickle build_tensorlist", Function.TYPED_CONTAINER),
          Map.entry("torch.jit._pickle restore_type_tag", Function.TYPED_CONTAINER));

  private PickleGlobals() {}

  /**
   * The global of that name.
   *
   * @throws MalformedFileException if it is none of those above
   */
  static Global resolve(String module, String name) {
    Function function = FUNCTIONS.get(module + " " + name);
    if (function != null) {
      return function;
    }
    if (module.equals("torch")) {
      for (DType dtype : DType.values()) {
        if (dtype.torchStorage().equals(name)) {
          return new StorageType(dtype);
        }
      }
      if (TYPE_NAMES.contains(name)) {
        return new TypeName(name);
      }
    }
    if ((module + ".").startsWith(SCRIPT_PREFIX)) {
      return new ScriptType(module + "." + name);
    }
    if (isQuantized(module, name)) {
      throw new MalformedFileException(
          "it holds the weights of a quantized network ('%s %s'): take the floating-point weights that it was made from"
              .formatted(module, name));
    }
    throw new MalformedFileException(
        ("it refers to the Python global '%s %s', which is refused: only tensors (in dicts, lists"
                + " and tuples) are read from pickles; save the weights alone, with"
                + " torch.save(model.state_dict(), file)")
            .formatted(module, name));
  }

  private static boolean isQuantized(String module, String name) {
    return module.startsWith("torch")
        && (name.equals("_rebuild_qtensor")
            || name.matches("Q.*Storage|quint.*|qint.*|per_(tensor|channel)_.*")
            || module.startsWith("torch.ao.nn.quantized")
            || module.startsWith("torch.nn.quantized"));
  }

  /** The result of REDUCE for a function and its arguments. */
  static Object call(Function function, List<?> arguments) {
    return switch (function) {
      case REBUILD_TENSOR -> rebuildTensor(arguments);
      case REBUILD_PARAMETER -> argument(arguments, 0, TensorRef.class, "a parameter's tensor");
      case ORDERED_DICT -> {
        if (!arguments.isEmpty()) {
          throw new MalformedFileException("an OrderedDict is made with arguments");
        }
        yield new LinkedHashMap<Object, Object>();
      }
      case DEVICE -> argument(arguments, 0, String.class, "a device's name");
      case TYPED_CONTAINER -> argument(arguments, 0, Object.class, "a typed container");
    };
  }

  /**
   * The storage that a persistent id {@code ('storage', type, key, device, elements[, view])}
   * stands for; the view is None or {@code (key, offset, elements)}.
   */
  static StorageView storage(Object persistentId) {
    if (!(persistentId instanceof List<?> id)
        || id.size() < 5
        || id.size() > 6
        || !"storage".equals(id.get(0))) {
      throw new MalformedFileException("a persistent id does not name a storage");
    }
    StorageRef storage =
        new StorageRef(
            argument(id, 1, StorageType.class, "a storage's type").dtype(),
            argument(id, 2, String.class, "a storage's key"),
            argument(id, 4, Long.class, "a storage's number of elements"));
    if (id.size() == 5 || id.get(5) == null) {
      return new StorageView(storage, 0);
    }
    List<?> view = argument(id, 5, List.class, "a storage's view");
    long offset = argument(view, 1, Long.class, "a view's offset");
    long elements = argument(view, 2, Long.class, "a view's number of elements");
    if (offset < 0 || elements < 0 || offset > storage.elements() - elements) {
      throw new MalformedFileException(
          "a view of %d elements at %d does not fit its storage '%s' of %d elements"
              .formatted(elements, offset, storage.key(), storage.elements()));
    }
    return new StorageView(storage, offset);
  }

  /** {@code (storage, offset, size, stride[, requires_grad, backward_hooks[, metadata]])}. */
  private static TensorRef rebuildTensor(List<?> arguments) {
    if (arguments.size() > 6 && !(arguments.get(6) instanceof Map<?, ?> bits && bits.isEmpty())) {
      throw new MalformedFileException(
          "a tensor carries conjugate or negative bits: not supported");
    }
    StorageView view = argument(arguments, 0, StorageView.class, "a tensor's storage");
    long offset = argument(arguments, 1, Long.class, "a tensor's offset");
    if (offset < 0 || offset > view.storage().elements() - view.offset()) {
      throw new MalformedFileException(
          "a tensor at offset %d does not fit its storage '%s' of %d elements"
              .formatted(offset, view.storage().key(), view.storage().elements()));
    }
    return new TensorRef(
        view.storage(),
        view.offset() + offset,
        longs(argument(arguments, 2, List.class, "a tensor's size")),
        longs(argument(arguments, 3, List.class, "a tensor's strides")));
  }

  private static long[] longs(List<?> values) {
    if (values.size() > TensorRef.MAX_RANK) {
      throw new MalformedFileException(
          "a tensor has %d dimensions (at most %d are possible)"
              .formatted(values.size(), TensorRef.MAX_RANK));
    }
    long[] out = new long[values.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = argument(values, i, Long.class, "a tensor's size or stride");
    }
    return out;
  }

  private static <T> T argument(List<?> arguments, int i, Class<T> type, String what) {
    if (i >= arguments.size() || !type.isInstance(arguments.get(i))) {
      throw new MalformedFileException("%s is missing or of a wrong type".formatted(what));
    }
    return type.cast(arguments.get(i));
  }
}
