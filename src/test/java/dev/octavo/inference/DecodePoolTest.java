package dev.octavo.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class DecodePoolTest {
  private static final Duration LIMIT = Duration.ofMillis(10);

  /** Scratch memory that needs none. */
  private static final class Scratch implements AutoCloseable {
    @Override
    public void close() {}
  }

  @Test
  void givesUpOnlyAFewStepsThatDontEnd() throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(DecodePool.MAX_ABANDONED + 1);
    try (DecodePool<Scratch> pool = new DecodePool<>(2, LIMIT, Scratch::new)) {
      assertThat(pool.run(DecodePool.MAX_ABANDONED, (s, i) -> waitFor(end, ended)).cardinality())
          .isEqualTo(DecodePool.MAX_ABANDONED);
      assertThat(pool.run(3, (s, i) -> {}).isEmpty()).isTrue();
      assertThatThrownBy(() -> pool.run(1, (s, i) -> waitFor(end, ended)))
          .isInstanceOf(DecodePool.ExhaustedException.class)
          .hasMessage("step 0 can't be given up: 4 others still run");
      end.countDown();
      ended.await();
    }
  }

  private static void waitFor(CountDownLatch end, CountDownLatch ended) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }
}
