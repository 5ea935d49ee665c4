package dev.octavo.image.codec;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR_RGB;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_2;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_4;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_8;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import dev.octavo.NativeCache;
import dev.octavo.image.codec.PixelView.Axis;
import dev.octavo.image.codec.UndecodableImageException.Reason;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * OpenCV's decoders: libjpeg-turbo, libpng, libwebp, libtiff and its own for BMP.
 *
 * <p>Holds the native memory that files are read from and pixels are written to: one instance per
 * thread, closed by whoever made it. Pixels are valid until the next image.
 */
public final class OpenCvCodec implements AutoCloseable {
  static {
    NativeCache.require();
    // JavaCPP otherwise measures the whole process, libtorch's weights and Spark's off-heap memory
    // included, against a multiple of the heap and calls the garbage collector when that is
    // exceeded. What is allocated here is freed here, by scopes.
    setIfAbsent("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    setIfAbsent("org.bytedeco.javacpp.maxBytes", "0");
    setIfAbsent("org.bytedeco.javacpp.noPointerGC", "true");
    // Parallelism is Spark's: one task decodes one file at a time.
    opencv_core.setNumThreads(1);
  }

  private final NativeMemory file = new NativeMemory();
  private final NativeMemory pixels = new NativeMemory();

  private static void setIfAbsent(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }

  /**
   * The pixels as stored: orientation is not applied.
   *
   * @param info what the file's header says
   * @throws UndecodableImageException if OpenCV can't decode the file, or finds another size
   */
  PixelView decode(byte[] bytes, ImageInfo info) throws UndecodableImageException {
    return decode(bytes, info, 1);
  }

  /**
   * The same, reduced. Only JPEGs are decoded straight to that size.
   *
   * @param reduction 1, 2, 4 or 8: how many pixels, in each direction, become one sample; outer
   *     samples that lie partly outside of the image count as whole
   */
  PixelView decode(byte[] bytes, ImageInfo info, int reduction) throws UndecodableImageException {
    int columns = Axis.samples(info.width(), reduction);
    int rows = Axis.samples(info.height(), reduction);
    int size = 3 * columns * rows;
    BytePointer room = pixels.ofSize(size);
    if (info.format() != ImageFormat.JPEG) {
      // What a decoder leaves out in a damaged file must not be a part of the previous image.
      BytePointer.memset(room, 0, size);
    }
    // OpenCV decodes into the matrix that it is given if that has the right size.
    try (Mat encoded = new Mat(1, bytes.length, CV_8UC1, file.holding(bytes));
        Mat given = new Mat(rows, columns, CV_8UC3, room);
        Mat decoded = imdecode(encoded, flags(reduction), given)) {
      if (decoded.empty() || decoded.type() != CV_8UC3) {
        throw new UndecodableImageException(
            Reason.CORRUPT, "the %s's coded data can't be decoded".formatted(info.format()));
      }
      if (decoded.cols() != columns || decoded.rows() != rows) {
        throw info.otherSize(decoded.cols(), decoded.rows());
      }
    } catch (RuntimeException e) { // a C++ exception: OpenCV's answer to damaged files
      throw new UndecodableImageException(
          Reason.CORRUPT,
          "the %s can't be decoded: %s".formatted(info.format(), e.getMessage()),
          e);
    }
    return PixelView.reduced(pixels.buffer(), info.width(), info.height(), reduction);
  }

  private static int flags(int reduction) {
    int colour =
        switch (reduction) {
          case 1 -> 0;
          case 2 -> IMREAD_REDUCED_GRAYSCALE_2;
          case 4 -> IMREAD_REDUCED_GRAYSCALE_4;
          case 8 -> IMREAD_REDUCED_GRAYSCALE_8;
          default -> throw new IllegalArgumentException("no decoder reduces by " + reduction);
        };
    // OpenCV names sizes with colours: those of grey, whose bit is not set, go with any.
    return colour | IMREAD_COLOR_RGB | IMREAD_IGNORE_ORIENTATION;
  }

  /** Lets go of memory that only a rare, large image needs. */
  public void trim() {
    file.trim();
    pixels.trim();
  }

  @Override
  public void close() {
    file.close();
    pixels.close();
  }
}
