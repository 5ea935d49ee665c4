/**
 * The job {@code export}: a model bundle leaves as a single file that other programs read: ONNX,
 * float or int8, or a float model's state dict. It needs no Spark session.
 */
package dev.octavo.export;
