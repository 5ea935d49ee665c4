package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;

/** A parsed header, which knows the decoder that suits the file. */
public sealed interface Header
    permits BmpHeader, GifHeader, JpegHeader, PngHeader, TiffHeader, WebpHeader {
  /** A side that no image is resized to. */
  int EVERY_PIXEL = Integer.MAX_VALUE;

  ImageInfo info();

  /**
   * The pixels as stored, before orientation.
   *
   * @param codec whose memory may hold them
   * @param side what the image's shorter side will be resized to, so that a decoder may leave out
   *     detail far below; {@link #EVERY_PIXEL} if it is to leave out nothing
   */
  PixelView decodePixels(byte[] file, OpenCvCodec codec, int side) throws UndecodableImageException;

  /** Reads the header of any supported format; limits and completeness are checked on the way. */
  static Header read(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    if (file.length == 0) {
      throw new UndecodableImageException(Reason.EMPTY, "the file is empty");
    }
    limits.checkBytes(file.length);
    ImageFormat format = ImageFormat.of(file).orElseThrow(() -> ForeignFormat.refusal(file));
    return switch (format) {
      case JPEG -> JpegHeader.read(file, limits);
      case PNG -> PngHeader.read(file, limits);
      case GIF -> GifHeader.read(file, limits);
      case BMP -> BmpHeader.read(file, limits);
      case WEBP -> WebpHeader.read(file, limits);
      case TIFF -> TiffHeader.read(file, limits);
    };
  }
}
