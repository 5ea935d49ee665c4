package dev.octavo.torchscript;

import dev.octavo.OctavoException;
import dev.octavo.tensor.MalformedFileException;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.tensor.TensorNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads the weights of a TorchScript archive: the tensor attributes of the module and of its nested
 * modules, with dotted names as {@code torch.jit.load(file).state_dict()} gives them. Attributes
 * that are not tensors (such as {@code training}) and the constants of the code are not weights and
 * are passed over. The code is not looked at, let alone run.
 */
public final class TorchScriptReader {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_MODULES = 100_000;
  private static final int MAX_ATTRIBUTES = 1_000_000;

  /** The treatment of modules that pack their tensors. */
  private enum Packed {
    REFUSE,
    READ
  }

  private final TorchArchive archive;
  private final Packed packed;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private int modules;
  private int attributes;

  private TorchScriptReader(TorchArchive archive, Packed packed) {
    this.archive = archive;
    this.packed = packed;
  }

  /**
   * The weights of an archive on the local file system.
   *
   * @throws OctavoException if the file is damaged, is not TorchScript, or has modules that pack
   *     their weights (a quantized program)
   */
  public static StateDict read(Path file) throws IOException {
    return read(file, file.toString());
  }

  /**
   * As {@link #read(Path)}.
   *
   * @param name of the file in errors
   */
  public static StateDict read(Path file, String name) throws IOException {
    return MalformedFileException.naming(
        name,
        () -> {
          try (TorchArchive archive = TorchArchive.open(file.toFile())) {
            if (archive.value() instanceof ScriptObject module) {
              return read(archive, module);
            }
            throw new MalformedFileException("it is not a TorchScript archive");
          }
        });
  }

  /**
   * The tensors of an archive whose modules pack theirs when they are loaded: the i-th of the state
   * of a module {@code m} is {@code m.i}.
   *
   * @param name of the file in errors
   * @throws OctavoException if the file is damaged or is not TorchScript
   */
  public static StateDict readPacked(Path file, String name) throws IOException {
    return MalformedFileException.naming(
        name,
        () -> {
          try (TorchArchive archive = TorchArchive.open(file.toFile())) {
            if (archive.value() instanceof ScriptObject module) {
              TorchScriptReader reader = new TorchScriptReader(archive, Packed.READ);
              reader.visit("", module, 0);
              return new StateDict(reader.tensors);
            }
            throw new MalformedFileException("it is not a TorchScript archive");
          }
        });
  }

  public static StateDict read(TorchArchive archive, ScriptObject module) throws IOException {
    TorchScriptReader reader = new TorchScriptReader(archive, Packed.REFUSE);
    reader.visit("", module, 0);
    return new StateDict(reader.tensors);
  }

  private void visit(String prefix, ScriptObject module, int depth) throws IOException {
    // One object may be an attribute of several, even of itself: the tree can be endless.
    if (depth > MAX_DEPTH || ++modules > MAX_MODULES) {
      throw new MalformedFileException(
          "its modules are nested more than %d deep or are more than %d: refused"
              .formatted(MAX_DEPTH, MAX_MODULES));
    }
    if (module.packed() && packed == Packed.READ) {
      for (int i = 0; i < module.state().size(); i++) {
        if (module.state().get(i) instanceof TensorRef ref) {
          tensors.put(prefix + "." + i, archive.storages().tensor(ref));
        }
      }
    } else if (module.packed()) {
      throw new MalformedFileException(
          "module '%s' (%s) keeps its weights packed, as quantized programs do: take the floating-point model that it"
                  .formatted(prefix, module.type())
              + " was made from");
    }
    attributes += module.attributes().size();
    if (attributes > MAX_ATTRIBUTES) {
      throw new MalformedFileException(
          "its modules have more than %d attributes: refused".formatted(MAX_ATTRIBUTES));
    }
    for (Map.Entry<String, Object> attribute : module.attributes().entrySet()) {
      String key = TensorNames.checked(attribute.getKey());
      String name = TensorNames.checked(prefix.isEmpty() ? key : prefix + "." + key);
      if (attribute.getValue() instanceof TensorRef ref) {
        tensors.put(name, archive.storages().tensor(ref));
      } else if (attribute.getValue() instanceof ScriptObject child) {
        visit(name, child, depth + 1);
      }
    }
  }
}
