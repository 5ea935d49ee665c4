package dev.octavo.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Tensors on their way into an engine and out of it. */
final class NativeTensors {
  private NativeTensors() {}

  /** An array of the engine; one over a direct buffer is read in place. */
  static NDArray create(NDManager manager, Tensor tensor) {
    return manager.create(tensor.bytes(), new Shape(tensor.shape()), type(tensor.dtype()));
  }

  /** A fresh tensor that outlives the array. */
  static Tensor copy(NDArray array) {
    ByteBuffer view = array.toByteBuffer(true);
    ByteBuffer copy = ByteBuffer.allocateDirect(view.remaining()).order(ByteOrder.nativeOrder());
    copy.put(view).flip();
    return Tensor.of(DType.valueOf(array.getDataType().name()), array.getShape().getShape(), copy);
  }

  private static DataType type(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> DataType.FLOAT32;
      case FLOAT64 -> DataType.FLOAT64;
      case UINT8 -> DataType.UINT8;
      case INT8 -> DataType.INT8;
      case INT32 -> DataType.INT32;
      case INT64 -> DataType.INT64;
      default -> throw new IllegalArgumentException(dtype + " does not cross the engine's border");
    };
  }
}
