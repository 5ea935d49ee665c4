package dev.octavo.spark.collective;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.network.client.RpcResponseCallback;

/**
 * Worker 0's part in small sums: each worker sends its terms as a request, and the answer, once all
 * have sent theirs, is the sum. Terms are added in the order of ranks, so that the sum does not
 * depend on who came first.
 */
final class SumRounds {
  private static final class Round {
    private final double[][] terms;
    private final List<RpcResponseCallback> callbacks = new ArrayList<>();

    Round(int size) {
      terms = new double[size][];
    }
  }

  private final RingMonitor waiting;
  private final List<Peer> peers;
  private final Map<Integer, Round> rounds = new HashMap<>();

  /** Ranks that wait for an answer. Each asks for one sum at a time, so rounds can't pile up. */
  private final BitSet unanswered = new BitSet();

  SumRounds(RingMonitor waiting, List<Peer> peers) {
    this.waiting = waiting;
    this.peers = peers;
  }

  /** Another worker's request: operation, rank and terms. */
  void receive(ByteBuffer request, RpcResponseCallback callback) {
    int operation = request.getInt();
    int rank = request.getInt();
    double[] terms = decode(request);
    if (rank < 1 || rank >= peers.size()) {
      callback.onFailure(new IOException("there is no worker " + rank));
      return;
    }
    waiting.update(
        () -> {
          if (unanswered.get(rank)) {
            callback.onFailure(
                new IOException("worker %d asks for a second sum at a time".formatted(rank)));
            return;
          }
          unanswered.set(rank);
          Round round = round(operation);
          round.terms[rank] = terms;
          round.callbacks.add(callback);
        });
  }

  /** Worker 0's own call: adds its terms, waits for the others', and answers them. */
  double[] sum(int operation, double[] own) {
    waiting.update(() -> round(operation).terms[0] = own);
    Round round;
    try {
      round =
          waiting.await(
              () -> missing(operation).isEmpty() ? rounds.remove(operation) : null,
              () -> String.join(", ", missing(operation).stream().map(Peer::toString).toList()));
    } catch (CollectiveException e) {
      waiting.update(() -> answer(round(operation), c -> c.onFailure(e)));
      throw e;
    }
    double[] total = new double[own.length];
    for (int rank = 0; rank < round.terms.length; rank++) {
      double[] terms = round.terms[rank];
      if (terms.length != total.length) {
        CollectiveException e =
            new CollectiveException(
                "%s sent %d terms of a sum that has %d"
                    .formatted(peers.get(rank), terms.length, total.length));
        answer(round, c -> c.onFailure(e));
        throw e;
      }
      for (int i = 0; i < total.length; i++) {
        total[i] += terms[i];
      }
    }
    ByteBuffer sum = encode(total);
    answer(round, c -> c.onSuccess(sum.duplicate()));
    return total;
  }

  /** Answers all workers of a round, who may ask for the next sum at once. */
  private void answer(Round round, Consumer<RpcResponseCallback> answer) {
    waiting.update(unanswered::clear);
    round.callbacks.forEach(answer);
  }

  private Round round(int operation) {
    return rounds.computeIfAbsent(operation, o -> new Round(peers.size()));
  }

  private List<Peer> missing(int operation) {
    double[][] terms = round(operation).terms;
    return peers.stream().filter(p -> terms[p.rank()] == null).toList();
  }

  static ByteBuffer encode(double[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Double.BYTES);
    bytes.asDoubleBuffer().put(values);
    return bytes;
  }

  static double[] decode(ByteBuffer bytes) {
    double[] values = new double[bytes.remaining() / Double.BYTES];
    bytes.asDoubleBuffer().get(values);
    return values;
  }

  /** The time that others wait longer than worker 0, so that they hear its verdict. */
  static final Duration GRACE = Duration.ofSeconds(5);
}
