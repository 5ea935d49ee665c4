package dev.octavo.score;

import dev.octavo.image.DecodeLimits;
import dev.octavo.image.ImageDecoder;
import dev.octavo.image.Preprocess;
import dev.octavo.image.RgbImage;
import dev.octavo.image.UndecodableImageException;
import dev.octavo.weights.DType;
import dev.octavo.weights.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * The pixels of the images that go through the models together: a direct buffer per image size,
 * {@code uint8 [capacity, size, size, 3]}, filled by decoding on a fixed number of threads and used
 * again for the next batch. Each image is decoded once and resampled for each size. Used by one
 * task at a time.
 */
final class Batch implements AutoCloseable {
  private final int capacity;
  private final DecodeLimits limits;
  private final Map<Integer, ByteBuffer> pixels = new TreeMap<>();
  private final List<Map<Integer, Preprocess>> preprocessOfThread = new ArrayList<>();
  private final List<Input> inputs = new ArrayList<>();
  private final ExecutorService helpers;

  /**
   * An empty batch.
   *
   * @param threads that decode, the caller's among them
   */
  Batch(int capacity, SortedSet<Integer> imageSizes, int threads, DecodeLimits limits) {
    this.capacity = capacity;
    this.limits = limits;
    for (int size : imageSizes) {
      pixels.put(size, ByteBuffer.allocateDirect(Math.multiplyExact(capacity, bytes(size))));
    }
    for (int thread = 0; thread < threads; thread++) {
      Map<Integer, Preprocess> preprocess = new TreeMap<>();
      imageSizes.forEach(size -> preprocess.put(size, Preprocess.evaluation(size)));
      preprocessOfThread.add(preprocess);
    }
    this.helpers =
        threads == 1
            ? null
            : Executors.newFixedThreadPool(
                threads - 1,
                task -> {
                  Thread thread = new Thread(task, "octavo-decode");
                  thread.setDaemon(true);
                  return thread;
                });
  }

  private static int bytes(int imageSize) {
    return 3 * imageSize * imageSize;
  }

  /** Empties the batch. */
  void clear() {
    inputs.clear();
  }

  /** Images that still fit. */
  int room() {
    return capacity - inputs.size();
  }

  /** What is in the batch, in the order of its rows. */
  List<Input> inputs() {
    return inputs;
  }

  /** {@code uint8 [N, size, size, 3]}: the images so far, valid until {@link #clear}. */
  Tensor pixels(int imageSize) {
    int images = inputs.size();
    ByteBuffer filled = pixels.get(imageSize).slice(0, images * bytes(imageSize));
    return Tensor.of(DType.UINT8, new long[] {images, imageSize, imageSize, 3}, filled);
  }

  /**
   * Decodes files into the batch; those that can't be decoded take no place in it.
   *
   * @param contents at most {@link #room}
   * @param failed is told each input that has no pixels, and why
   */
  void add(List<Content> contents, BiConsumer<Input, String> failed) {
    int first = inputs.size();
    String[] errors = new String[contents.size()];
    onAllThreads(
        contents.size(),
        (thread, i) ->
            errors[i] = decode(contents.get(i), first + i, preprocessOfThread.get(thread)));
    for (int i = 0; i < errors.length; i++) {
      if (errors[i] != null) {
        failed.accept(contents.get(i).input(), errors[i]);
        continue;
      }
      move(first + i, inputs.size());
      inputs.add(contents.get(i).input());
    }
  }

  /** Decodes into a row of each buffer; returns null or why it can't be done. */
  private String decode(Content content, int row, Map<Integer, Preprocess> preprocess) {
    if (content.error() != null) {
      return content.error();
    }
    try {
      RgbImage image = ImageDecoder.decode(content.bytes(), limits);
      preprocess.forEach(
          (size, p) -> p.apply(image, pixels.get(size).duplicate().position(row * bytes(size))));
      return null;
    } catch (UndecodableImageException e) {
      return e.reason().label() + ": " + e.getMessage();
    } catch (RuntimeException e) {
      // A decoder that stumbles over one file must not take the other files of the task with it.
      return "decoder-failure: " + e;
    }
  }

  private void move(int from, int to) {
    if (from != to) {
      pixels.forEach(
          (size, buffer) -> buffer.put(to * bytes(size), buffer, from * bytes(size), bytes(size)));
    }
  }

  @FunctionalInterface
  private interface Step {
    void run(int thread, int index);
  }

  /** Runs the steps 0 to n − 1, each on whichever thread is free; the caller works too. */
  private void onAllThreads(int n, Step step) {
    AtomicInteger next = new AtomicInteger();
    List<Future<?>> running = new ArrayList<>();
    for (int t = 1; t < Math.min(preprocessOfThread.size(), n); t++) {
      int thread = t;
      running.add(helpers.submit(() -> drain(next, n, thread, step)));
    }
    drain(next, n, 0, step);
    for (Future<?> helper : running) {
      try {
        helper.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while decoding", e);
      } catch (ExecutionException e) {
        throw new IllegalStateException("decoding failed", e.getCause());
      }
    }
  }

  private static void drain(AtomicInteger next, int n, int thread, Step step) {
    for (int i = next.getAndIncrement(); i < n; i = next.getAndIncrement()) {
      step.run(thread, i);
    }
  }

  /** Ends the helper threads. */
  @Override
  public void close() {
    if (helpers != null) {
      helpers.shutdownNow();
    }
  }
}
