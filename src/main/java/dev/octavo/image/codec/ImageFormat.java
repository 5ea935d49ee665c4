package dev.octavo.image.codec;

import java.util.Optional;

/** The formats that are decoded, told apart by a file's first bytes. */
public enum ImageFormat {
  /** JPEG: Huffman or arithmetic coded, baseline or progressive, gray, YCbCr, RGB, CMYK, YCCK. */
  JPEG,
  /** PNG of any colour type and depth; of an animated one, the default image. */
  PNG,
  /** GIF: the first frame, on its logical screen. */
  GIF,
  /** Windows bitmap. */
  BMP,
  /** WebP, lossy or lossless; of an animated one, the first frame. */
  WEBP,
  /** TIFF or BigTIFF: the first page, up to 16 bits a sample. */
  TIFF;

  /** The format of a file, or nothing if its first bytes are none of these. */
  public static Optional<ImageFormat> of(byte[] file) {
    if (startsWith(file, 0, 0xff, 0xd8, 0xff)) {
      return Optional.of(JPEG);
    }
    if (startsWith(file, 0, 0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a)) {
      return Optional.of(PNG);
    }
    if (startsWith(file, 0, 'G', 'I', 'F', '8', '7', 'a')
        || startsWith(file, 0, 'G', 'I', 'F', '8', '9', 'a')) {
      return Optional.of(GIF);
    }
    if (startsWith(file, 0, 'R', 'I', 'F', 'F') && startsWith(file, 8, 'W', 'E', 'B', 'P')) {
      return Optional.of(WEBP);
    }
    if (startsWith(file, 0, 'I', 'I', 42, 0)
        || startsWith(file, 0, 'M', 'M', 0, 42)
        || startsWith(file, 0, 'I', 'I', 43, 0, 8, 0)
        || startsWith(file, 0, 'M', 'M', 0, 43, 0, 8)) {
      return Optional.of(TIFF);
    }
    // Two letters are weak evidence, so the size of the following header must be a known one too.
    if (startsWith(file, 0, 'B', 'M') && file.length > 18 && BmpHeader.isHeaderSize(file)) {
      return Optional.of(BMP);
    }
    return Optional.empty();
  }

  private static boolean startsWith(byte[] file, int at, int... expected) {
    if (file.length < at + expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if ((file[at + i] & 0xff) != expected[i]) {
        return false;
      }
    }
    return true;
  }
}
