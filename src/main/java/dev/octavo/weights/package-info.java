/**
 * Tensors by name, and the files they come in: PyTorch state dicts ({@code .pth}), {@code
 * .safetensors}, TorchScript archives. Nothing here runs a model, and nothing here knows Spark or
 * DJL.
 */
package dev.octavo.weights;
