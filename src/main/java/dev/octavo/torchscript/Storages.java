package dev.octavo.torchscript;

import dev.octavo.tensor.MalformedFileException;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** The storages of one file, each read once, when a tensor of it is asked for. */
final class Storages {
  /** The most that one array holds. */
  static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  /** Strided views may be larger than their storage: together at most this many times the file. */
  private static final long MAX_EXPANSION = 4;

  private static final long ALWAYS_ALLOWED_BYTES = 64L << 20;

  /** Gets the bytes of a storage, exactly {@code storage.bytes()}. */
  @FunctionalInterface
  interface Reader {
    ByteBuffer read(StorageRef storage) throws IOException;
  }

  private final Reader reader;
  private final Map<StorageRef, ByteBuffer> read = new HashMap<>();
  private long copyBudget;

  Storages(Reader reader, long fileBytes) {
    this.reader = reader;
    this.copyBudget = Math.max(ALWAYS_ALLOWED_BYTES, MAX_EXPANSION * fileBytes);
  }

  /**
   * The tensor that a reference describes. Contiguous tensors of one storage share its bytes.
   *
   * @throws MalformedFileException if the storage is absent or not as large as the pickle says
   */
  Tensor tensor(TensorRef ref) throws IOException {
    if (ref.bytes() > MAX_BYTES || ref.storage().bytes() > MAX_BYTES) {
      throw new MalformedFileException(
          "storage '%s' holds a tensor of more than 2 GiB, which is not supported"
              .formatted(ref.storage().key()));
    }
    if (!ref.isContiguous()) {
      copyBudget -= ref.bytes();
      if (copyBudget < 0) {
        throw new MalformedFileException(
            "its strided tensors expand to more than %d times the file: refused; save contiguous tensors"
                .formatted(MAX_EXPANSION));
      }
    }
    ByteBuffer data = read.get(ref.storage());
    if (data == null) {
      data = reader.read(ref.storage());
      read.put(ref.storage(), data);
    }
    return ref.over(data);
  }
}
