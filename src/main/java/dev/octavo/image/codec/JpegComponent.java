package dev.octavo.image.codec;

import java.util.Arrays;

/** A component of a JPEG's frame, in blocks of 8 × 8 samples, and how far its data reaches. */
final class JpegComponent {
  private static final int BLOCK = 8;
  private static final int COEFFICIENTS = 64;

  private final byte id;
  private final int across;
  private final int down;
  private final int mcusAcross;
  private final int mcusDown;
  private final int blocksAcross;
  private final int blocksDown;
  private final int maxDown;
  private final int height;

  /** Per block, which of its coefficients aren't zero so far; in zigzag order. */
  private final long[] nonZero;

  /** Per coefficient, how many of its low bits are left to come; all where none came. */
  private final int[] bitsLeft = new int[COEFFICIENTS];

  private int coveredBlockRows = Integer.MAX_VALUE;
  private boolean scanned;

  /**
   * A component without data.
   *
   * @param sampling factors as the frame header holds them
   * @param width of the image
   * @param height of the image
   * @param maxAcross largest horizontal sampling factor of all components
   * @param maxDown largest vertical one
   */
  JpegComponent(byte id, int sampling, int width, int height, int maxAcross, int maxDown) {
    this.id = id;
    this.across = Math.max(1, sampling >> 4);
    this.down = Math.max(1, sampling & 15);
    this.height = height;
    mcusAcross = ceil(width, BLOCK * maxAcross);
    mcusDown = ceil(height, BLOCK * maxDown);
    blocksAcross = ceil(ceil(width * across, maxAcross), BLOCK);
    blocksDown = ceil(ceil(height * down, maxDown), BLOCK);
    this.maxDown = maxDown;
    nonZero = new long[mcusAcross * across * mcusDown * down];
    Arrays.fill(bitsLeft, Integer.MAX_VALUE);
  }

  private static int ceil(int dividend, int divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  byte id() {
    return id;
  }

  /** Horizontal sampling factor: blocks of an interleaved unit (MCU). */
  int across() {
    return across;
  }

  /** Vertical sampling factor. */
  int down() {
    return down;
  }

  int mcusAcross() {
    return mcusAcross;
  }

  int mcusDown() {
    return mcusDown;
  }

  /** Blocks of a row in a scan of this component alone. */
  int blocksAcross() {
    return blocksAcross;
  }

  /** Rows of blocks in a scan of this component alone. */
  int blocksDown() {
    return blocksDown;
  }

  /** The coefficients of a block that aren't zero. */
  long at(int y, int x) {
    return nonZero[y * mcusAcross * across + x];
  }

  void coefficients(int y, int x, long notZero) {
    nonZero[y * mcusAcross * across + x] = notZero;
  }

  /** Notes that a scan has data for that number of rows of blocks. */
  void covered(JpegScan scan, int blockRows) {
    scanned = true;
    coveredBlockRows = Math.min(coveredBlockRows, blockRows);
    Arrays.fill(bitsLeft, scan.first(), scan.last() + 1, scan.bitsLeft());
  }

  /** Rows of the image that all scans so far have data for. */
  int rows() {
    long rows = (long) coveredBlockRows * BLOCK * maxDown / down;
    return scanned ? (int) Math.min(height, rows) : 0;
  }

  /** Returns whether every coefficient of every row has all its bits. */
  boolean exact() {
    return rows() == height && Arrays.stream(bitsLeft).allMatch(bits -> bits == 0);
  }
}
