package dev.octavo.image.codec;

import java.util.Arrays;

/** A Huffman table of a JPEG (ITU-T T.81, annexes C and F.2.2.3): bits to symbols. */
final class HuffmanTable {
  private static final int MAX_LENGTH = 16;

  /** Codes up to this length are looked up at once. */
  private static final int LOOKUP = 9;

  /** The symbol for bits that are no code: libjpeg, too, goes on with a zero. */
  private static final int NO_CODE = (MAX_LENGTH + 1) << 8;

  /** For each value of the next bits, the code's length and symbol, or 0 if the code is longer. */
  private final short[] lookup = new short[1 << LOOKUP];

  /** Per length, the code after the last one, with zeros to 16 bits. */
  private final int[] end = new int[MAX_LENGTH + 1];

  /** Per length, what is added to a code to get the index of its symbol. */
  private final int[] offset = new int[MAX_LENGTH + 1];

  private final byte[] symbols;

  /**
   * A table as a segment states it; counts that leave no room for longer codes make codes that no
   * bits match.
   *
   * @param file holds the number of codes of each length at {@code at}, then the symbols
   */
  HuffmanTable(byte[] file, int at) {
    int symbolsAt = at + MAX_LENGTH;
    int count = count(file, at);
    symbols = Arrays.copyOfRange(file, symbolsAt, symbolsAt + count);
    int code = 0;
    int index = 0;
    for (int length = 1; length <= MAX_LENGTH; length++) {
      offset[length] = index - code;
      for (int n = file[at + length - 1] & 0xff; n > 0; n--, code++, index++) {
        if (length <= LOOKUP) {
          int from = code << (LOOKUP - length);
          int to = Math.min(lookup.length, from + (1 << (LOOKUP - length)));
          for (int bits = from; bits < to; bits++) {
            lookup[bits] = (short) (length << 8 | (symbols[index] & 0xff));
          }
        }
      }
      end[length] = code << (MAX_LENGTH - length);
      code <<= 1;
    }
  }

  /** The number of symbols that a segment states. */
  static int count(byte[] file, int at) {
    int count = 0;
    for (int i = 0; i < MAX_LENGTH; i++) {
      count += file[at + i] & 0xff;
    }
    return count;
  }

  /** The code that the next 16 bits begin with: its length, shifted by 8, and its symbol. */
  int find(int bits) {
    int found = lookup[bits >>> (MAX_LENGTH - LOOKUP)];
    if (found != 0) {
      return found;
    }
    for (int length = LOOKUP + 1; length <= MAX_LENGTH; length++) {
      if (bits < end[length]) {
        int index = (bits >>> (MAX_LENGTH - length)) + offset[length];
        return index >= 0 && index < symbols.length
            ? length << 8 | (symbols[index] & 0xff)
            : NO_CODE;
      }
    }
    return NO_CODE;
  }
}
