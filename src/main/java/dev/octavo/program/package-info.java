/**
 * Programs: a {@link dev.octavo.network.Network} and its weights written as TorchScript archives
 * that libtorch runs.
 *
 * <p>DJL offers neither a graph API nor quantization, but libtorch runs every operator that
 * TorchScript source can name. So each program is emitted as source text plus tensors: {@link
 * dev.octavo.program.PortableProgram} (plain operators, torchvision's names, runs wherever torch
 * runs), {@link dev.octavo.program.TrainProgram} (the same with gradients), {@link
 * dev.octavo.program.FusedProgram} (batch norm folded, oneDNN convolutions with ReLU and residual
 * add fused, fp32 or bf16), {@link dev.octavo.program.CalibrationProgram} (the fused program with
 * observers of activations and weights' inputs) and {@link dev.octavo.program.Int8Program}.
 *
 * <p>Every inference program has two methods. {@code forward(uint8 [N, H, W, 3]) -> float32 [N,
 * classes]}: RGB pixels in, logits out. {@code embed(uint8 [N, H, W, 3]) -> (float32 [N, classes],
 * float32 [N, F])}: the same logits to the bit, and the features that the classifier computes them
 * from. Normalisation with ImageNet's mean and standard deviation is inside.
 */
package dev.octavo.program;
