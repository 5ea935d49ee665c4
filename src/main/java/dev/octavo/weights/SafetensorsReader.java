package dev.octavo.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.MalformedFileException;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.tensor.TensorNames;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads safetensors: the header's length (8 bytes, little-endian), the header (JSON: type, shape
 * and byte range of each tensor), then the tensors' bytes, each range following the last without
 * gap or overlap. The whole header is checked before a tensor is read.
 */
final class SafetensorsReader {
  static final int LENGTH_BYTES = Long.BYTES;
  static final String METADATA = "__metadata__";

  /**
   * A ResNet-152's header has some 100,000 bytes. The format itself allows 100 MB, whose parsed
   * form could take twenty times as much memory.
   */
  private static final long MAX_HEADER_BYTES = 4 << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private record Entry(String name, DType dtype, long[] shape, long begin, long end) {}

  private SafetensorsReader() {}

  /** Returns whether a file that starts with these 9 bytes and is that long can be safetensors. */
  static boolean canRead(ByteBuffer start, long fileBytes) {
    if (start.remaining() < LENGTH_BYTES + 1) {
      return false;
    }
    long headerBytes = start.duplicate().order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    return start.get(LENGTH_BYTES) == '{'
        && headerBytes >= 2
        && headerBytes <= fileBytes - LENGTH_BYTES;
  }

  static StateDict read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long headerBytes = read(channel, 0, LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
      long dataBytes = channel.size() - LENGTH_BYTES - headerBytes;
      if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES || dataBytes < 0) {
        throw new MalformedFileException(
            "the safetensors header claims %d bytes: at most %d are read, and no more than the file has"
                .formatted(headerBytes, MAX_HEADER_BYTES));
      }
      JsonNode header = parse(read(channel, LENGTH_BYTES, (int) headerBytes));
      List<Entry> entries = entries(header);
      checkRanges(entries, dataBytes);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Entry e : entries) {
        long position = LENGTH_BYTES + headerBytes + e.begin();
        ByteBuffer data = read(channel, position, (int) (e.end() - e.begin()));
        tensors.put(e.name(), Tensor.of(e.dtype(), e.shape(), data));
      }
      return new StateDict(tensors);
    }
  }

  private static ByteBuffer read(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  private static JsonNode parse(ByteBuffer json) {
    try {
      JsonNode header = JSON.readTree(StandardCharsets.UTF_8.decode(json).toString());
      if (!header.isObject()) {
        throw new MalformedFileException("the safetensors header is not a JSON object");
      }
      return header;
    } catch (JsonProcessingException e) {
      throw new MalformedFileException(
          "the safetensors header is not valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static List<Entry> entries(JsonNode header) {
    List<Entry> entries = new ArrayList<>();
    header
        .properties()
        .forEach(
            field -> {
              if (!field.getKey().equals(METADATA)) {
                entries.add(entry(TensorNames.checked(field.getKey()), field.getValue()));
              }
            });
    return entries;
  }

  private static Entry entry(String name, JsonNode json) {
    String type = json.path("dtype").asText();
    DType dtype =
        Arrays.stream(DType.values())
            .filter(t -> t.safetensors().equals(type))
            .findFirst()
            .orElseThrow(
                () ->
                    new MalformedFileException(
                        "tensor '%s' has type '%s', which is not supported".formatted(name, type)));
    long[] shape = longs(name, json.path("shape"));
    long[] range = longs(name, json.path("data_offsets"));
    if (range.length != 2 || range[0] > range[1]) {
      throw new MalformedFileException("tensor '%s' has no valid data_offsets".formatted(name));
    }
    long bytes = range[1] - range[0];
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new MalformedFileException(
          "tensor '%s' has more than 2 GiB, which is not supported".formatted(name));
    }
    if (!fills(dtype, shape, bytes)) {
      throw new MalformedFileException(
          "tensor '%s' is %s%s, which does not take the %d bytes of its data_offsets"
              .formatted(name, type, Arrays.toString(shape), bytes));
    }
    return new Entry(name, dtype, shape, range[0], range[1]);
  }

  private static boolean fills(DType dtype, long[] shape, long bytes) {
    try {
      return Math.multiplyExact(Tensor.elements(shape), (long) dtype.bytes()) == bytes;
    } catch (ArithmeticException e) {
      return false;
    }
  }

  private static long[] longs(String name, JsonNode array) {
    long[] out = new long[array.size()];
    for (int i = 0; i < out.length; i++) {
      JsonNode value = array.get(i);
      if (value == null
          || !value.canConvertToLong()
          || !value.isIntegralNumber()
          || value.asLong() < 0) {
        throw new MalformedFileException(
            "tensor '%s' has a shape or data_offsets that are not natural numbers".formatted(name));
      }
      out[i] = value.asLong();
    }
    if (!array.isArray()) {
      throw new MalformedFileException("tensor '%s' lacks shape or data_offsets".formatted(name));
    }
    return out;
  }

  private static void checkRanges(List<Entry> entries, long dataBytes) {
    List<Entry> byPosition =
        entries.stream()
            .sorted(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end))
            .toList();
    long expected = 0;
    for (Entry entry : byPosition) {
      if (entry.begin() != expected || entry.end() > dataBytes) {
        throw new MalformedFileException(
            "tensor '%s' lies at bytes %d to %d: it overlaps another, leaves a gap after byte %d, or reaches beyond the"
                    .formatted(entry.name(), entry.begin(), entry.end(), expected)
                + " file's %d (truncated?)".formatted(dataBytes));
      }
      expected = entry.end();
    }
    if (expected != dataBytes) {
      throw new MalformedFileException(
          "%d bytes at the end belong to no tensor".formatted(dataBytes - expected));
    }
  }
}
