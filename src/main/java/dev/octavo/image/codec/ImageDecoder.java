package dev.octavo.image.codec;

/**
 * Decodes any supported format to upright 8-bit RGB. Thread-safe.
 *
 * <ul>
 *   <li>Gray becomes equal red, green and blue; palettes are looked up.
 *   <li>Alpha is dropped, not composited: the colour stored beneath it stays, as {@code
 *       Image.convert("RGB")} of Pillow does.
 *   <li>16-bit samples keep their high byte. (Pillow clips 16-bit gray to 255 instead, which turns
 *       most of such an image white.)
 *   <li>CMYK and YCCK JPEGs are taken as Adobe writes them, inverted ({@code red = C * K / 255} of
 *       the stored values), as Pillow does; colour profiles are ignored, as everywhere in training
 *       pipelines.
 *   <li>Exif or XMP orientation is applied exactly once.
 *   <li>A file that lacks rows is refused, not filled up with grey; one that only lacks its end
 *       marker is decoded, with a warning.
 *   <li>CMYK and CIELab in a TIFF are converted as Pillow does; colours that were multiplied by
 *       alpha (associated alpha) get back what they were.
 * </ul>
 */
public final class ImageDecoder {
  private ImageDecoder() {}

  /**
   * The pixels of a file.
   *
   * @throws UndecodableImageException if it exceeds a limit, ends early, or can't be decoded
   */
  public static RgbImage decode(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    return decode(file, Header.read(file, limits));
  }

  /**
   * Reads a file's header, without decoding a pixel; the structure is read to its end where the
   * format has one.
   *
   * @throws UndecodableImageException if it exceeds a limit, ends early, or is no image
   */
  public static ImageInfo probe(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    return Header.read(file, limits).info();
  }

  /**
   * The pixels of a file together with what its header says.
   *
   * @throws UndecodableImageException as {@link #decode}
   */
  public static Decoded decodeWithInfo(byte[] file, DecodeLimits limits)
      throws UndecodableImageException {
    Header header = Header.read(file, limits);
    return new Decoded(header.info(), decode(file, header));
  }

  /**
   * A decoded file.
   *
   * @param info what the header says, before orientation
   * @param image the pixels, after orientation
   */
  public record Decoded(ImageInfo info, RgbImage image) {}

  private static RgbImage decode(byte[] file, Header header) throws UndecodableImageException {
    try (OpenCvCodec codec = new OpenCvCodec()) {
      return decode(file, header, codec, Header.EVERY_PIXEL).toImage();
    }
  }

  /** The upright image, in the codec's memory or its own; {@code side} as for the header. */
  public static PixelView decode(byte[] file, Header header, OpenCvCodec codec, int side)
      throws UndecodableImageException {
    PixelView stored = header.decodePixels(file, codec, side);
    return Orientation.apply(stored, header.info().orientation());
  }
}
