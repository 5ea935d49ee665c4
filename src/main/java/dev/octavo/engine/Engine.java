package dev.octavo.engine;

import dev.octavo.NativeCache;

/**
 * libtorch in this JVM. Thread counts are fixed by the first {@link #start}: libtorch reads them
 * once.
 */
public final class Engine {
  static final String NAME = "PyTorch";
  private static final String THREADS = "ai.djl.pytorch.num_threads";
  private static final String INTEROP_THREADS = "ai.djl.pytorch.num_interop_threads";

  private static boolean started;

  private Engine() {}

  /** Starts libtorch with one thread per core that this JVM sees, unless it runs already. */
  public static void start() {
    start(Runtime.getRuntime().availableProcessors());
  }

  /**
   * Starts libtorch, unless it runs already: then it keeps its threads, as {@link #threads()}
   * tells.
   *
   * @param threads that one operation uses; callers × threads must not exceed the cores
   * @throws dev.octavo.OctavoException if oneDNN would compute wrong results on this machine
   */
  public static synchronized void start(int threads) {
    if (started) {
      return;
    }
    CacheTopology.check();
    NativeCache.require();
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty(THREADS, String.valueOf(threads));
    System.setProperty(INTEROP_THREADS, "1");
    // Programs are fused already; the profiling executor would re-compile them for every new shape.
    System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
    ai.djl.engine.Engine.getEngine(NAME);
    started = true;
  }

  /** Threads that one operation uses. */
  public static int threads() {
    start();
    return Integer.getInteger(THREADS);
  }

  /** The version of libtorch, as in {@code 2.7.1}. */
  public static String version() {
    start();
    return ai.djl.engine.Engine.getEngine(NAME).getVersion();
  }
}
