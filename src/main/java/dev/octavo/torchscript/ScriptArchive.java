package dev.octavo.torchscript;

import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a TorchScript archive: {@code data.pkl} (the objects), {@code constants.pkl}, {@code
 * code/__torch__.py} (the classes), {@code data/N} and {@code constants/N} (raw little-endian
 * tensors), {@code version} and {@code byteorder}. The same module gives the same bytes.
 */
public final class ScriptArchive {
  private ScriptArchive() {}

  /**
   * Writes to {@code out} and flushes it; closing it is left to the caller.
   *
   * @param constants what the source calls {@code CONSTANTS.c0} and so on
   */
  public static void write(ScriptModule module, List<Tensor> constants, OutputStream out)
      throws IOException {
    PickleWriter data = new PickleWriter();
    data.object(module);
    Map<String, String> sources = new LinkedHashMap<>();
    module.appendSources(sources);
    PickleWriter pickledConstants = new PickleWriter();
    pickledConstants.tuple(constants);

    ArchiveWriter archive = new ArchiveWriter("octavo", out);
    archive.data(data);
    archive.text("code/__torch__.py", String.join("\n", sources.values()));
    archive.constants(pickledConstants);
    archive.finish();
  }
}
