package dev.octavo.tracking;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads event files with nothing in common with what writes them: a CRC bit by bit, protobuf
 * without a schema.
 */
final class EventFile {
  /** A field of a message; the value of a nested one or text is its bytes. */
  record Field(int number, Object value) {
    List<Field> message() {
      return fields((byte[]) value);
    }

    String text() {
      return new String((byte[]) value, StandardCharsets.UTF_8);
    }
  }

  private EventFile() {}

  /** The events of a file, each as its fields; fails where a length or checksum is wrong. */
  static List<List<Field>> read(byte[] file) {
    List<List<Field>> events = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      check(length, in.getInt());
      byte[] data = new byte[(int) ByteBuffer.wrap(length).order(in.order()).getLong()];
      in.get(data);
      check(data, in.getInt());
      events.add(fields(data));
    }
    return events;
  }

  /** An event as one line: step, then what it holds. */
  static String describe(List<Field> event) {
    long step = 0;
    String what = "";
    for (Field field : event) {
      switch (field.number) {
        case 1 -> {}
        case 2 -> step = (Long) field.value;
        case 3 -> what = field.text();
        case 5 -> what = String.join(" ", field.message().stream().map(EventFile::value).toList());
        case 7 -> what = "session " + field.message().get(0).value;
        default -> throw new AssertionError("unexpected field " + field);
      }
    }
    return step + ": " + what;
  }

  private static String value(Field summary) {
    String tag = summary.message().get(0).text();
    Field second = summary.message().get(1);
    if (second.number == 2) {
      return tag + "=" + second.value;
    }
    return tag + "=" + second.message().get(second.message().size() - 1).text();
  }

  private static void check(byte[] data, int stored) {
    // The mask as the format's description has it, undone.
    int rotated = stored - 0xa282ead8;
    int crc = (rotated >>> 17) | (rotated << 15);
    if (crc != crc32c(data)) {
      throw new AssertionError("checksum of " + Arrays.toString(data));
    }
  }

  private static int crc32c(byte[] data) {
    int crc = -1;
    for (byte b : data) {
      crc ^= b & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : 0x82F63B78);
      }
    }
    return ~crc;
  }

  private static List<Field> fields(byte[] message) {
    List<Field> fields = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      long tag = varint(in);
      Object value =
          switch ((int) (tag & 7)) {
            case 0 -> varint(in);
            case 1 -> in.getDouble();
            case 2 -> {
              byte[] bytes = new byte[(int) varint(in)];
              in.get(bytes);
              yield bytes;
            }
            case 5 -> in.getFloat();
            default -> throw new AssertionError("wire type of tag " + tag);
          };
      fields.add(new Field((int) (tag >>> 3), value));
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }
}
