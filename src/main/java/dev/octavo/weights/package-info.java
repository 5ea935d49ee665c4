/**
 * Tensors by name, and the files they come in. Nothing here runs a model, and nothing here knows
 * Spark or DJL.
 *
 * <p>{@link dev.octavo.weights.WeightFiles} reads and writes files: PyTorch state dicts ({@code
 * .pth}), {@code .safetensors}, TorchScript archives. {@link dev.octavo.weights.WeightImport} makes
 * a network's complete initial {@link dev.octavo.weights.StateDict} out of one, or out of nothing.
 *
 * <p>Weight files come from strangers, and a pickle is a program. The reader here runs it on a
 * machine that can make data and nothing else: {@code PickleGlobals} is the whole list of what a
 * pickle may name. Sizes that a file claims are held against the file before memory is taken for
 * them, and a file that breaks its format's rules is refused, not repaired.
 */
package dev.octavo.weights;
