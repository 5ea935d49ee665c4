package dev.octavo.image;

import dev.octavo.image.UndecodableImageException.Reason;
import java.util.Optional;

/** A parsed header, which knows the decoder that suits the file. */
interface Header {
  ImageInfo info();

  /** The pixels as stored, before orientation. */
  RgbImage decodePixels(byte[] file) throws UndecodableImageException;

  /** Reads the header of any supported format; limits and completeness are checked on the way. */
  static Header read(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    if (file.length == 0) {
      throw new UndecodableImageException(Reason.EMPTY, "the file is empty");
    }
    limits.checkBytes(file.length);
    ImageFormat format =
        ImageFormat.of(file)
            .orElseThrow(
                () ->
                    new UndecodableImageException(
                        Reason.NOT_AN_IMAGE,
                        "the first bytes are not those of a JPEG, PNG, GIF, BMP, WebP or TIFF"));
    return switch (format) {
      case JPEG -> JpegHeader.read(file, limits);
      case PNG -> PngHeader.read(file, limits);
      case GIF -> GifHeader.read(file, limits);
      case BMP -> new Plain(BmpHeader.read(file, limits));
      case WEBP -> new Plain(WebpHeader.read(file, limits));
      case TIFF -> new Plain(TiffHeader.read(file, limits));
    };
  }

  /** A format that OpenCV decodes from the file as it is, or else the JDK. */
  record Plain(ImageInfo info) implements Header {
    @Override
    public RgbImage decodePixels(byte[] file) throws UndecodableImageException {
      Optional<RgbImage> image = OpenCvCodec.decode(file);
      return image.isPresent() ? image.get() : JdkCodec.decode(file, info);
    }
  }
}
