package dev.octavo.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JvmResourceTest {
  private final List<String> log = new ArrayList<>();
  private final JvmResource<String, AutoCloseable> holder =
      new JvmResource<>(
          key -> {
            if (key.isEmpty()) {
              throw new IllegalArgumentException("no key");
            }
            log.add("open " + key);
            return () -> log.add("close " + key);
          });

  @Test
  void opensOnceAndKeepsTheResourceBetweenTasks() {
    AutoCloseable first;
    try (JvmResource.Lease<AutoCloseable> lease = holder.acquire("a")) {
      first = lease.resource();
    }
    try (JvmResource.Lease<AutoCloseable> lease = holder.acquire("a")) {
      assertThat(lease.resource()).isSameAs(first);
    }
    assertThat(log).containsExactly("open a");
  }

  @Test
  void closesAReplacedResourceOnlyWhenItsLastLeaseIsReturned() {
    JvmResource.Lease<AutoCloseable> old = holder.acquire("a");
    holder.acquire("b").close();
    assertThat(log).containsExactly("open a", "open b");
    old.close();
    old.close();
    assertThat(log).containsExactly("open a", "open b", "close a");
    holder.close();
    assertThat(log).containsExactly("open a", "open b", "close a", "close b");
  }

  @Test
  void triesAgainAfterAFailedOpening() {
    assertThatThrownBy(() -> holder.acquire("")).hasMessage("no key");
    holder.acquire("a").close();
    assertThat(log).containsExactly("open a");
  }
}
