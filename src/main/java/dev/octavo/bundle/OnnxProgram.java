package dev.octavo.bundle;

import dev.octavo.OctavoException;
import dev.octavo.bundle.OnnxInput.Layout;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.image.Normalization;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/**
 * An ONNX model that takes pixels as the programs of bundles do: it is given them in the type,
 * layout and number that it was exported for, and probabilities become logits.
 */
final class OnnxProgram implements InferenceProgram {
  private static final int CHANNELS = 3;
  private static final int LEVELS = 256;

  private final OnnxFile file;
  private final OnnxInput input;
  private final InferenceProgram model;
  private final OptionalInt classes;
  private final boolean probabilities;

  /** {@code [3, 256]}: what a float model takes for a level of a channel. */
  private final float[] normalised = new float[CHANNELS * LEVELS];

  /** The buffers of calls that are over, for those to come. */
  private final Queue<ByteBuffer> idle = new ConcurrentLinkedQueue<>();

  /** Takes over the model. */
  OnnxProgram(
      OnnxFile file, InferenceProgram model, OptionalInt classes, Normalization normalization) {
    this.file = file;
    this.input = file.input();
    this.model = model;
    this.classes = classes;
    this.probabilities = file.model().endsInSoftmax();
    for (int c = 0; c < CHANNELS; c++) {
      for (int level = 0; level < LEVELS; level++) {
        normalised[c * LEVELS + level] =
            (level / 255f - normalization.mean(c)) / normalization.std(c);
      }
    }
  }

  @Override
  public Tensor forward(Tensor images) {
    return logits(run(images, batch -> List.of(model.forward(batch))).get(0));
  }

  @Override
  public Embedding embed(Tensor images) {
    List<Tensor> outputs =
        run(
            images,
            batch -> {
              Embedding embedding = model.embed(batch);
              return List.of(embedding.logits(), embedding.features());
            });
    return new Embedding(logits(outputs.get(0)), outputs.get(1));
  }

  private Tensor logits(Tensor output) {
    long found = output.shape()[1];
    if (classes.isPresent() && found != classes.getAsInt()) {
      throw new OctavoException(
          "%s gives %d numbers an image, but %d classes are named"
              .formatted(file.path(), found, classes.getAsInt()));
    }
    if (!probabilities) {
      return output;
    }
    float[] values = output.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.log(Math.max(values[i], Float.MIN_NORMAL));
    }
    return Tensor.of(values, output.shape()[0], found);
  }

  /** The outputs for all images as {@code float32 [N, …]}, in as many calls as it takes. */
  private List<Tensor> run(Tensor images, Function<Tensor, List<Tensor>> call) {
    int count = Math.toIntExact(images.shape()[0]);
    int batch = input.batch().orElse(count);
    if (batch == count) {
      return call(images, 0, count, call);
    }
    float[][] all = null;
    for (int from = 0; from < count; from += batch) {
      List<Tensor> outputs = call(images, from, batch, call);
      if (all == null) {
        all = new float[outputs.size()][];
      }
      for (int i = 0; i < all.length; i++) {
        float[] values = outputs.get(i).toFloats();
        int width = values.length / batch;
        if (all[i] == null) {
          all[i] = new float[count * width];
        }
        System.arraycopy(values, 0, all[i], from * width, Math.min(batch, count - from) * width);
      }
    }
    return List.of(all).stream()
        .map(values -> Tensor.of(values, count, values.length / count))
        .toList();
  }

  /** One call, with black images where there are fewer than {@code batch}. */
  private List<Tensor> call(
      Tensor images, int from, int batch, Function<Tensor, List<Tensor>> call) {
    int side = Math.toIntExact(images.shape()[1]);
    int needed = batch * CHANNELS * side * side * input.dtype().bytes();
    ByteBuffer buffer = idle.poll();
    if (buffer == null || buffer.capacity() < needed) {
      buffer = ByteBuffer.allocateDirect(needed).order(ByteOrder.nativeOrder());
    }
    buffer.clear().limit(needed);
    fill(images.bytes(), from * CHANNELS * side * side, side * side, buffer);
    List<Tensor> outputs =
        call.apply(Tensor.of(input.dtype(), input.shape(batch, side), buffer)).stream()
            .map(output -> rows(output, batch))
            .toList();
    idle.add(buffer);
    return outputs;
  }

  private Tensor rows(Tensor output, int batch) {
    if (output.dtype() != DType.FLOAT32 || output.elements() % batch != 0) {
      throw new OctavoException(
          "%s gives %s for %d images, not a row of FLOAT32 for each"
              .formatted(file.path(), output, batch));
    }
    return Tensor.of(DType.FLOAT32, new long[] {batch, output.elements() / batch}, output.bytes());
  }

  /** Fills a batch with the pixels from {@code offset} on; black follows where there are none. */
  private void fill(ByteBuffer pixels, int offset, int area, ByteBuffer batch) {
    boolean floats = input.dtype() == DType.FLOAT32;
    boolean planes = input.layout() == Layout.CHANNELS_FIRST;
    int images = batch.limit() / (CHANNELS * area * input.dtype().bytes());
    byte[] image = new byte[CHANNELS * area];
    float[] reals = new float[floats ? CHANNELS * area : 0];
    byte[] codes = new byte[floats ? 0 : CHANNELS * area];
    for (int n = 0; n < images; n++) {
      int start = offset + n * image.length;
      if (start < pixels.limit()) {
        pixels.get(start, image);
      } else {
        Arrays.fill(image, (byte) 0);
      }
      for (int c = 0; c < CHANNELS; c++) {
        int to = planes ? c * area : c;
        int step = planes ? 1 : CHANNELS;
        for (int i = c; i < image.length; i += CHANNELS, to += step) {
          if (floats) {
            reals[to] = normalised[c * LEVELS + (image[i] & 0xff)];
          } else {
            codes[to] = image[i];
          }
        }
      }
      if (floats) {
        batch.asFloatBuffer().put(n * reals.length, reals);
      } else {
        batch.put(n * codes.length, codes);
      }
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
