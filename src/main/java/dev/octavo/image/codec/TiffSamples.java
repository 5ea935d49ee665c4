package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The samples of a TIFF whose pieces are stored as they are, as PackBits, LZW or deflated (TIFF
 * 6.0, sections 9, 13, 14), in Java: libtiff is for the other compressions.
 */
final class TiffSamples {
  static final int NONE = 1;
  static final int LZW = 5;
  static final int DEFLATE = 8;
  static final int OLD_DEFLATE = 32946;
  static final int PACK_BITS = 32773;

  private static final int HORIZONTAL = 2;

  private final byte[] file;
  private final TiffDirectory directory;
  private final TiffLayout layout;
  private final int compression;
  private final Inflater inflater = new Inflater();

  TiffSamples(byte[] file, TiffDirectory directory, TiffLayout layout) {
    this.file = file;
    this.directory = directory;
    this.layout = layout;
    this.compression = (int) directory.value(TiffDirectory.COMPRESSION, NONE);
  }

  static boolean reads(int compression) {
    return compression == NONE
        || compression == LZW
        || compression == DEFLATE
        || compression == OLD_DEFLATE
        || compression == PACK_BITS;
  }

  /** Takes the samples of a pixel, each in its own number of bits. */
  @FunctionalInterface
  interface Pixels {
    void put(int x, int y, int[] samples);
  }

  /** Hands out every pixel; to be called once. */
  void read(Pixels pixels) throws UndecodableImageException {
    try {
      readPieces(pixels);
    } finally {
      inflater.end();
    }
  }

  private void readPieces(Pixels pixels) throws UndecodableImageException {
    boolean tiled = directory.has(TiffDirectory.TILE_WIDTH);
    long[] offsets =
        directory.values(tiled ? TiffDirectory.TILE_OFFSETS : TiffDirectory.STRIP_OFFSETS);
    long[] bytes = directory.values(tiled ? TiffDirectory.TILE_BYTES : TiffDirectory.STRIP_BYTES);
    if (offsets.length < layout.pieces()) {
      throw new UndecodableImageException(
          Reason.CORRUPT,
          "the TIFF has %d of %d strips or tiles".formatted(offsets.length, layout.pieces()));
    }
    int planes = layout.planar() ? layout.samples() : 1;
    int perPlane = layout.across() * layout.down();
    byte[][] piece = new byte[planes][layout.rowBytes() * layout.rows()];
    int[] samples = new int[layout.samples()];
    for (int i = 0; i < perPlane; i++) {
      int left = i % layout.across() * layout.columns();
      int top = i / layout.across() * layout.rows();
      int rows = Math.min(layout.rows(), layout.height() - top);
      for (int plane = 0; plane < planes; plane++) {
        int index = plane * perPlane + i;
        long length = index < bytes.length ? bytes[index] : file.length - offsets[index];
        unpack(offsets[index], length, piece[plane], rows * layout.rowBytes(), top);
        if (directory.value(TiffDirectory.PREDICTOR, 1) == HORIZONTAL) {
          undoDifferences(piece[plane], rows);
        }
      }
      int columns = Math.min(layout.columns(), layout.width() - left);
      for (int y = 0; y < rows; y++) {
        for (int x = 0; x < columns; x++) {
          for (int s = 0; s < samples.length; s++) {
            samples[s] =
                layout.planar()
                    ? sample(piece[s], y, x)
                    : sample(piece[0], y, x * samples.length + s);
          }
          pixels.put(left + x, top + y, samples);
        }
      }
    }
  }

  private int sample(byte[] piece, int row, int index) {
    int at = row * layout.rowBytes();
    int bits = layout.bits();
    if (bits == 8) {
      return piece[at + index] & 0xff;
    }
    if (bits == 16) {
      int first = piece[at + 2 * index] & 0xff;
      int second = piece[at + 2 * index + 1] & 0xff;
      return directory.littleEndian() ? second << 8 | first : first << 8 | second;
    }
    int value = 0;
    long bit = (long) index * bits;
    for (int i = 0; i < bits; i++, bit++) {
      value = value << 1 | (piece[at + (int) (bit >> 3)] >> (7 - (int) (bit & 7)) & 1);
    }
    return value;
  }

  /** Horizontal differencing (section 14), of samples of 8 and 16 bits. */
  private void undoDifferences(byte[] piece, int rows) throws UndecodableImageException {
    int step = layout.samplesOfPiece();
    int count = layout.columns() * step;
    int low = directory.littleEndian() ? 0 : 1;
    for (int y = 0; y < rows; y++) {
      int at = y * layout.rowBytes();
      if (layout.bits() == 8) {
        for (int i = step; i < count; i++) {
          piece[at + i] += piece[at + i - step];
        }
      } else if (layout.bits() == 16) {
        for (int i = step; i < count; i++) {
          int sum = sample(piece, y, i) + sample(piece, y, i - step);
          piece[at + 2 * i + low] = (byte) sum;
          piece[at + 2 * i + 1 - low] = (byte) (sum >> 8);
        }
      } else {
        throw new UndecodableImageException(
            Reason.UNSUPPORTED,
            "the TIFF has differences of %d bits per sample".formatted(layout.bits()));
      }
    }
  }

  private void unpack(long offset, long length, byte[] to, int needed, int top)
      throws UndecodableImageException {
    int from = (int) Math.min(offset, file.length);
    int end = (int) Math.min(file.length, from + Math.max(0, Math.min(length, file.length)));
    byte[] data = file;
    if (directory.value(TiffDirectory.FILL_ORDER, 1) == 2) {
      data = reversed(from, end);
      end -= from;
      from = 0;
    }
    int got =
        switch (compression) {
          case LZW -> TiffLzw.unpack(data, from, end, to, needed);
          case PACK_BITS -> packBits(data, from, end, to, needed);
          case NONE -> {
            int n = Math.min(needed, end - from);
            System.arraycopy(data, from, to, 0, n);
            yield n;
          }
          default -> inflate(data, from, end, to, needed);
        };
    if (got < needed) {
      throw new UndecodableImageException(
          Reason.TRUNCATED,
          "the TIFF's data ends after %d of %d rows"
              .formatted(top + got / layout.rowBytes(), layout.height()));
    }
  }

  private byte[] reversed(int from, int end) {
    byte[] bytes = new byte[end - from];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (Integer.reverse(file[from + i]) >>> 24);
    }
    return bytes;
  }

  private static int packBits(byte[] data, int from, int end, byte[] to, int needed) {
    int at = from;
    int written = 0;
    while (at < end && written < needed) {
      int n = data[at++];
      if (n >= 0) {
        int count = Math.min(Math.min(n + 1, end - at), needed - written);
        System.arraycopy(data, at, to, written, count);
        at += n + 1;
        written += count;
      } else if (n != -128 && at < end) {
        for (int count = Math.min(1 - n, needed - written); count > 0; count--) {
          to[written++] = data[at];
        }
        at++;
      }
    }
    return written;
  }

  private int inflate(byte[] data, int from, int end, byte[] to, int needed) {
    int written = 0;
    try {
      inflater.reset();
      inflater.setInput(data, from, end - from);
      int n = 1;
      while (n > 0 && written < needed) {
        n = inflater.inflate(to, written, needed - written);
        written += n;
      }
    } catch (DataFormatException e) {
      // What was inflated up to there counts.
    }
    return written;
  }
}
