package dev.octavo.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JvmResourceTest {
  private final List<String> log = new ArrayList<>();
  private final JvmResource<String, AutoCloseable> holder = new JvmResource<>(1);

  private AutoCloseable open(String key) {
    if (key.isEmpty()) {
      throw new IllegalArgumentException("no key");
    }
    log.add("open " + key);
    return () -> log.add("close " + key);
  }

  @Test
  void opensOnceAndKeepsTheResourceBetweenTasks() {
    AutoCloseable first;
    try (JvmResource.Lease<AutoCloseable> lease = holder.acquire("a", this::open)) {
      first = lease.resource();
    }
    try (JvmResource.Lease<AutoCloseable> lease = holder.acquire("a", this::open)) {
      assertThat(lease.resource()).isSameAs(first);
    }
    assertThat(log).containsExactly("open a");
  }

  @Test
  void closesAReplacedResourceOnlyWhenItsLastLeaseIsReturned() {
    JvmResource.Lease<AutoCloseable> old = holder.acquire("a", this::open);
    holder.acquire("b", this::open).close();
    assertThat(log).containsExactly("open a", "open b");
    old.close();
    old.close();
    assertThat(log).containsExactly("open a", "open b", "close a");
    holder.close();
    assertThat(log).containsExactly("open a", "open b", "close a", "close b");
  }

  @Test
  void triesAgainAfterAFailedOpening() {
    assertThatThrownBy(() -> holder.acquire("", this::open)).hasMessage("no key");
    holder.acquire("a", this::open).close();
    assertThat(log).containsExactly("open a");
  }

  @Test
  void keysThatTakeTurnsAreOpenedOnce() {
    JvmResource<String, AutoCloseable> two = new JvmResource<>(2);
    for (int turn = 0; turn < 3; turn++) {
      try (JvmResource.Lease<AutoCloseable> a = two.acquire("a", this::open);
          JvmResource.Lease<AutoCloseable> b = two.acquire("b", this::open)) {
        assertThat(a.resource()).isNotSameAs(b.resource());
      }
    }
    assertThat(log).containsExactly("open a", "open b");
    two.close();
    assertThat(log).containsExactly("open a", "open b", "close a", "close b");
  }

  @Test
  void theOneThatNobodyAskedForTheLongestMakesRoomBeforeAnotherIsOpened() {
    JvmResource<String, AutoCloseable> two = new JvmResource<>(2);
    two.acquire("a", this::open).close();
    two.acquire("b", this::open).close();
    two.acquire("a", this::open).close();
    two.acquire("c", this::open).close();
    two.acquire("a", this::open).close();
    assertThat(log).containsExactly("open a", "open b", "close b", "open c");
  }

  @Test
  void aReplacedResourceThatIsAskedForAgainIsOpenedAgainBesideTheOneInUse() {
    JvmResource.Lease<AutoCloseable> old = holder.acquire("a", this::open);
    holder.acquire("b", this::open).close();
    JvmResource.Lease<AutoCloseable> fresh = holder.acquire("a", this::open);
    assertThat(fresh.resource()).isNotSameAs(old.resource());
    old.close();
    fresh.close();
    assertThat(log).containsExactly("open a", "open b", "close b", "open a", "close a");
  }

  @Test
  void keepsAtLeastOne() {
    assertThatThrownBy(() -> new JvmResource<>(0))
        .hasMessage("at least 1 resource must be kept, not 0");
  }
}
