package dev.octavo.torchscript;

import dev.octavo.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the subset of pickle protocol 2 that TorchScript archives are made of. Tensors become
 * references to numbered storages, collected in {@link #storages()}.
 */
final class PickleWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<Tensor> storages = new ArrayList<>();

  PickleWriter() {
    op(0x80);
    op(2);
  }

  byte[] finish() {
    op('.');
    return out.toByteArray();
  }

  /** The tensors written so far; the i-th goes into the archive's {@code data/i}. */
  List<Tensor> storages() {
    return storages;
  }

  /**
   * A TorchScript object: its class, then its state (a dictionary of attributes, or a tuple for
   * {@code __setstate__}).
   */
  void object(ScriptModule module) {
    global("__torch__", module.className());
    op(')');
    op(0x81);
    if (module.state().isEmpty()) {
      op('}');
      op('(');
      module
          .attributes()
          .forEach(
              (name, value) -> {
                string(name);
                value(value, module.isParameter(name));
              });
      op('u');
    } else {
      tuple(module.state());
    }
    op('b');
  }

  void tuple(List<?> values) {
    op('(');
    for (Object value : values) {
      value(value, false);
    }
    op('t');
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
    op('(');
    op(']');
    op('t');
    op('R');
  }

  private void tensor(Tensor tensor, boolean requiresGrad) {
    long[] shape = tensor.shape();
    global("torch._utils", "_rebuild_tensor_v2");
    op('(');
    op('(');
    string("storage");
    global("torch", tensor.dtype().torchStorage());
    string(String.valueOf(storages.size()));
    string("cpu");
    integer(tensor.elements());
    op('t');
    op('Q');
    integer(0);
    integers(shape);
    integers(contiguousStrides(shape));
    bool(requiresGrad);
    global("collections", "OrderedDict");
    op(')');
    op('R');
    op('t');
    op('R');
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
    op('(');
    for (long v : values) {
      integer(v);
    }
    op('t');
  }

  private void integer(long value) {
    op('J');
    out.writeBytes(
        ByteBuffer.allocate(4)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(Math.toIntExact(value))
            .array());
  }

  private void string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    op('X');
    out.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(utf8.length).array());
    out.writeBytes(utf8);
  }

  private void global(String module, String name) {
    op('c');
    out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private void bool(boolean flag) {
    op(flag ? 0x88 : 0x89);
  }

  private void op(int code) {
    out.write(code);
  }
}
