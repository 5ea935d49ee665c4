/**
 * Protobuf's wire format, written and read without generated classes. Generated classes want a run
 * time of their own version, but Spark's class path, which comes first, has another one by accident
 * (through Tink), and not the same one in each distribution. TensorBoard's event files and ONNX
 * models need a few fields each, so writing and reading these by hand is simpler than shading a
 * library.
 */
package dev.octavo.protobuf;
