package dev.octavo.image;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR_RGB;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import dev.octavo.image.UndecodableImageException.Reason;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/** OpenCV's decoders: libjpeg-turbo, libpng, libwebp, libtiff and its own for BMP. */
final class OpenCvCodec {
  static {
    // JavaCPP otherwise measures the whole process, libtorch's weights and Spark's off-heap memory
    // included, against a multiple of the heap and calls the garbage collector when that is
    // exceeded. What is allocated here is freed here, by scopes.
    setIfAbsent("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    setIfAbsent("org.bytedeco.javacpp.maxBytes", "0");
    setIfAbsent("org.bytedeco.javacpp.noPointerGC", "true");
    // Parallelism is Spark's: one task decodes one file at a time.
    opencv_core.setNumThreads(1);
  }

  private OpenCvCodec() {}

  private static void setIfAbsent(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }

  /**
   * The pixels as stored: orientation is not applied.
   *
   * @param format for messages; OpenCV finds it for itself
   * @throws UndecodableImageException if OpenCV can't decode the file
   */
  static RgbImage decode(byte[] file, ImageFormat format) throws UndecodableImageException {
    try (BytePointer bytes = new BytePointer(file.length).put(file, 0, file.length);
        Mat encoded = new Mat(1, file.length, CV_8UC1, bytes);
        Mat decoded = imdecode(encoded, IMREAD_COLOR_RGB | IMREAD_IGNORE_ORIENTATION)) {
      if (decoded.empty() || decoded.type() != CV_8UC3) {
        throw new UndecodableImageException(
            Reason.CORRUPT, "the %s's coded data can't be decoded".formatted(format));
      }
      byte[] pixels = new byte[Math.toIntExact(3 * decoded.total())];
      try (BytePointer data = decoded.data()) {
        data.capacity(pixels.length).get(pixels);
      }
      return new RgbImage(decoded.cols(), decoded.rows(), pixels);
    } catch (RuntimeException e) { // a C++ exception: OpenCV's answer to damaged files
      throw new UndecodableImageException(
          Reason.CORRUPT, "the %s can't be decoded: %s".formatted(format, e.getMessage()), e);
    }
  }
}
