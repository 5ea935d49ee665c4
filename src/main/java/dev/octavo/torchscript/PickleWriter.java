package dev.octavo.torchscript;

import dev.octavo.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes the subset of pickle protocol 2 that state dicts and TorchScript archives are made of,
 * without a memo. Tensors become references to numbered storages, collected in {@link #storages()}.
 */
final class PickleWriter {
  private static final int PROTOCOL = 2;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<Tensor> storages = new ArrayList<>();

  PickleWriter() {
    op(Opcode.PROTO);
    out.write(PROTOCOL);
  }

  byte[] finish() {
    op(Opcode.STOP);
    return out.toByteArray();
  }

  /** The tensors written so far; the i-th is the storage with the key {@code i}. */
  List<Tensor> storages() {
    return storages;
  }

  /** An {@code OrderedDict} of tensors, as of {@code torch.nn.Module.state_dict}. */
  void stateDict(Map<String, Tensor> tensors) {
    emptyOrderedDict();
    if (!tensors.isEmpty()) {
      op(Opcode.MARK);
      tensors.forEach(
          (name, tensor) -> {
            string(name);
            tensor(tensor, false);
          });
      op(Opcode.SETITEMS);
    }
  }

  /**
   * A TorchScript object: its class, then its state (a dictionary of attributes, or a tuple for
   * {@code __setstate__}).
   */
  void object(ScriptModule module) {
    global("__torch__", module.className());
    op(Opcode.EMPTY_TUPLE);
    op(Opcode.NEWOBJ);
    if (module.state().isEmpty()) {
      op(Opcode.EMPTY_DICT);
      op(Opcode.MARK);
      module
          .attributes()
          .forEach(
              (name, value) -> {
                string(name);
                value(value, module.isParameter(name));
              });
      op(Opcode.SETITEMS);
    } else {
      tuple(module.state());
    }
    op(Opcode.BUILD);
  }

  void tuple(List<?> values) {
    op(Opcode.MARK);
    for (Object value : values) {
      value(value, false);
    }
    op(Opcode.TUPLE);
  }

  private void value(Object value, boolean requiresGrad) {
    if (value instanceof Tensor tensor) {
      tensor(tensor, requiresGrad);
    } else if (value instanceof ScriptModule module) {
      object(module);
    } else if (value instanceof Boolean flag) {
      bool(flag);
    } else if (value instanceof List<?> list && list.isEmpty()) {
      emptyTensorList();
    } else {
      throw new IllegalArgumentException("cannot write " + value.getClass());
    }
  }

  private void emptyTensorList() {
    global("torch.jit._pickle", "build_tensorlist");
    op(Opcode.MARK);
    op(Opcode.EMPTY_LIST);
    op(Opcode.TUPLE);
    op(Opcode.REDUCE);
  }

  private void emptyOrderedDict() {
    global("collections", "OrderedDict");
    op(Opcode.EMPTY_TUPLE);
    op(Opcode.REDUCE);
  }

  /** {@code _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)}. */
  private void tensor(Tensor tensor, boolean requiresGrad) {
    long[] shape = tensor.shape();
    global("torch._utils", "_rebuild_tensor_v2");
    op(Opcode.MARK);
    op(Opcode.MARK);
    string("storage");
    global("torch", tensor.dtype().torchStorage());
    string(Integer.toString(storages.size()));
    string("cpu");
    integer(tensor.elements());
    op(Opcode.TUPLE);
    op(Opcode.BINPERSID);
    integer(0);
    integers(shape);
    integers(contiguousStrides(shape));
    bool(requiresGrad);
    emptyOrderedDict();
    op(Opcode.TUPLE);
    op(Opcode.REDUCE);
    storages.add(tensor);
  }

  private static long[] contiguousStrides(long[] shape) {
    long[] strides = new long[shape.length];
    long step = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(1, shape[i]);
    }
    return strides;
  }

  private void integers(long[] values) {
    op(Opcode.MARK);
    for (long value : values) {
      integer(value);
    }
    op(Opcode.TUPLE);
  }

  private void integer(long value) {
    if (value == (int) value) {
      op(Opcode.BININT);
      int32((int) value);
    } else {
      op(Opcode.LONG1);
      out.write(Long.BYTES);
      out.writeBytes(littleEndian(Long.BYTES).putLong(value).array());
    }
  }

  private void string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    op(Opcode.BINUNICODE);
    int32(utf8.length);
    out.writeBytes(utf8);
  }

  private void int32(int value) {
    out.writeBytes(littleEndian(Integer.BYTES).putInt(value).array());
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void global(String module, String name) {
    op(Opcode.GLOBAL);
    out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private void bool(boolean flag) {
    op(flag ? Opcode.NEWTRUE : Opcode.NEWFALSE);
  }

  private void op(int opcode) {
    out.write(opcode);
  }
}
