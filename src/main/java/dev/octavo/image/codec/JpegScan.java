package dev.octavo.image.codec;

/**
 * The coding of a scan's blocks: sequential (ITU-T T.81, F.2.2), or one of the four of a
 * progressive frame (G.1.2). Follows the codes without keeping values.
 */
final class JpegScan {
  private static final int LAST = 63;

  private final int first;
  private final int last;
  private final boolean sequential;
  private final boolean refining;
  private final int bitsLeft;

  /** Blocks that are known to hold nothing more, as an end-of-band code said. */
  private int endOfBandRun;

  /**
   * A progressive scan.
   *
   * @param first coefficient, in zigzag order
   * @param last coefficient
   * @param high number of low bits that were left to come before, 0 if nothing came before
   * @param low number of low bits that are left to come
   */
  JpegScan(int first, int last, int high, int low) {
    this(first, Math.max(first, last), high != 0, low, false);
  }

  private JpegScan(int first, int last, boolean refining, int bitsLeft, boolean sequential) {
    this.first = first;
    this.last = last;
    this.refining = refining;
    this.bitsLeft = bitsLeft;
    this.sequential = sequential;
  }

  /** A scan of a frame that isn't progressive. */
  static JpegScan sequential() {
    return new JpegScan(0, LAST, false, 0, true);
  }

  int first() {
    return first;
  }

  int last() {
    return last;
  }

  int bitsLeft() {
    return bitsLeft;
  }

  /** A restart marker ends runs. */
  void restart() {
    endOfBandRun = 0;
  }

  /**
   * Passes over a block.
   *
   * @param notZero bits for the coefficients that weren't zero before
   * @return the same afterwards; of a sequential scan 0
   */
  long block(JpegBits bits, HuffmanTable dc, HuffmanTable ac, long notZero) {
    if (sequential) {
      bits.symbolWithValue(dc);
      bandOfSequential(bits, ac);
      return 0;
    }
    if (first == 0) {
      bits.bits(refining ? 1 : bits.symbol(dc) & 15);
      return notZero;
    }
    return refining ? refined(bits, ac, notZero) : notZero | band(bits, ac);
  }

  private static void bandOfSequential(JpegBits bits, HuffmanTable ac) {
    for (int k = 1; k <= LAST; k++) {
      int symbol = bits.symbolWithValue(ac);
      int run = symbol >> 4;
      if ((symbol & 15) == 0 && run != 15) {
        return;
      }
      k += run;
    }
  }

  private long band(JpegBits bits, HuffmanTable ac) {
    if (endOfBandRun > 0) {
      endOfBandRun--;
      return 0;
    }
    long found = 0;
    for (int k = first; k <= last; k++) {
      int symbol = bits.symbol(ac);
      int size = symbol & 15;
      int run = symbol >> 4;
      if (size == 0 && run != 15) {
        endOfBandRun = (1 << run) + bits.bits(run) - 1;
        break;
      }
      k += run;
      bits.bits(size);
      if (size != 0 && k <= LAST) {
        found |= 1L << k;
      }
    }
    return found;
  }

  private long refined(JpegBits bits, HuffmanTable ac, long before) {
    long found = before;
    int k = first;
    if (endOfBandRun == 0) {
      for (; k <= last; k++) {
        int symbol = bits.symbol(ac);
        int run = symbol >> 4;
        boolean fresh = (symbol & 15) != 0;
        if (fresh) {
          bits.bits(1); // its sign
        } else if (run != 15) {
          endOfBandRun = (1 << run) + bits.bits(run);
          break;
        }
        // Coefficients that are known get another bit on the way; the others are counted.
        for (; k <= last; k++) {
          if ((before >>> k & 1) != 0) {
            bits.bits(1);
          } else if (--run < 0) {
            break;
          }
        }
        if (fresh && k <= last) {
          found |= 1L << k;
        }
      }
    }
    if (endOfBandRun > 0) {
      for (; k <= last; k++) {
        if ((before >>> k & 1) != 0) {
          bits.bits(1);
        }
      }
      endOfBandRun--;
    }
    return found;
  }
}
