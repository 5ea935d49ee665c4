package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;

/**
 * The place of a frame in a GIF, and its decoder: LZW with codes that grow from {@code minimum code
 * size + 1} to 12 bits (GIF89a, appendix F). The JDK's decoder refuses code sizes above 8 and files
 * that break other rules which no viewer minds.
 *
 * @param left on the logical screen, in pixels
 * @param top on the logical screen, in pixels
 * @param palette position of the palette in the file
 * @param paletteSize its number of colours; 0 means shades of gray
 * @param data position of the minimum code size in the file; sub-blocks follow
 */
record GifFrame(
    int left,
    int top,
    int width,
    int height,
    boolean interlaced,
    int palette,
    int paletteSize,
    int data) {
  private static final int MAX_CODES = 1 << 12;
  private static final int[] INTERLACE_START = {0, 4, 2, 1};
  private static final int[] INTERLACE_STEP = {8, 8, 4, 2};

  /** Writes the colour of a palette index as three bytes. */
  void putColour(byte[] file, int index, byte[] pixels, int to) {
    if (paletteSize == 0) {
      pixels[to] = pixels[to + 1] = pixels[to + 2] = (byte) index;
    } else if (index < paletteSize) {
      System.arraycopy(file, palette + 3 * index, pixels, to, 3);
    } // else black, as the pixels are already
  }

  /** The palette indices, {@code [height, width]}. */
  byte[] decode(byte[] file) throws UndecodableImageException {
    int rootBits = file[data] & 0xff;
    if (rootBits < 1 || rootBits > 11) {
      throw corrupt("its code size is " + rootBits);
    }
    int clear = 1 << rootBits;
    int end = clear + 1;
    // A code is the string of its prefix code and one more index.
    short[] prefix = new short[MAX_CODES];
    byte[] last = new byte[MAX_CODES];
    byte[] string = new byte[MAX_CODES];
    for (int i = 0; i < clear; i++) {
      last[i] = (byte) i;
    }
    CodeReader codes = new CodeReader(file, data + 1);
    byte[] indices = new byte[width * height];
    int written = 0;
    int bits = rootBits + 1;
    int next = clear + 2;
    int previous = -1;
    while (written < indices.length) {
      int code = codes.next(bits);
      if (code == clear) {
        bits = rootBits + 1;
        next = clear + 2;
        previous = -1;
        continue;
      }
      if (code < 0 || code == end) {
        throw corrupt("its data ends after %d of %d pixels".formatted(written, indices.length));
      }
      boolean known = code < next && code != clear;
      if ((previous < 0 && code >= clear) || (!known && code != next)) {
        throw corrupt("it has an unknown code");
      }
      int length = 0;
      for (int c = known ? code : previous; ; c = prefix[c]) {
        string[length++] = last[c];
        if (c < clear) {
          break;
        }
      }
      byte first = string[length - 1];
      while (length > 0 && written < indices.length) {
        indices[written++] = string[--length];
      }
      if (!known && written < indices.length) {
        indices[written++] = first;
      }
      if (previous >= 0 && next < MAX_CODES) {
        prefix[next] = (short) previous;
        last[next] = first;
        next++;
        if (next == 1 << bits && bits < 12) {
          bits++;
        }
      }
      previous = code;
    }
    return interlaced ? deinterlace(indices) : indices;
  }

  private byte[] deinterlace(byte[] passes) {
    byte[] rows = new byte[passes.length];
    int from = 0;
    for (int pass = 0; pass < INTERLACE_START.length; pass++) {
      for (int y = INTERLACE_START[pass]; y < height; y += INTERLACE_STEP[pass]) {
        System.arraycopy(passes, from, rows, y * width, width);
        from += width;
      }
    }
    return rows;
  }

  private static UndecodableImageException corrupt(String why) {
    return new UndecodableImageException(Reason.CORRUPT, "the GIF can't be decoded: " + why);
  }

  /** Codes of varying width, low bits first, from a chain of sub-blocks. */
  private static final class CodeReader {
    private final byte[] file;
    private int at;
    private int leftInBlock;
    private int buffer;
    private int buffered;

    CodeReader(byte[] file, int at) {
      this.file = file;
      this.at = at;
    }

    /**
     * The next code, or -1 after the last sub-block (the header has made sure that there is one).
     */
    int next(int bits) {
      while (buffered < bits) {
        if (leftInBlock == 0) {
          leftInBlock = file[at++] & 0xff;
          if (leftInBlock == 0) {
            at--;
            return -1;
          }
        }
        buffer |= (file[at++] & 0xff) << buffered;
        buffered += 8;
        leftInBlock--;
      }
      int code = buffer & ((1 << bits) - 1);
      buffer >>>= bits;
      buffered -= bits;
      return code;
    }
  }
}
