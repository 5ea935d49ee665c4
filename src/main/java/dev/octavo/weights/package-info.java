/**
 * Weights of a network, from files or from nothing. {@link dev.octavo.weights.WeightFiles} reads
 * state dicts from {@code .pth}, {@code .safetensors} and TorchScript archives; {@link
 * dev.octavo.weights.WeightImport} makes a network's complete initial {@link
 * dev.octavo.tensor.StateDict} out of one, or out of nothing. What is refused in a file of a
 * stranger is in {@link dev.octavo.torchscript}.
 */
package dev.octavo.weights;
