package dev.octavo.weights;

import dev.octavo.OctavoException;
import dev.octavo.onnx.OnnxReader;
import dev.octavo.onnx.OnnxWeights;
import dev.octavo.tensor.MalformedFileException;
import dev.octavo.tensor.StateDict;
import dev.octavo.torchscript.CheckpointReader;
import dev.octavo.torchscript.LegacyFile;
import dev.octavo.torchscript.PthWriter;
import dev.octavo.torchscript.ScriptObject;
import dev.octavo.torchscript.TorchArchive;
import dev.octavo.torchscript.TorchScriptReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Weight files on the local file system. What a file is, is found by its content; its name says
 * nothing.
 */
public final class WeightFiles {
  private static final int ZIP_MAGIC = 0x504b_0304;
  private static final int PICKLE_PROTOCOL_2_OR_LATER = 0x80;
  private static final int START_BYTES = 512;
  private static final String TAR = "ustar";
  private static final int TAR_OFFSET = 257;
  private static final String GZIP = "\u001f\u008b";

  private WeightFiles() {}

  /**
   * The state dict in a file: {@code torch.save}'s zip or its format from before PyTorch 1.6, a
   * TorchScript archive, safetensors, or an ONNX model with the weights that it was exported with.
   * A dict that holds the state dict under a customary key such as {@code state_dict} or {@code
   * model} is unwrapped. Any one tensor may have up to 2 GiB.
   *
   * @throws OctavoException if the file is absent, damaged, of another format, or contains more
   *     than weights
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
    if (!Files.isRegularFile(file)) {
      throw new OctavoException(
          Files.isDirectory(file)
              ? "%s is a directory: name the weight file in it".formatted(name)
              : "the weight file %s does not exist".formatted(name));
    }
    return MalformedFileException.naming(name, () -> readByContent(file));
  }

  private static StateDict readByContent(Path file) throws IOException {
    ByteBuffer start = start(file);
    if (start.remaining() >= Integer.BYTES && start.getInt(0) == ZIP_MAGIC) {
      try (TorchArchive archive = TorchArchive.open(file.toFile())) {
        Object value = archive.value();
        return value instanceof ScriptObject module
            ? TorchScriptReader.read(archive, module)
            : CheckpointReader.read(archive.storages(), value);
      }
    }
    if (SafetensorsReader.canRead(start, Files.size(file))) {
      return SafetensorsReader.read(file);
    }
    if (OnnxReader.canRead(start)) {
      return OnnxWeights.stateDict(OnnxReader.read(file));
    }
    if (start.hasRemaining() && Byte.toUnsignedInt(start.get(0)) == PICKLE_PROTOCOL_2_OR_LATER) {
      try (LegacyFile legacy = LegacyFile.open(file)) {
        return CheckpointReader.read(legacy.storages(), legacy.value());
      }
    }
    throw new MalformedFileException(otherKind(start));
  }

  /** The kind of another file, by its first bytes, with the remedy. */
  private static String otherKind(ByteBuffer start) {
    String text = StandardCharsets.ISO_8859_1.decode(start.duplicate()).toString();
    if (text.isEmpty()) {
      return "it is empty (truncated?)";
    }
    if (text.startsWith("version https://git-lfs")) {
      return "it is a pointer of Git LFS, not the file itself: fetch that with git lfs pull";
    }
    if (text.stripLeading().startsWith("<")) {
      return "it is a web page, as sites give in place of a file: download the file again";
    }
    boolean tar = text.startsWith(TAR, TAR_OFFSET);
    if (tar || text.startsWith(GZIP) || text.startsWith("7z") || text.startsWith("Rar!")) {
      return "it is a packed archive: unpack it and name the weight file in it";
    }
    return "it is neither a .pth of torch.save, nor a TorchScript archive, nor safetensors, nor ONNX"
        + " (or it is truncated)";
  }

  private static ByteBuffer start(Path file) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(START_BYTES);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (start.hasRemaining() && channel.read(start) >= 0) {}
    }
    return start.flip();
  }

  /**
   * Writes what Python's {@code torch.load(file, weights_only=True)} reads. Neither atomic nor
   * buffered: that is the caller's.
   */
  public static void writePth(StateDict weights, OutputStream out) throws IOException {
    PthWriter.write(weights, out);
  }

  /** As {@link #writePth(StateDict, OutputStream)}, to a file, which is replaced if it exists. */
  public static void writePth(StateDict weights, Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      PthWriter.write(weights, out);
    }
  }

  /** Writes safetensors. Neither atomic nor buffered: that is the caller's. */
  public static void writeSafetensors(StateDict weights, OutputStream out) throws IOException {
    SafetensorsWriter.write(weights, out);
  }

  /**
   * As {@link #writeSafetensors(StateDict, OutputStream)}, to a file, which is replaced if it
   * exists.
   */
  public static void writeSafetensors(StateDict weights, Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      SafetensorsWriter.write(weights, out);
    }
  }
}
