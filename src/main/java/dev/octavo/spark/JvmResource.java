package dev.octavo.spark;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Resources that the tasks of one executor JVM share, such as models in native memory: each opened
 * by the first task that needs it and kept from task to task, until as many others as are kept were
 * asked for since. Several are kept because one query may use several in turns, as one with two
 * classifiers does. Meant to be held in a static field.
 *
 * <p>A task borrows a resource with {@link #acquire} and gives it back by closing the {@link
 * Lease}. A replaced resource is closed when its last lease is: never under a task that still works
 * with it. Nothing is bound to threads, so a task may hand its lease to threads of its own, as long
 * as the resource itself allows that.
 *
 * @param <K> says which resource; compared with {@code equals}
 * @param <R> the resource
 */
public final class JvmResource<K, R extends AutoCloseable> implements AutoCloseable {
  private final int kept;

  /** The resources kept, the one asked for last at the end. */
  private final Map<K, Shared<K, R>> recent = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * A holder that has no resources yet.
   *
   * @param kept resources, at least 1
   */
  public JvmResource(int kept) {
    if (kept < 1) {
      throw new IllegalArgumentException("at least 1 resource must be kept, not " + kept);
    }
    this.kept = kept;
  }

  /**
   * Borrows the resource for {@code key}, opening it if the JVM doesn't have it. Before that, the
   * one that nobody asked for the longest makes room. Tasks that come while a resource is being
   * opened wait; if opening fails, the next task tries again.
   *
   * @param opener opens the resource of a key
   */
  public synchronized Lease<R> acquire(K key, Function<? super K, ? extends R> opener) {
    Shared<K, R> shared = recent.get(key);
    if (shared == null) {
      letGo(kept - 1);
      shared = new Shared<>(key, opener.apply(key));
      recent.put(key, shared);
    }
    return new Lease<>(shared);
  }

  /** Lets go of all resources, each of which is closed as soon as nobody uses it. */
  @Override
  public synchronized void close() {
    letGo(0);
  }

  /** Lets go of the resources that were not asked for the longest, until that number is left. */
  private void letGo(int left) {
    Iterator<Shared<K, R>> oldestFirst = recent.values().iterator();
    while (recent.size() > left) {
      Shared<K, R> oldest = oldestFirst.next();
      oldestFirst.remove();
      oldest.release();
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
