package dev.octavo.inference;

import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.UndecodableImageException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/**
 * Decodes an image, so that the decoder's native libraries are unpacked and loaded. That takes
 * seconds in a fresh JVM and is no part of any partition's work.
 */
final class DecoderWarmUp {
  private DecoderWarmUp() {}

  static void run() {
    try {
      ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
      ImageIO.write(new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), "jpg", jpeg);
      ImageDecoder.decode(jpeg.toByteArray(), DecodeLimits.DEFAULT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (UndecodableImageException e) {
      throw new IllegalStateException("a JPEG that Java wrote can't be decoded", e);
    }
  }
}
