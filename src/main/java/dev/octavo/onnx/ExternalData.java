package dev.octavo.onnx;

import dev.octavo.tensor.MalformedFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * Values that a model keeps in a file beside it, as PyTorch's exporter does. The model names that
 * file, so only a plain name is followed, never a path or a link.
 *
 * @param model the model's file
 */
record ExternalData(Path model) {
  /** Reads the bytes that a tensor's entries {@code location, offset, length} name. */
  ByteBuffer read(String tensor, Map<String, String> entries) throws IOException {
    String location = location(tensor, entries);
    Path file = model.resolveSibling(location);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new MalformedFileException(
          "its weights are in the file '%s', which is not beside it: put both into one local folder, or export with external_data=False"
              .formatted(location));
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long offset = number(tensor, entries.getOrDefault("offset", "0"));
      long rest = Math.max(0, channel.size() - offset);
      long length = number(tensor, entries.getOrDefault("length", String.valueOf(rest)));
      if (length > rest || length > Integer.MAX_VALUE - 8) {
        throw new MalformedFileException(
            "initializer '%s' lies at bytes %d to %d of '%s', which has %d (truncated?)"
                .formatted(tensor, offset, offset + length, location, channel.size()));
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) length);
      while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {}
      return bytes.flip();
    }
  }

  /** The name of the file that a tensor's entries tell. */
  static String location(String tensor, Map<String, String> entries) {
    String location = entries.getOrDefault("location", "");
    if (location.isEmpty() || location.startsWith(".") || !location.matches("[^/\\\\:\\p{C}]+")) {
      throw new MalformedFileException(
          "initializer '%s' keeps its values in '%s', which is no file beside the model: refused"
              .formatted(tensor, location));
    }
    return location;
  }

  private static long number(String tensor, String text) {
    try {
      long number = Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, in the same words as for a negative number.
    }
    throw new MalformedFileException(
        "initializer '%s' has the offset or length '%s'".formatted(tensor, text));
  }
}
