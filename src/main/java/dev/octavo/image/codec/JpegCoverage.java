package dev.octavo.image.codec;

import java.util.Arrays;

/**
 * The part of its image that a JPEG's data covers, found by walking through the Huffman codes
 * (ITU-T T.81, annexes F.2 and G.2) without computing a pixel. The end-of-image marker doesn't say:
 * it may be lost though all rows are there, or stand after half of them. Arithmetic codes can't be
 * walked through: their data never ends.
 */
final class JpegCoverage {
  private static final int PROGRESSIVE = 0xc2;
  private static final int START_OF_SCAN = 0xda;
  private static final int END_OF_IMAGE = 0xd9;

  /**
   * The coverage of the data.
   *
   * @param rows from the top that every component has data for
   * @param height of the image
   * @param exact whether every scan is whole and no coefficient is left to be refined
   * @param end position after the last byte of data that was used
   */
  record Extent(int rows, int height, boolean exact, int end) {
    /** Returns whether no row is missing. */
    boolean wholeRows() {
      return rows >= height;
    }
  }

  private final byte[] file;
  private final HuffmanTable[] tables = new HuffmanTable[8];
  private JpegComponent[] components = {};
  private boolean progressive;
  private int width;
  private int height;
  private int restartInterval;
  private int end;

  private JpegCoverage(byte[] file) {
    this.file = file;
  }

  /** Walks through a Huffman-coded file whose frame header is in order. */
  static Extent of(byte[] file) {
    JpegCoverage coverage = new JpegCoverage(file);
    try {
      coverage.walk();
    } catch (ArrayIndexOutOfBoundsException | NullPointerException e) {
      // The structure breaks off, or a scan names tables that aren't there: no data from there on.
      coverage.end = Math.min(coverage.end, file.length);
    }
    return coverage.extent();
  }

  private Extent extent() {
    int rows = components.length == 0 ? 0 : height;
    boolean exact = components.length > 0;
    for (JpegComponent component : components) {
      rows = Math.min(rows, component.rows());
      exact &= component.exact();
    }
    return new Extent(rows, height, exact, end);
  }

  /** Stops at the end-of-image marker or, whatever follows, when nothing is left to be coded. */
  private void walk() {
    int at = 2;
    while (components.length == 0 || !extent().exact()) {
      int marker = new JpegBits(file, at).nextMarker();
      int code = file[marker + 1] & 0xff;
      at = marker + 2;
      if (code == END_OF_IMAGE) {
        return;
      }
      if (code == 0x01 || (code >= 0xd0 && code <= 0xd8)) {
        continue;
      }
      int length = u16(at);
      switch (code) {
        case 0xc0, 0xc1, PROGRESSIVE -> frame(code, at + 2);
        case 0xc4 -> huffmanTables(at + 2, at + length);
        case 0xdd -> restartInterval = u16(at + 2);
        default -> {}
      }
      at += length;
      if (code == START_OF_SCAN) {
        scan(at - length + 2, at);
        at = end;
      }
    }
  }

  private int u16(int at) {
    return ((file[at] & 0xff) << 8) | (file[at + 1] & 0xff);
  }

  private void frame(int code, int at) {
    progressive = code == PROGRESSIVE;
    height = u16(at + 1);
    width = u16(at + 3);
    JpegComponent[] found = new JpegComponent[file[at + 5] & 0xff];
    int across = 1;
    int down = 1;
    for (int i = 0; i < found.length; i++) {
      int sampling = file[at + 7 + 3 * i] & 0xff;
      across = Math.max(across, sampling >> 4);
      down = Math.max(down, sampling & 15);
    }
    for (int i = 0; i < found.length; i++) {
      found[i] =
          new JpegComponent(
              file[at + 6 + 3 * i], file[at + 7 + 3 * i] & 0xff, width, height, across, down);
    }
    components = found;
  }

  private void huffmanTables(int from, int to) {
    int at = from;
    while (at < to) {
      int slot = file[at++] & 0xff;
      tables[(slot >> 4) * 4 + (slot & 15)] = new HuffmanTable(file, at);
      at += 16 + HuffmanTable.count(file, at);
    }
  }

  /** Walks through a scan's data. */
  private void scan(int header, int data) {
    int n = file[header] & 0xff;
    JpegComponent[] scanned = new JpegComponent[n];
    HuffmanTable[] dc = new HuffmanTable[n];
    HuffmanTable[] ac = new HuffmanTable[n];
    for (int i = 0; i < n; i++) {
      byte id = file[header + 1 + 2 * i];
      int slots = file[header + 2 + 2 * i] & 0xff;
      scanned[i] =
          Arrays.stream(components).filter(c -> c.id() == id).findFirst().orElse(components[i]);
      dc[i] = tables[slots >> 4];
      ac[i] = tables[4 + (slots & 15)];
    }
    int parameters = header + 1 + 2 * n;
    int approximation = file[parameters + 2] & 0xff;
    JpegScan scan =
        progressive
            ? new JpegScan(
                file[parameters] & 63,
                file[parameters + 1] & 63,
                approximation >> 4,
                approximation & 15)
            : JpegScan.sequential();
    boolean interleaved = n > 1;
    int across = interleaved ? scanned[0].mcusAcross() : scanned[0].blocksAcross();
    int down = interleaved ? scanned[0].mcusDown() : scanned[0].blocksDown();
    JpegBits bits = new JpegBits(file, data);
    int covered = 0;
    int left = restartInterval;
    for (int mcu = 0; mcu < across * down; mcu++) {
      if (restartInterval > 0 && left-- == 0) {
        int marker = bits.nextMarker();
        if (marker + 1 < file.length && (file[marker + 1] & 0xf8) == 0xd0) {
          bits.restart(marker);
          scan.restart();
          left = restartInterval - 1;
        } else {
          break;
        }
      }
      if (bits.exhausted()) {
        if (restartInterval == 0) {
          break;
        }
        continue; // up to the next restart marker nothing is known
      }
      int row = mcu / across;
      int column = mcu % across;
      for (int i = 0; i < n; i++) {
        JpegComponent component = scanned[i];
        int high = interleaved ? component.down() : 1;
        int wide = interleaved ? component.across() : 1;
        for (int block = 0; block < high * wide; block++) {
          int y = row * high + block / wide;
          int x = column * wide + block % wide;
          component.coefficients(y, x, scan.block(bits, dc[i], ac[i], component.at(y, x)));
        }
      }
      if (!bits.exhausted()) {
        covered = mcu + 1;
      }
    }
    for (JpegComponent component : scanned) {
      int blockRows = covered / across * (interleaved ? component.down() : 1);
      component.covered(
          scan, covered == across * down ? component.mcusDown() * component.down() : blockRows);
    }
    end = bits.end();
  }
}
