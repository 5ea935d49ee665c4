/**
 * The only place that talks to DJL: loading a TorchScript program or an ONNX model, running it on
 * host tensors, threads, CPU features.
 */
package dev.octavo.engine;
