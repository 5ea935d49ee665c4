package dev.octavo.inference;

import dev.octavo.artifact.InputFiles;
import dev.octavo.artifact.ReadFailure;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.UndecodableImageException;
import dev.octavo.inference.ImageItem.Bytes;
import dev.octavo.inference.ImageItem.Failed;
import dev.octavo.inference.ImageItem.FileRef;
import dev.octavo.inference.ImageItem.Loaded;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * Hands out examples with their images loaded, in order. Files are read ahead of being asked for,
 * within a bound on files and on bytes. As long as no file comes, nothing is drawn ahead: Spark's
 * iterators must be drawn from the task's own thread, and rows hold their images in memory.
 */
final class ReadAhead<K> implements AutoCloseable {
  /** Enough to have a remote store answer several requests at once; they mostly wait. */
  private static final int READERS = 4;

  private static final int MAX_FILES_AHEAD = 64;
  private static final long MAX_BYTES_AHEAD = 32L << 20;

  private final DecodeLimits limits;
  private final Configuration conf;
  private final Deque<Pending<K>> pending = new ArrayDeque<>();
  private ExecutorService readers;
  private long bytesAhead;
  private long waitNanos;

  private record Pending<K>(Example<K> example, Future<Loaded> image) {}

  ReadAhead(DecodeLimits limits, Configuration conf) {
    this.limits = limits;
    this.conf = conf;
  }

  /** Takes the next examples, at most {@code count}; none at the end. */
  void take(Iterator<Example<K>> examples, int count, BiConsumer<Example<K>, Loaded> taken) {
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      draw(examples);
      Pending<K> next = pending.poll();
      if (next == null) {
        break;
      }
      bytesAhead -= next.example().image().length();
      taken.accept(next.example(), await(next.image()));
    }
    if (readers != null) {
      draw(examples);
    }
    waitNanos += System.nanoTime() - start;
  }

  /** Time that {@link #take} took. */
  long waitNanos() {
    return waitNanos;
  }

  private void draw(Iterator<Example<K>> examples) {
    while (pending.size() < MAX_FILES_AHEAD
        && (pending.isEmpty() || (readers != null && bytesAhead < MAX_BYTES_AHEAD))
        && examples.hasNext()) {
      Example<K> example = examples.next();
      pending.add(new Pending<>(example, start(example.image())));
      bytesAhead += example.image().length();
    }
  }

  private Future<Loaded> start(ImageItem image) {
    if (image instanceof Loaded loaded) {
      return CompletableFuture.completedFuture(loaded);
    }
    FileRef file = (FileRef) image;
    try {
      limits.checkBytes(file.length());
    } catch (UndecodableImageException e) {
      return CompletableFuture.completedFuture(
          new Failed(e.reason().label() + ": " + e.getMessage()));
    }
    if (readers == null) {
      readers =
          Executors.newFixedThreadPool(
              READERS,
              task -> {
                Thread thread = new Thread(task, "octavo-read");
                thread.setDaemon(true);
                return thread;
              });
    }
    return readers.submit(() -> read(file));
  }

  private Loaded read(FileRef file) {
    Path path = new Path(URI.create(file.uri()));
    try (FSDataInputStream in = InputFiles.open(path.getFileSystem(conf), path)) {
      byte[] bytes = new byte[(int) file.length()];
      in.readFully(bytes);
      return in.read() < 0
          ? new Bytes(bytes)
          : new Failed("unreadable: the file grew since it was listed");
    } catch (EOFException e) {
      return new Failed("unreadable: the file shrank since it was listed");
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      return new Failed("unreadable: " + ReadFailure.reason(path, e));
    }
  }

  private static Loaded await(Future<Loaded> image) {
    try {
      return image.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a file", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("reading failed", e.getCause());
    }
  }

  /** Stops reading ahead. */
  @Override
  public void close() {
    if (readers != null) {
      readers.shutdownNow();
    }
  }
}
