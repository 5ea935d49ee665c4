package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Bounds-checked numbers from a header: reading past the end means that the file is truncated. */
final class ByteReader {
  private final ByteBuffer bytes;
  private final String what;

  ByteReader(byte[] file, ByteOrder order, String what) {
    this(ByteBuffer.wrap(file), order, what);
  }

  private ByteReader(ByteBuffer bytes, ByteOrder order, String what) {
    this.bytes = bytes.order(order);
    this.what = what;
  }

  /** The same kind of reader over part of the bytes; positions count from {@code from}. */
  ByteReader slice(int from, int length, ByteOrder order) throws UndecodableImageException {
    check(from, length);
    return new ByteReader(bytes.slice(from, length), order, what);
  }

  int length() {
    return bytes.limit();
  }

  int u8(long at) throws UndecodableImageException {
    return bytes.get(check(at, 1)) & 0xff;
  }

  int u16(long at) throws UndecodableImageException {
    return bytes.getShort(check(at, 2)) & 0xffff;
  }

  long u32(long at) throws UndecodableImageException {
    return bytes.getInt(check(at, 4)) & 0xffffffffL;
  }

  long u64(long at) throws UndecodableImageException {
    return bytes.getLong(check(at, 8));
  }

  int i32(long at) throws UndecodableImageException {
    return bytes.getInt(check(at, 4));
  }

  /** Returns whether these ASCII characters stand at a position (false past the end). */
  boolean has(long at, String ascii) {
    if (at < 0 || at + ascii.length() > length()) {
      return false;
    }
    for (int i = 0; i < ascii.length(); i++) {
      if (bytes.get((int) at + i) != (byte) ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Checks that {@code length} bytes are there, and returns the position as an index. */
  int check(long at, long length) throws UndecodableImageException {
    if (at < 0 || length < 0 || length > length() - at) {
      throw new UndecodableImageException(
          Reason.TRUNCATED,
          "the %s ends at byte %d, within its structure".formatted(what, length()));
    }
    return (int) at;
  }
}
