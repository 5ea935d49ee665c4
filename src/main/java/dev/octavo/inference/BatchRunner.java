package dev.octavo.inference;

import dev.octavo.OctavoException;
import dev.octavo.inference.ImageItem.Loaded;
import dev.octavo.spark.JvmResource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/**
 * A task's share of the JVM's models: turns images into predictions, one batch after the other.
 * Each image is read and decoded once, for all models.
 *
 * <p>Its methods exclude each other: where a Python function follows, another thread draws the
 * predictions, and a task may end while that thread is at it.
 *
 * @param <K> the caller's name for an example
 */
public final class BatchRunner<K> implements AutoCloseable {
  private final InferencePlan plan;
  private final Function<? super K, String> description;
  private final JvmResource.Lease<ModelSet> lease;
  private final Batch batch;
  private final ReadAhead<K> reader;
  private final long[] inferNanos;
  private long decodeNanos;
  private long bytes;

  /** Set once no thread can still be writing to the batch: a task can be interrupted anywhere. */
  private boolean atRest = true;

  private boolean closed;

  /**
   * Borrows the models; the caller closes this.
   *
   * @param threads that decode, and that libtorch uses (which the first call in a JVM decides)
   * @param description of an example, for messages
   */
  public BatchRunner(InferencePlan plan, int threads, Function<? super K, String> description) {
    this.plan = plan;
    this.description = description;
    lease = ModelSet.borrow(plan, threads);
    batch = borrowBatch(lease);
    reader = new ReadAhead<>(plan.models().limits(), plan.conf().value());
    inferNanos = new long[models().size()];
  }

  private static Batch borrowBatch(JvmResource.Lease<ModelSet> lease) {
    try {
      return lease.resource().borrowBatch();
    } catch (RuntimeException | OutOfMemoryError e) {
      lease.close();
      throw e;
    }
  }

  /**
   * A runner that gives the models back when the task ends, at the latest. Tasks × threads is what
   * the executor has in cores: Spark sees to the first, this to the other.
   */
  public static <K> BatchRunner<K> of(
      TaskContext task, InferencePlan plan, Function<? super K, String> description) {
    BatchRunner<K> runner = new BatchRunner<>(plan, task.cpus(), description);
    // Named, because Spark has the same method for Scala's functions.
    TaskCompletionListener listener = context -> runner.close();
    task.addTaskCompletionListener(listener);
    return runner;
  }

  /**
   * Predicts the next examples, as many as fill a batch. Files that follow are read ahead: their
   * predictions come with a later call.
   *
   * @return a prediction of every model for each example; none when there are no more examples
   * @throws OctavoException if too many files take too long to decode
   */
  public synchronized Predicted<K> predict(Iterator<Example<K>> examples) {
    if (closed) {
      throw new IllegalStateException("the task has ended");
    }
    atRest = false;
    batch.clear();
    List<K> keys = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    boolean more = true;
    // Files that can't be decoded leave room, which the next ones take: all batches but the last
    // are full.
    while (more && batch.room() > 0) {
      more = fill(examples, keys, labels);
    }
    List<List<Prediction>> byModel = new ArrayList<>();
    for (int m = 0; m < inferNanos.length; m++) {
      long start = System.nanoTime();
      byModel.add(models().get(m).predict(batch, labels, plan.outputs()));
      inferNanos[m] += System.nanoTime() - start;
    }
    atRest = true;
    return new Predicted<>(keys, byModel);
  }

  /** Decodes what there is room for; returns whether there may be more. */
  private boolean fill(Iterator<Example<K>> examples, List<K> keys, List<String> labels) {
    List<Loaded> images = new ArrayList<>(batch.room());
    reader.take(
        examples,
        batch.room(),
        (example, image) -> {
          keys.add(example.key());
          labels.add(example.label());
          bytes += example.image().length();
          images.add(image);
        });
    long start = System.nanoTime();
    try {
      batch.add(images);
    } catch (DecodePool.ExhaustedException e) {
      throw new OctavoException(tooManyLate(keys.get(batch.size() + e.index())), e);
    }
    decodeNanos += System.nanoTime() - start;
    return !images.isEmpty();
  }

  private String tooManyLate(K key) {
    return "decoding %s takes longer than the limit of %.3f s, as %d files before it do still: leave these files out, or raise --max-decode-seconds"
        .formatted(
            description.apply(key),
            plan.models().decodeTime().toNanos() / 1e9,
            DecodePool.MAX_ABANDONED);
  }

  /** The models, in the order of the plan. */
  public List<ScoringModel> models() {
    return lease.resource().models();
  }

  /** Threads of one task. */
  public int threads() {
    return lease.resource().threads();
  }

  /** Size of the files and pixels so far. */
  public long bytes() {
    return bytes;
  }

  /** Time without an image at hand. */
  public long waitNanos() {
    return reader.waitNanos();
  }

  /** Time spent decoding. */
  public long decodeNanos() {
    return decodeNanos;
  }

  /** Time spent in a model. */
  public long inferNanos(int model) {
    return inferNanos[model];
  }

  /** Stops reading ahead and gives the models back; a second call does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    reader.close();
    if (atRest) {
      lease.resource().giveBack(batch);
    } else {
      batch.close();
    }
    lease.close();
  }
}
