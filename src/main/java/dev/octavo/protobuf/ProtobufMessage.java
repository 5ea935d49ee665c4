package dev.octavo.protobuf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A protobuf message in the making (<a
 * href="https://protobuf.dev/programming-guides/encoding/">encoding</a>). Fields are written in the
 * order of the calls. Bytes that are given as buffers, such as tensors, are not copied.
 */
public final class ProtobufMessage {
  private final List<ByteBuffer> parts = new ArrayList<>();
  private final ByteArrayOutputStream tail = new ByteArrayOutputStream();
  private long partBytes;

  /** An empty message. */
  public ProtobufMessage() {}

  /** An {@code int64} or enum. */
  public ProtobufMessage integer(int field, long value) {
    tag(field, WireType.VARINT);
    varint(value);
    return this;
  }

  /** A {@code double}. */
  public ProtobufMessage float64(int field, double value) {
    tag(field, WireType.FIXED64);
    tail.writeBytes(littleEndian(Double.BYTES).putDouble(value).array());
    return this;
  }

  /** A {@code float}. */
  public ProtobufMessage float32(int field, float value) {
    tag(field, WireType.FIXED32);
    tail.writeBytes(littleEndian(Float.BYTES).putFloat(value).array());
    return this;
  }

  /** A {@code string}, or {@code bytes} that hold text. */
  public ProtobufMessage text(int field, String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    delimited(field, utf8.length);
    tail.writeBytes(utf8);
    return this;
  }

  /** {@code bytes}, which must stay as they are until the message is written. */
  public ProtobufMessage bytes(int field, ByteBuffer value) {
    delimited(field, value.remaining());
    part(value.duplicate());
    return this;
  }

  /** A message within this one, as it is now. */
  public ProtobufMessage message(int field, ProtobufMessage value) {
    delimited(field, value.size());
    value.endPart();
    value.parts.forEach(this::part);
    return this;
  }

  /** Bytes of the whole message. */
  public long size() {
    return partBytes + tail.size();
  }

  /** Writes the message; doesn't close the stream. */
  public void writeTo(OutputStream out) throws IOException {
    endPart();
    WritableByteChannel channel = Channels.newChannel(out);
    for (ByteBuffer part : parts) {
      ByteBuffer left = part.duplicate();
      while (left.hasRemaining()) {
        channel.write(left);
      }
    }
  }

  /** The whole message, for small ones. */
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writeTo(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("memory takes all that is written", e);
    }
    return bytes.toByteArray();
  }

  private void delimited(int field, long length) {
    tag(field, WireType.LENGTH_DELIMITED);
    varint(length);
  }

  private void part(ByteBuffer bytes) {
    endPart();
    parts.add(bytes);
    partBytes += bytes.remaining();
  }

  private void endPart() {
    if (tail.size() > 0) {
      parts.add(ByteBuffer.wrap(tail.toByteArray()));
      partBytes += tail.size();
      tail.reset();
    }
  }

  private void tag(int field, int wireType) {
    varint(((long) field << 3) | wireType);
  }

  /** Seven bits a byte, lowest first; the high bit says that more follow. */
  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      tail.write((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    tail.write((int) rest);
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
