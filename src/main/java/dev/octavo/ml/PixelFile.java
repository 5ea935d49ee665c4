package dev.octavo.ml;

import dev.octavo.inference.ImageItem;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;

/** Pixels in Spark's image schema as a file without loss (PNG), which is what datasets hold. */
final class PixelFile {
  private static final Map<Integer, Integer> TYPE_BY_CHANNELS =
      Map.of(
          1, BufferedImage.TYPE_BYTE_GRAY,
          3, BufferedImage.TYPE_3BYTE_BGR,
          4, BufferedImage.TYPE_4BYTE_ABGR);

  private PixelFile() {}

  /** The file of an image, or null if there is none, as for one that Spark could not decode. */
  static byte[] of(Row image) {
    if (image == null || !(ImageColumn.image((Object) image) instanceof ImageItem.Pixels pixels)) {
      return null;
    }
    int channels = pixels.samples().length / Math.max(1, pixels.width() * pixels.height());
    if (!TYPE_BY_CHANNELS.containsKey(channels)
        || channels * pixels.width() * pixels.height() != pixels.samples().length) {
      return null;
    }
    BufferedImage picture =
        new BufferedImage(pixels.width(), pixels.height(), TYPE_BY_CHANNELS.get(channels));
    byte[] target = ((DataBufferByte) picture.getRaster().getDataBuffer()).getData();
    byte[] samples = pixels.samples();
    if (channels == 4) {
      for (int i = 0; i < samples.length; i += 4) { // blue, green, red, alpha
        target[i] = samples[i + 3];
        System.arraycopy(samples, i, target, i + 1, 3);
      }
    } else {
      System.arraycopy(samples, 0, target, 0, samples.length);
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture, "png", file);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of an array there is none
    }
    return file.toByteArray();
  }
}
