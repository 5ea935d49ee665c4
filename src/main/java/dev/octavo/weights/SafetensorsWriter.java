package dev.octavo.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Writes safetensors. The header lists the tensors in the state dict's order; their bytes lie by
 * falling element size, so that each is aligned to its element size as readers that map the file
 * want it.
 */
final class SafetensorsWriter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private SafetensorsWriter() {}

  /** Writes to {@code out} and flushes it; closing it is left to the caller. */
  static void write(StateDict weights, OutputStream out) throws IOException {
    List<Map.Entry<String, Tensor>> inFile =
        weights.tensors().entrySet().stream()
            .sorted(Comparator.comparingInt(e -> -e.getValue().dtype().bytes()))
            .toList();
    byte[] header = header(weights, inFile);
    WritableByteChannel channel = Channels.newChannel(out);
    ByteBuffer length =
        ByteBuffer.allocate(SafetensorsReader.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    write(channel, length.putLong(header.length).flip());
    write(channel, ByteBuffer.wrap(header));
    for (Map.Entry<String, Tensor> entry : inFile) {
      write(channel, entry.getValue().bytes());
    }
    out.flush();
  }

  private static void write(WritableByteChannel channel, ByteBuffer data) throws IOException {
    while (data.hasRemaining()) {
      channel.write(data);
    }
  }

  private static byte[] header(StateDict weights, List<Map.Entry<String, Tensor>> inFile)
      throws IOException {
    ObjectNode header = JSON.createObjectNode();
    header.putObject(SafetensorsReader.METADATA).put("format", "pt");
    weights.names().forEach(header::putObject); // fixes the order
    long begin = 0;
    for (Map.Entry<String, Tensor> entry : inFile) {
      Tensor tensor = entry.getValue();
      long end = begin + tensor.bytes().remaining();
      ObjectNode node = header.putObject(entry.getKey());
      node.put("dtype", tensor.dtype().safetensors());
      Arrays.stream(tensor.shape()).forEach(node.putArray("shape")::add);
      node.putArray("data_offsets").add(begin).add(end);
      begin = end;
    }
    byte[] json = JSON.writeValueAsBytes(header);
    byte[] padded = Arrays.copyOf(json, (json.length + Long.BYTES - 1) / Long.BYTES * Long.BYTES);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }
}
