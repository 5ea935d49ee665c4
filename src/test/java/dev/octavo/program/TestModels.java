package dev.octavo.program;

import dev.octavo.bundle.ProgramLoader;
import dev.octavo.bundle.ProgramWriter;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.network.Network;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Random weights and images, and loading of programs, for tests. */
public final class TestModels {
  private TestModels() {}

  /** Writes an archive. */
  @FunctionalInterface
  public interface Writer {
    /** Writes it to a stream. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** Weights that keep activations in a sensible range, with batch norms that do something. */
  public static StateDict weights(Network network, long seed) {
    Random random = new Random(seed);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    network
        .stateShapes()
        .forEach(
            (name, shape) -> {
              if (name.endsWith(".num_batches_tracked")) {
                tensors.put(name, Tensor.scalar(1));
                return;
              }
              float[] values = new float[(int) Tensor.elements(shape)];
              for (int i = 0; i < values.length; i++) {
                values[i] = value(name, shape, random);
              }
              tensors.put(name, Tensor.of(values, shape));
            });
    return new StateDict(tensors);
  }

  private static float value(String name, long[] shape, Random random) {
    if (shape.length > 1) {
      double fanIn = (double) Tensor.elements(shape) / shape[0];
      return (float) (random.nextGaussian() * Math.sqrt(2 / fanIn));
    }
    if (name.endsWith(".running_var") || name.endsWith(".weight")) {
      return 0.6f + 0.8f * random.nextFloat();
    }
    return (float) (0.1 * random.nextGaussian());
  }

  /** Smooth images with some noise: {@code uint8 [n, size, size, 3]}. */
  public static Tensor images(int n, int size, long seed) {
    Random random = new Random(seed);
    ByteBuffer pixels = ByteBuffer.allocateDirect(n * size * size * 3);
    for (int image = 0; image < n; image++) {
      double fx = 0.02 + 0.3 * random.nextDouble();
      double fy = 0.02 + 0.3 * random.nextDouble();
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          for (int c = 0; c < 3; c++) {
            double wave = 60 * Math.sin(fx * x + c) + 60 * Math.cos(fy * y - c);
            pixels.put((byte) (128 + wave + random.nextInt(16) - 8));
          }
        }
      }
    }
    return Tensor.of(DType.UINT8, new long[] {n, size, size, 3}, pixels.flip());
  }

  /** A writer of an int8 program of random weights, the first block's first layer in float32. */
  public static ProgramWriter int8(Network network, long seed, Int8Operators operators, int size)
      throws IOException {
    FoldedNetwork folded =
        FoldedNetwork.of(network, weights(network, seed), Normalization.IMAGENET);
    Tensor images = images(2, size, seed + 1);
    QuantizedNetwork quantized =
        Int8ProgramTest.quantized(folded, operators, images, size).withFloat(folded, Set.of(2));
    return out ->
        Int8Program.write(
            quantized, operators, new InputShape(size, ProgramLoader.TYPICAL_BATCH), out);
  }

  /** Writes and loads a program. */
  public static LoadedProgram load(Writer writer, LoadedProgram.Mode mode) throws IOException {
    Path file = Files.createTempFile("octavo-test-", ".pt");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
        writer.writeTo(out);
      }
      return LoadedProgram.load(file, mode);
    } finally {
      Files.delete(file);
    }
  }

  /** The logits of a program, {@code [n * classes]}. */
  public static float[] logits(InferenceProgram program, Tensor images) {
    return program.forward(images).toFloats();
  }

  /** Has a {@link CalibrationProgram} observe all images of a batch. */
  static void observe(LoadedProgram program, Tensor images, int batch) {
    program.run(
        "observe", images, Tensor.of(new float[] {batch}, 1), Tensor.of(new float[] {1}, 1));
  }
}
