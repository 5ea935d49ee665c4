package dev.octavo.image.codec;

/**
 * LZW as in TIFF (revision 6.0, section 13): codes of 9 to 12 bits, high bits first, one code
 * earlier longer than in GIF.
 */
final class TiffLzw {
  private static final int CLEAR = 256;
  private static final int END = 257;
  private static final int MAX_CODES = 1 << 12;

  private TiffLzw() {}

  /** Unpacks up to {@code needed} bytes and returns how many there were. */
  static int unpack(byte[] data, int from, int end, byte[] to, int needed) {
    // A code's string is a part of what was written already.
    int[] start = new int[MAX_CODES];
    int[] length = new int[MAX_CODES];
    int next = END + 1;
    int bits = 9;
    int buffer = 0;
    int buffered = 0;
    int at = from;
    int written = 0;
    int previousStart = -1;
    int previousLength = 0;
    while (written < needed) {
      while (buffered < bits && at < end) {
        buffer = buffer << 8 | (data[at++] & 0xff);
        buffered += 8;
      }
      if (buffered < bits) {
        return written;
      }
      buffered -= bits;
      int code = (buffer >>> buffered) & ((1 << bits) - 1);
      buffer &= (1 << buffered) - 1;
      if (code == END) {
        return written;
      }
      if (code == CLEAR) {
        next = END + 1;
        bits = 9;
        previousStart = -1;
        continue;
      }
      int begin = written;
      if (code < CLEAR) {
        to[written++] = (byte) code;
      } else if (code < next) {
        for (int i = 0; i < length[code] && written < needed; i++) {
          to[written++] = to[start[code] + i];
        }
      } else if (code == next && previousStart >= 0) {
        for (int i = 0; i < previousLength && written < needed; i++) {
          to[written++] = to[previousStart + i];
        }
        if (written < needed) {
          to[written++] = to[begin];
        }
      } else {
        return written;
      }
      if (previousStart >= 0 && next < MAX_CODES) {
        // The string before and the first byte of this one, which stand beside each other.
        start[next] = previousStart;
        length[next] = previousLength + 1;
        next++;
        if (next == (1 << bits) - 1 && bits < 12) {
          bits++;
        }
      }
      previousStart = begin;
      previousLength = written - begin;
    }
    return written;
  }
}
