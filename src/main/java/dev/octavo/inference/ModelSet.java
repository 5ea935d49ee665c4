package dev.octavo.inference;

import dev.octavo.bundle.ModelBundle;
import dev.octavo.engine.Engine;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.spark.JvmResource;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The models of a run, loaded and warm, with the buffers that its tasks use one after the other:
 * one set per executor JVM, shared by its tasks. A JVM keeps the sets that were used last, so that
 * a query that uses several doesn't load them again and again.
 */
public final class ModelSet implements AutoCloseable {
  /**
   * Sets that a JVM keeps. A job has one; a query may have a few, in turns: classifiers one after
   * the other, a function in SQL beside them.
   */
  private static final int KEPT = 4;

  private static final JvmResource<Key, ModelSet> OF_THIS_JVM =
      new JvmResource<>(KEPT, ModelSet::new);

  private final Key key;
  private final List<ScoringModel> models = new ArrayList<>();
  private final Queue<Batch> idleBatches = new ConcurrentLinkedQueue<>();

  /**
   * The models, and the batches that they are for.
   *
   * @param threads of one task: for decoding, and for libtorch
   * @param method of the programs, for warming them up
   * @param conf how to reach the bundles; no part of the identity
   */
  private record Key(
      List<ModelSpec> specs,
      int batchSize,
      int threads,
      String method,
      DecodeLimits limits,
      Duration decodeTime,
      SerializableConfiguration conf) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key that
          && specs.equals(that.specs)
          && batchSize == that.batchSize
          && threads == that.threads
          && method.equals(that.method)
          && limits.equals(that.limits)
          && decodeTime.equals(that.decodeTime);
    }

    @Override
    public int hashCode() {
      return Objects.hash(specs, batchSize, threads, method, limits, decodeTime);
    }
  }

  /**
   * Borrows this JVM's models, loading them if it doesn't have them.
   *
   * @param threads that decode, and that libtorch uses (which the first call in a JVM decides)
   */
  public static JvmResource.Lease<ModelSet> borrow(InferencePlan plan, int threads) {
    return OF_THIS_JVM.acquire(
        new Key(
            plan.specs(),
            plan.batchSize(),
            threads,
            ScoringModel.method(plan.outputs()),
            plan.limits(),
            plan.decodeTime(),
            plan.conf()));
  }

  private ModelSet(Key key) {
    this.key = key;
    Engine.start(key.threads());
    try {
      DecoderWarmUp.run();
      for (ModelSpec spec : key.specs()) {
        models.add(load(spec));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private ScoringModel load(ModelSpec spec) {
    long start = System.nanoTime();
    ModelBundle bundle;
    LoadedProgram program;
    try {
      bundle = ModelBundle.open(key.conf().value(), new Path(spec.path()));
      program = bundle.load(key.conf().value(), spec.precision(), spec.cpu(), key.batchSize());
    } catch (IOException e) {
      throw new UncheckedIOException("can't load the model " + spec.path(), e);
    }
    // The first call builds oneDNN's kernels for the shape; the second shows that they are kept.
    int size = bundle.imageSize();
    ByteBuffer black = ByteBuffer.allocateDirect(key.batchSize() * size * size * 3);
    Tensor pixels = Tensor.of(DType.UINT8, new long[] {key.batchSize(), size, size, 3}, black);
    program.run(key.method(), pixels);
    program.run(key.method(), pixels);
    return new ScoringModel(spec, bundle.classes(), size, program, System.nanoTime() - start);
  }

  /** In the order of the plan. */
  public List<ScoringModel> models() {
    return models;
  }

  /** Threads of one task. */
  public int threads() {
    return key.threads();
  }

  /** An empty batch for one task, to be given back. */
  public Batch borrowBatch() {
    Batch batch = idleBatches.poll();
    if (batch == null) {
      SortedSet<Integer> sizes =
          models.stream()
              .map(ScoringModel::imageSize)
              .collect(Collectors.toCollection(TreeSet::new));
      batch = new Batch(key.batchSize(), sizes, key.threads(), key.limits(), key.decodeTime());
    }
    batch.clear();
    return batch;
  }

  /** Takes a batch back, for the next task. */
  public void giveBack(Batch batch) {
    idleBatches.add(batch);
  }

  /** Frees the programs and ends the threads. */
  @Override
  public void close() {
    models.forEach(ScoringModel::close);
    idleBatches.forEach(Batch::close);
  }
}
