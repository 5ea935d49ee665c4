/**
 * ONNX's file format, read and written: {@link dev.octavo.onnx.OnnxReader} gives a file's graph,
 * {@link dev.octavo.onnx.OnnxWeights} the state dict in it, {@link dev.octavo.onnx.OnnxBuilder}
 * writes models of opset 17.
 *
 * <p>Files come from strangers: only tensors, names and types are read, and every length is held
 * against the file.
 */
package dev.octavo.onnx;
