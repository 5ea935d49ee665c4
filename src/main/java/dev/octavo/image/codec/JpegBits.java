package dev.octavo.image.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The bits of one stretch of entropy-coded JPEG data, which ends at a marker or with the file.
 * Beyond its end there are zeros, as in libjpeg.
 */
final class JpegBits {
  private static final VarHandle BIG_ENDIAN =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] file;
  private int at;
  private long buffer;
  private int buffered;

  /** The number of buffered bits that are no data. */
  private int padding;

  private boolean exhausted;

  JpegBits(byte[] file, int at) {
    this.file = file;
    this.at = at;
  }

  /** The symbol of the next code. */
  int symbol(HuffmanTable table) {
    if (buffered <= 16) {
      fill();
    }
    int found = table.find((int) (buffer >>> (buffered - 16)) & 0xffff);
    consume(found >>> 8);
    return found & 0xff;
  }

  /** The symbol of the next code; passes over the value behind it, too, whose size is in it. */
  int symbolWithValue(HuffmanTable table) {
    if (buffered <= 32) { // a code has up to 16 bits, a value up to 15
      fill();
    }
    int found = table.find((int) (buffer >>> (buffered - 16)) & 0xffff);
    consume((found >>> 8) + (found & 15));
    return found & 0xff;
  }

  /** The next bits as a number; at most 16. */
  int bits(int count) {
    if (count == 0) {
      return 0;
    }
    if (buffered < count) {
      fill();
    }
    int value = (int) (buffer >>> (buffered - count)) & ((1 << count) - 1);
    consume(count);
    return value;
  }

  private void consume(int count) {
    buffered -= count;
    if (buffered < padding) {
      exhausted = true;
      padding = buffered;
    }
  }

  private void fill() {
    if (padding == 0 && at + Long.BYTES <= file.length) {
      long ahead = (long) BIG_ENDIAN.get(file, at);
      if (!anyByteIsFf(ahead)) { // no marker and nothing stuffed: all at once
        int bytes = (56 - buffered) / 8;
        buffer = (buffer << (8 * bytes)) | (ahead >>> (8 * (Long.BYTES - bytes)));
        buffered += 8 * bytes;
        at += bytes;
        return;
      }
    }
    while (buffered <= 48) {
      int next = 0;
      if (at < file.length && padding == 0 && !atMarker()) {
        next = file[at] & 0xff;
        at += next == 0xff ? 2 : 1;
      } else {
        padding += 8;
      }
      buffer = buffer << 8 | next;
      buffered += 8;
    }
  }

  /** A byte of ones is one of zeros inverted, which alone borrows (Mycroft 1987). */
  private static boolean anyByteIsFf(long bytes) {
    long inverted = ~bytes;
    return ((inverted - 0x0101010101010101L) & ~inverted & 0x8080808080808080L) != 0;
  }

  private boolean atMarker() {
    return file[at] == (byte) 0xff && (at + 1 >= file.length || file[at + 1] != 0);
  }

  /** Returns whether more bits were asked for than there are. */
  boolean exhausted() {
    return exhausted;
  }

  /** The position after the byte that holds the last bit that was read. */
  int end() {
    // Bytes that were buffered but not touched are given back, stuffed ones with their zero.
    int end = at;
    for (int unread = (buffered - padding) / 8; unread > 0; unread--) {
      end -= end >= 2 && file[end - 1] == 0 && file[end - 2] == (byte) 0xff ? 2 : 1;
    }
    return end;
  }

  /** The position of the next marker, or the end of the file. */
  int nextMarker() {
    int marker = at;
    while (marker < file.length
        && !(file[marker] == (byte) 0xff
            && marker + 1 < file.length
            && file[marker + 1] != 0
            && file[marker + 1] != (byte) 0xff)) {
      marker++;
    }
    return marker;
  }

  /** Goes on after a restart marker at a position. */
  void restart(int marker) {
    at = marker + 2;
    buffer = 0;
    buffered = 0;
    padding = 0;
    exhausted = false;
  }
}
