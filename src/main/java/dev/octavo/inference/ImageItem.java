package dev.octavo.inference;

import java.io.Serializable;

/** An image in the form that it is at hand in, or the reason why there is none. */
public sealed interface ImageItem extends Serializable {
  /** Size in bytes, of the file or of the pixels; 0 where there is no image. */
  long length();

  /** An image that needs no reading. */
  sealed interface Loaded extends ImageItem {}

  /**
   * A file still to be read.
   *
   * @param uri with the scheme of its file system
   * @param length in bytes, as it was listed
   */
  record FileRef(String uri, long length) implements ImageItem {}

  /** The bytes of a file. */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Bytes(byte[] file) implements Loaded {
    @Override
    public long length() {
      return file.length;
    }
  }

  /**
   * Decoded pixels, as OpenCV and Spark's image schema lay them out.
   *
   * @param type OpenCV's, which tells the channels
   * @param samples {@code uint8 [height, width, channels]}
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Pixels(int width, int height, int type, byte[] samples) implements Loaded {
    @Override
    public long length() {
      return samples.length;
    }
  }

  /**
   * No image.
   *
   * @param error the reason, as in the column {@code error} of a prediction
   */
  record Failed(String error) implements Loaded {
    @Override
    public long length() {
      return 0;
    }
  }
}
