package dev.octavo.score;

import com.sun.management.GarbageCollectionNotificationInfo;
import dev.octavo.metrics.Quantiles;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/** Looks again and again at how much memory the driver and its executors hold. */
final class MemorySampler implements AutoCloseable {
  private static final double MEBIBYTE = 1 << 20;

  /** The part of a run in which executors still grow: models are loaded, buffers made. */
  private static final double WARM_UP = 0.1;

  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final Map<Long, List<Double>> executors = new TreeMap<>();
  private final AtomicLong liveHeap = new AtomicLong();
  private long driver;
  private long heap;

  /** Begins. */
  MemorySampler(Duration interval) {
    Set<String> heapPools =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getName)
            .collect(Collectors.toSet());
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      ((NotificationEmitter) collector)
          .addNotificationListener(
              (notification, handback) ->
                  collected(
                      GarbageCollectionNotificationInfo.from(
                          (CompositeData) notification.getUserData()),
                      heapPools),
              n ->
                  n.getType()
                      .equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION),
              null);
    }
    var unused =
        thread.scheduleAtFixedRate(this::sample, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void collected(GarbageCollectionNotificationInfo info, Set<String> heapPools) {
    long left =
        info.getGcInfo().getMemoryUsageAfterGc().entrySet().stream()
            .filter(pool -> heapPools.contains(pool.getKey()))
            .mapToLong(pool -> pool.getValue().getUsed())
            .sum();
    liveHeap.accumulateAndGet(left, Math::max);
  }

  private synchronized void sample() {
    driver = Math.max(driver, Processes.residentBytes(Processes.driver()));
    heap = Math.max(heap, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    for (long executor : Processes.executors()) {
      long resident = Processes.residentBytes(executor);
      if (resident > 0) {
        executors.computeIfAbsent(executor, pid -> new ArrayList<>()).add((double) resident);
      }
    }
  }

  /** What was seen, in words. */
  synchronized String report() {
    StringBuilder text = new StringBuilder();
    executors.forEach((pid, samples) -> text.append(executor(pid, samples)));
    return text.append(
            String.format(
                Locale.ROOT,
                "driver: peak resident %.0f MiB, peak heap %.0f MiB, most left by a collection %.0f"
                    + " MiB, -Xmx %.0f MiB%n",
                driver / MEBIBYTE,
                heap / MEBIBYTE,
                liveHeap.get() / MEBIBYTE,
                Runtime.getRuntime().maxMemory() / MEBIBYTE))
        .toString();
  }

  private static String executor(long pid, List<Double> samples) {
    List<Double> warm = samples.subList((int) (samples.size() * WARM_UP), samples.size());
    int quarter = Math.max(1, warm.size() / 4);
    Quantiles all = quantiles(warm);
    return String.format(
        Locale.ROOT,
        "executor %d: resident min %.0f, median %.0f, max %.0f MiB over %d samples after the first"
            + " tenth; median of the first quarter %.0f, of the last %.0f MiB%n",
        pid,
        all.at(0) / MEBIBYTE,
        all.median() / MEBIBYTE,
        all.at(1) / MEBIBYTE,
        warm.size(),
        quantiles(warm.subList(0, quarter)).median() / MEBIBYTE,
        quantiles(warm.subList(warm.size() - quarter, warm.size())).median() / MEBIBYTE);
  }

  private static Quantiles quantiles(List<Double> values) {
    return Quantiles.of(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** Ends. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
