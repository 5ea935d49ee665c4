package dev.octavo.image.codec;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;

/** A block of native memory that grows with what it has to hold, used again and again. */
public final class NativeMemory implements AutoCloseable {
  /** The memory kept between images: the pixels of 22 megapixels. */
  public static final int KEPT_BYTES = 64 << 20;

  private BytePointer memory;
  private ByteBuffer buffer;

  /** At least this many bytes of any content; what was there before is lost. */
  public BytePointer ofSize(int bytes) {
    if (memory == null || memory.capacity() < bytes) {
      close();
      // A quarter more, so that a series of ever larger images doesn't allocate for each.
      long capacity = Math.min(Integer.MAX_VALUE - 8L, bytes + bytes / 4L);
      memory = new BytePointer(capacity);
      buffer = memory.asByteBuffer();
    }
    return memory;
  }

  /** A copy of the bytes, at the beginning of the block. */
  BytePointer holding(byte[] bytes) {
    return ofSize(bytes.length).put(bytes, 0, bytes.length);
  }

  /** The whole block, to be read by index; valid as long as the block isn't another. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Frees the block if it is larger than what is worth keeping. */
  public void trim() {
    if (memory != null && memory.capacity() > KEPT_BYTES) {
      close();
    }
  }

  @Override
  public void close() {
    if (memory != null) {
      memory.close();
      memory = null;
      buffer = null;
    }
  }
}
