package dev.octavo.inference;

import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.OnnxFile;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.engine.Engine;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.image.Preprocessing;
import dev.octavo.spark.JvmResource;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

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

  /** The first builds oneDNN's kernels for the shape; the second shows that they are kept. */
  private static final int WARM_UP_CALLS = 2;

  private static final JvmResource<Key, ModelSet> OF_THIS_JVM = new JvmResource<>(KEPT);

  private final Key key;
  private final List<ScoringModel> models = new ArrayList<>();
  private final Queue<Batch> idleBatches = new ConcurrentLinkedQueue<>();

  /**
   * A set as its tasks ask for it. How to reach the bundles is no part of it.
   *
   * @param threads of one task: for decoding, and for libtorch
   * @param embeddings whether the programs are warm for embedding rather than for logits alone
   */
  private record Key(ModelSetSpec spec, int threads, boolean embeddings) {}

  /**
   * Borrows this JVM's models, loading them if it doesn't have them.
   *
   * @param threads that decode, and that libtorch uses (which the first call in a JVM decides)
   */
  public static JvmResource.Lease<ModelSet> borrow(InferencePlan plan, int threads) {
    return OF_THIS_JVM.acquire(
        new Key(plan.models(), threads, plan.outputs().embeddings()),
        key -> new ModelSet(key, plan.conf().value()));
  }

  private ModelSet(Key key, Configuration conf) {
    this.key = key;
    Engine.start(key.threads());
    try {
      DecoderWarmUp.run();
      for (ModelSpec model : spec().specs()) {
        models.add(load(model, conf));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private ModelSetSpec spec() {
    return key.spec();
  }

  private ScoringModel load(ModelSpec spec, Configuration conf) {
    try {
      return spec.run() instanceof ModelSpec.Onnx onnx
          ? loadOnnx(spec, onnx, conf)
          : loadBundle(spec, (ModelSpec.Program) spec.run(), conf);
    } catch (IOException e) {
      throw new UncheckedIOException("can't load the model " + spec.path(), e);
    }
  }

  private ScoringModel loadBundle(ModelSpec spec, ModelSpec.Program run, Configuration conf)
      throws IOException {
    long start = System.nanoTime();
    ModelBundle bundle = ModelBundle.open(conf, new Path(spec.path()));
    InferenceProgram program =
        new ProgramLoader(bundle, conf, run.cpu()).load(run.precision(), spec().batchSize());
    warmUp(program, bundle.imageSize());
    return new ScoringModel(
        spec,
        bundle.classes(),
        bundle.preprocessing(),
        bundle.temperature(),
        program,
        System.nanoTime() - start);
  }

  private ScoringModel loadOnnx(ModelSpec spec, ModelSpec.Onnx run, Configuration conf)
      throws IOException {
    long start = System.nanoTime();
    Preprocessing preprocessing = run.preprocessing();
    InferenceProgram program =
        OnnxFile.open(conf, new Path(spec.path()))
            .load(
                conf,
                OptionalInt.of(run.classes().size()),
                preprocessing.normalization(),
                key.threads());
    try {
      warmUp(program, preprocessing.cropSize());
    } catch (RuntimeException e) { // it takes no such images, or gives no such logits
      program.close();
      throw e;
    }
    return new ScoringModel(
        spec, run.classes(), preprocessing, run.temperature(), program, System.nanoTime() - start);
  }

  private void warmUp(InferenceProgram program, int size) {
    ByteBuffer black = ByteBuffer.allocateDirect(spec().batchSize() * size * size * 3);
    Tensor pixels = Tensor.of(DType.UINT8, new long[] {spec().batchSize(), size, size, 3}, black);
    for (int call = 0; call < WARM_UP_CALLS; call++) {
      if (key.embeddings()) {
        program.embed(pixels);
      } else {
        program.forward(pixels);
      }
    }
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
  Batch borrowBatch() {
    Batch batch = idleBatches.poll();
    if (batch == null) {
      Set<Preprocessing> rules =
          models.stream()
              .map(ScoringModel::preprocessing)
              .collect(Collectors.toCollection(LinkedHashSet::new));
      batch =
          new Batch(spec().batchSize(), rules, key.threads(), spec().limits(), spec().decodeTime());
    }
    batch.clear();
    return batch;
  }

  /** Takes a batch back, for the next task. */
  void giveBack(Batch batch) {
    idleBatches.add(batch);
  }

  /** Frees the programs and ends the threads. */
  @Override
  public void close() {
    models.forEach(ScoringModel::close);
    idleBatches.forEach(Batch::close);
  }
}
