package dev.octavo.score;

import dev.octavo.artifact.FileTree;
import dev.octavo.artifact.ReadFailure;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.inference.Content;
import dev.octavo.inference.Input;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * Hands out inputs with their bytes, in order, and reads files ahead of being asked, within a bound
 * on files and on bytes. Rows that carry their bytes are passed on as they come: Spark's iterators
 * must be drawn from the task's own thread.
 */
final class InputReader implements AutoCloseable {
  /** Enough to have a remote store answer several requests at once; they mostly wait. */
  private static final int READERS = 4;

  private static final int MAX_FILES_AHEAD = 64;
  private static final long MAX_BYTES_AHEAD = 32L << 20;

  private final Iterator<Input> inputs;
  private final DecodeLimits limits;
  private final Configuration conf;
  private final Deque<Pending> pending = new ArrayDeque<>();
  private ExecutorService readers;
  private long bytesAhead;
  private long waitNanos;

  private record Pending(long length, Future<Content> content) {}

  InputReader(Iterator<Input> inputs, DecodeLimits limits, Configuration conf) {
    this.inputs = inputs;
    this.limits = limits;
    this.conf = conf;
  }

  /** The next inputs, at most {@code count}; none at the end. */
  List<Content> take(int count) {
    long start = System.nanoTime();
    List<Content> taken = new ArrayList<>(count);
    while (taken.size() < count) {
      readAhead();
      Pending next = pending.poll();
      if (next == null) {
        break;
      }
      bytesAhead -= next.length();
      taken.add(await(next.content()));
    }
    readAhead();
    waitNanos += System.nanoTime() - start;
    return taken;
  }

  /** Time that {@link #take} took. */
  long waitNanos() {
    return waitNanos;
  }

  private void readAhead() {
    while (pending.size() < MAX_FILES_AHEAD
        && (pending.isEmpty() || bytesAhead < MAX_BYTES_AHEAD)
        && inputs.hasNext()) {
      Input input = inputs.next();
      pending.add(new Pending(input.length(), start(input)));
      bytesAhead += input.length();
      if (input.content() != null) {
        return; // Rows are not read ahead: what comes before them keeps its order, no more.
      }
    }
  }

  private Future<Content> start(Input input) {
    if (input.length() > limits.maxBytes()) {
      return CompletableFuture.completedFuture(
          Content.failure(
              input,
              "too-many-bytes: %d bytes exceed the limit of %d"
                  .formatted(input.length(), limits.maxBytes())));
    }
    if (input.content() != null) {
      return CompletableFuture.completedFuture(Content.of(input, input.content()));
    }
    if (input.uri() == null) {
      return CompletableFuture.completedFuture(
          Content.failure(input, "unreadable: the image is NULL"));
    }
    if (input.length() < 0) {
      return CompletableFuture.completedFuture(
          Content.failure(input, "unreadable: " + FileTree.Problem.of(input.length()).text()));
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
    return readers.submit(() -> read(input));
  }

  private Content read(Input input) {
    Path path = new Path(URI.create(input.uri()));
    try (FSDataInputStream in = path.getFileSystem(conf).open(path)) {
      byte[] bytes = new byte[(int) input.length()];
      in.readFully(bytes);
      return in.read() < 0
          ? Content.of(input, bytes)
          : Content.failure(input, "unreadable: the file grew since it was listed");
    } catch (EOFException e) {
      return Content.failure(input, "unreadable: the file shrank since it was listed");
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      return Content.failure(input, "unreadable: " + ReadFailure.reason(path, e));
    }
  }

  private static Content await(Future<Content> content) {
    try {
      return content.get();
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
