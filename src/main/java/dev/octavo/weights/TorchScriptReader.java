package dev.octavo.weights;

import dev.octavo.OctavoException;
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

  private final TorchArchive archive;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private int modules;

  private TorchScriptReader(TorchArchive archive) {
    this.archive = archive;
  }

  /**
   * The weights of an archive on the local file system.
   *
   * @throws OctavoException if the file is damaged, is not TorchScript, or has modules that pack
   *     their weights (a quantized program)
   */
  public static StateDict read(Path file) throws IOException {
    return WeightFiles.naming(
        file,
        () -> {
          try (TorchArchive archive = TorchArchive.open(file.toFile())) {
            if (archive.value() instanceof ScriptObject module) {
              return read(archive, module);
            }
            throw new MalformedFileException("it is not a TorchScript archive");
          }
        });
  }

  static StateDict read(TorchArchive archive, ScriptObject module) throws IOException {
    TorchScriptReader reader = new TorchScriptReader(archive);
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
    if (module.packed()) {
      throw new MalformedFileException(
          "module '%s' (%s) keeps its weights packed, as quantized programs do: take the floating-point model that it"
                  .formatted(prefix, module.type())
              + " was made from");
    }
    for (Map.Entry<String, Object> attribute : module.attributes().entrySet()) {
      String name = prefix.isEmpty() ? attribute.getKey() : prefix + "." + attribute.getKey();
      if (attribute.getValue() instanceof TensorRef ref) {
        tensors.put(name, archive.storages().tensor(ref));
      } else if (attribute.getValue() instanceof ScriptObject child) {
        visit(name, child, depth + 1);
      }
    }
  }
}
