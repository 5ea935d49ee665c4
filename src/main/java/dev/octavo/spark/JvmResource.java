package dev.octavo.spark;

import java.util.function.Function;

/**
 * A resource that the tasks of one executor JVM share, such as a model in native memory: opened by
 * the first task that needs it, kept from task to task, replaced when a task comes with another
 * key. Meant to be held in a static field.
 *
 * <p>A task borrows the resource with {@link #acquire} and gives it back by closing the {@link
 * Lease}. A replaced resource is closed when its last lease is: never under a task that still works
 * with it. Nothing is bound to threads, so a task may hand its lease to threads of its own, as long
 * as the resource itself allows that.
 *
 * @param <K> says which resource; compared with {@code equals}
 * @param <R> the resource
 */
public final class JvmResource<K, R extends AutoCloseable> implements AutoCloseable {
  private final Function<? super K, ? extends R> opener;
  private Shared<K, R> current;

  /** A holder whose resources are opened by {@code opener}, one at a time. */
  public JvmResource(Function<? super K, ? extends R> opener) {
    this.opener = opener;
  }

  /**
   * Borrows the resource for {@code key}, opening it if the JVM has none or another. Tasks that
   * come while it is being opened wait; if opening fails, the next task tries again.
   */
  public synchronized Lease<R> acquire(K key) {
    if (current == null || !current.key.equals(key)) {
      close();
      current = new Shared<>(key, opener.apply(key));
    }
    return new Lease<>(current);
  }

  /** Lets go of the resource, which is closed as soon as nobody uses it. */
  @Override
  public synchronized void close() {
    if (current != null) {
      Shared<K, R> old = current;
      current = null;
      old.release();
    }
  }

  /** Counts who uses a resource: the holder itself and each lease. */
  private static final class Shared<K, R extends AutoCloseable> {
    private final K key;
    private final R resource;
    private int users = 1;

    Shared(K key, R resource) {
      this.key = key;
      this.resource = resource;
    }

    synchronized void retain() {
      users++;
    }

    synchronized void release() {
      if (--users == 0) {
        try {
          resource.close();
        } catch (Exception e) {
          throw new IllegalStateException("could not close the resource of " + key, e);
        }
      }
    }
  }

  /**
   * The right to use the resource until {@link #close}.
   *
   * @param <R> the resource
   */
  public static final class Lease<R extends AutoCloseable> implements AutoCloseable {
    private Shared<?, R> shared;
    private final R resource;

    private Lease(Shared<?, R> shared) {
      shared.retain();
      this.shared = shared;
      this.resource = shared.resource;
    }

    /** The resource; don't close it. */
    public R resource() {
      return resource;
    }

    /** Gives the resource back; a second call does nothing. */
    @Override
    public synchronized void close() {
      if (shared != null) {
        Shared<?, R> returned = shared;
        shared = null;
        returned.release();
      }
    }
  }
}
