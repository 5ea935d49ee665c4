package dev.octavo.protobuf;

import dev.octavo.tensor.MalformedFileException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/**
 * Reads the fields of a protobuf message one after the other, in place: {@link #next} goes to a
 * field, whose value may then be asked for. Fields that nobody asks for are passed over. Every
 * length is held against the bytes that there are.
 */
public final class ProtobufReader {
  private static final int MAX_VARINT_BITS = 64;

  private final ByteBuffer bytes;
  private int field;
  private int wireType;
  private long number;
  private ByteBuffer value;

  /** Reads the remaining bytes of a buffer, whose position stays. */
  public ProtobufReader(ByteBuffer message) {
    this.bytes = message.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Goes to the next field.
   *
   * @return whether there is one
   * @throws MalformedFileException if the bytes are no message
   */
  public boolean next() {
    if (!bytes.hasRemaining()) {
      return false;
    }
    long tag = varint();
    field = (int) (tag >>> 3);
    wireType = (int) (tag & 7);
    if (tag >>> 3 != field || field <= 0) {
      throw malformed("field %d can't be".formatted(tag >>> 3));
    }
    switch (wireType) {
      case WireType.VARINT -> number = varint();
      case WireType.FIXED64 -> value = take(Long.BYTES);
      case WireType.FIXED32 -> value = take(Integer.BYTES);
      case WireType.LENGTH_DELIMITED -> value = take(varint());
      default -> throw malformed("wire type %d isn't known".formatted(wireType));
    }
    return true;
  }

  /** The number of the field. */
  public int field() {
    return field;
  }

  /** The value of an {@code int32}, {@code int64} or enum. */
  public long integer() {
    require(WireType.VARINT);
    return number;
  }

  /** Calls with each value of a repeated {@code int64}, of which a field may hold many. */
  public void integers(LongConsumer consumer) {
    if (wireType == WireType.VARINT) {
      consumer.accept(number);
      return;
    }
    ProtobufReader packed = new ProtobufReader(bytes());
    while (packed.bytes.hasRemaining()) {
      consumer.accept(packed.varint());
    }
  }

  /** The value of {@code bytes}, little-endian, not copied. */
  public ByteBuffer bytes() {
    require(WireType.LENGTH_DELIMITED);
    return value.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The value of a {@code string}. */
  public String text() {
    return StandardCharsets.UTF_8.decode(bytes()).toString();
  }

  /** The value of a message. */
  public ProtobufReader message() {
    return new ProtobufReader(bytes());
  }

  private void require(int type) {
    if (wireType != type) {
      throw malformed("field %d has wire type %d, not %d".formatted(field, wireType, type));
    }
  }

  private ByteBuffer take(long length) {
    if (length < 0 || length > bytes.remaining()) {
      throw malformed(
          "field %d claims %s bytes, but %d are left (truncated?)"
              .formatted(field, Long.toUnsignedString(length), bytes.remaining()));
    }
    ByteBuffer taken = bytes.slice().limit((int) length);
    bytes.position(bytes.position() + (int) length);
    return taken;
  }

  private long varint() {
    long result = 0;
    for (int shift = 0; shift < MAX_VARINT_BITS; shift += 7) {
      if (!bytes.hasRemaining()) {
        throw malformed("it ends within a number (truncated?)");
      }
      byte b = bytes.get();
      result |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return result;
      }
    }
    throw malformed("a number has more than 64 bits");
  }

  private MalformedFileException malformed(String what) {
    return new MalformedFileException(
        "no protobuf message at byte %d of %d: %s"
            .formatted(bytes.position(), bytes.limit(), what));
  }
}
