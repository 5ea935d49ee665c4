package dev.octavo.train;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Workers that are threads of one JVM; adds up in the order of their ranks. */
final class RankOrderReducer {
  private final double[][] terms;
  private final CyclicBarrier arrived;
  private final CyclicBarrier read;

  RankOrderReducer(int workers) {
    terms = new double[workers][];
    arrived = new CyclicBarrier(workers);
    read = new CyclicBarrier(workers);
  }

  Reducer worker(int rank) {
    return own -> {
      terms[rank] = own;
      await(arrived);
      double[] sums = new double[own.length];
      for (double[] part : terms) {
        for (int i = 0; i < sums.length; i++) {
          sums[i] += part[i];
        }
      }
      await(read);
      return sums;
    };
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(2, TimeUnit.MINUTES);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException("another worker failed or hangs", e);
    }
  }
}
