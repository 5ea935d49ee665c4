package dev.octavo.spark.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.network.client.RpcResponseCallback;
import org.junit.jupiter.api.Test;

final class SumRoundsTest {
  private static final Peer OWN = new Peer(0, "0", "here", 1);
  private static final Peer OTHER = new Peer(1, "1", "there", 2);

  // Nothing here waits, so there is no task to be killed meanwhile.
  private final SumRounds rounds =
      new SumRounds(new RingMonitor(null, Duration.ofSeconds(30)), List.of(OWN, OTHER));
  private final List<String> answers = new ArrayList<>();

  private void ask(int operation, int rank, double... terms) {
    ByteBuffer values = SumRounds.encode(terms);
    ByteBuffer request = ByteBuffer.allocate(2 * Integer.BYTES + values.remaining());
    rounds.receive(
        request.putInt(operation).putInt(rank).put(values).flip(),
        new RpcResponseCallback() {
          @Override
          public void onSuccess(ByteBuffer response) {
            answers.add(List.of(SumRounds.decode(response)[0]).toString());
          }

          @Override
          public void onFailure(Throwable e) {
            answers.add(e.getMessage());
          }
        });
  }

  @Test
  void aSumIsAnsweredAndTheNextMayBeAskedFor() {
    ask(1, 1, 2);
    assertThat(rounds.sum(1, new double[] {40})).containsExactly(42);
    ask(2, 1, 3);
    assertThat(rounds.sum(2, new double[] {4})).containsExactly(7);
    assertThat(answers).containsExactly("[42.0]", "[7.0]");
  }

  @Test
  void aRankThatNobodyHasIsRefused() {
    ask(1, 2, 1);
    ask(1, 0, 1);
    ask(1, -1, 1);
    assertThat(answers)
        .containsExactly("there is no worker 2", "there is no worker 0", "there is no worker -1");
  }

  @Test
  void roundsDoNotPileUp() {
    ask(1, 1, 2);
    ask(2, 1, 2);
    ask(1, 1, 3);
    assertThat(answers)
        .containsExactly(
            "worker 1 asks for a second sum at a time", "worker 1 asks for a second sum at a time");
    assertThat(rounds.sum(1, new double[] {40})).containsExactly(42);
  }

  @Test
  void termsOfAnotherNumberFailTheSumForAll() {
    ask(1, 1, 2, 3);
    assertThatThrownBy(() -> rounds.sum(1, new double[] {40}))
        .isInstanceOf(CollectiveException.class)
        .hasMessage("worker 1 (executor 1 on there) sent 2 terms of a sum that has 1");
    assertThat(answers)
        .containsExactly("worker 1 (executor 1 on there) sent 2 terms of a sum that has 1");
  }
}
