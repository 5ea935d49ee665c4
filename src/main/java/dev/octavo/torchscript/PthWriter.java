package dev.octavo.torchscript;

import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a state dict as {@code torch.save} does: a zip without compression, with an ordered dict
 * in {@code data.pkl} (pickle protocol 2) and one storage for each tensor. The same state dict
 * gives the same bytes.
 */
public final class PthWriter {
  private static final String ROOT = "archive/";

  /** The version of the archive format that {@code torch.save} has written since PyTorch 1.6. */
  private static final String FORMAT_VERSION = "3\n";

  /** The beginning of a zip's calendar: no time stamp, so that equal weights give equal files. */
  private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

  private PthWriter() {}

  /** Writes to {@code out} and flushes it; closing it is left to the caller. */
  public static void write(StateDict weights, OutputStream out) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    zip.setMethod(ZipOutputStream.STORED);
    put(zip, "data.pkl", ByteBuffer.wrap(pickle(weights)));
    put(zip, "byteorder", ascii("little"));
    List<Tensor> tensors = new ArrayList<>(weights.tensors().values());
    for (int key = 0; key < tensors.size(); key++) {
      put(zip, "data/" + key, tensors.get(key).bytes());
    }
    put(zip, "version", ascii(FORMAT_VERSION));
    zip.finish();
    zip.flush();
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  @SuppressWarnings("resource") // the channel is a view of the zip, which stays open
  private static void put(ZipOutputStream zip, String name, ByteBuffer data) throws IOException {
    ZipEntry entry = new ZipEntry(ROOT + name);
    entry.setTimeLocal(EPOCH);
    entry.setSize(data.remaining());
    CRC32 crc = new CRC32();
    crc.update(data.duplicate());
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    WritableByteChannel channel = Channels.newChannel(zip);
    while (data.hasRemaining()) {
      channel.write(data);
    }
    zip.closeEntry();
  }

  private static byte[] pickle(StateDict weights) {
    PickleWriter pickle = new PickleWriter();
    pickle.emptyOrderedDict();
    if (!weights.tensors().isEmpty()) {
      pickle.op(Opcode.MARK);
      int key = 0;
      for (var entry : weights.tensors().entrySet()) {
        pickle.string(entry.getKey());
        tensor(pickle, entry.getValue(), key++);
      }
      pickle.op(Opcode.SETITEMS);
    }
    return pickle.finish();
  }

  /** {@code _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)}. */
  private static void tensor(PickleWriter pickle, Tensor tensor, int key) {
    pickle.global("torch._utils", "_rebuild_tensor_v2");
    pickle.op(Opcode.MARK);
    pickle.op(Opcode.MARK);
    pickle.string("storage");
    pickle.global("torch", tensor.dtype().torchStorage());
    pickle.string(Integer.toString(key));
    pickle.string("cpu");
    pickle.integer(tensor.elements());
    pickle.op(Opcode.TUPLE);
    pickle.op(Opcode.BINPERSID);
    pickle.integer(0);
    pickle.tuple(tensor.shape());
    pickle.tuple(rowMajorStrides(tensor.shape()));
    pickle.op(Opcode.NEWFALSE);
    pickle.emptyOrderedDict();
    pickle.op(Opcode.TUPLE);
    pickle.op(Opcode.REDUCE);
  }

  private static long[] rowMajorStrides(long[] shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= Math.max(shape[i], 1);
    }
    return strides;
  }

  /** The few opcodes that a state dict takes, without a memo. */
  private static final class PickleWriter {
    private static final int PROTOCOL = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    PickleWriter() {
      op(Opcode.PROTO);
      out.write(PROTOCOL);
    }

    void op(int opcode) {
      out.write(opcode);
    }

    void global(String module, String name) {
      op(Opcode.GLOBAL);
      out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    void emptyOrderedDict() {
      global("collections", "OrderedDict");
      op(Opcode.EMPTY_TUPLE);
      op(Opcode.REDUCE);
    }

    void string(String value) {
      byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
      op(Opcode.BINUNICODE);
      littleEndian(utf8.length, Integer.BYTES);
      out.writeBytes(utf8);
    }

    void integer(long value) {
      if (value == (int) value) {
        op(Opcode.BININT);
        littleEndian(value, Integer.BYTES);
      } else {
        op(Opcode.LONG1);
        out.write(Long.BYTES);
        littleEndian(value, Long.BYTES);
      }
    }

    void tuple(long[] values) {
      op(Opcode.MARK);
      for (long value : values) {
        integer(value);
      }
      op(Opcode.TUPLE);
    }

    byte[] finish() {
      op(Opcode.STOP);
      return out.toByteArray();
    }

    private void littleEndian(long value, int bytes) {
      for (int i = 0; i < bytes; i++) {
        out.write((int) (value >>> (8 * i)));
      }
    }
  }
}
