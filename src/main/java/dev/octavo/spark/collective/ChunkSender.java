package dev.octavo.spark.collective;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;

/**
 * Sends chunks to the next worker, straight from the vector, never more at a time than the receiver
 * has buffers for. All writing is done by the connection's network thread, which keeps the chunks
 * in order.
 */
final class ChunkSender {
  private record Pending(Chunk chunk, ByteBuffer data) {}

  private final RingMonitor waiting;
  private final Peer next;
  private final TransportClient client;
  private final Queue<Pending> pending = new ArrayDeque<>();
  private final RpcResponseCallback onSent;
  private int credits = Chunk.WINDOW;

  ChunkSender(RingMonitor waiting, Peer next, TransportClient client) {
    this.waiting = waiting;
    this.next = next;
    this.client = client;
    this.onSent =
        new RpcResponseCallback() {
          @Override
          public void onSuccess(ByteBuffer response) {}

          @Override
          public void onFailure(Throwable e) {
            waiting.fail(
                new CollectiveException(
                    "could not send to %s: %s".formatted(next, e.getMessage()), e));
          }
        };
  }

  /** Sends now or as soon as there is a credit; {@code data} must not change until drained. */
  void send(Chunk chunk, ByteBuffer data) {
    waiting.update(() -> pending.add(new Pending(chunk, data)));
    client.getChannel().eventLoop().execute(this::pump);
  }

  /** The receiver has consumed a chunk; called by the connection's network thread. */
  void credit() {
    waiting.update(() -> credits++);
    pump();
  }

  /** Waits until everything sent has been consumed: the vector may change again. */
  void drain() {
    waiting.await(
        () -> (pending.isEmpty() && credits == Chunk.WINDOW) ? Boolean.TRUE : null, next::toString);
  }

  private void pump() {
    for (Pending head = take(); head != null; head = take()) {
      client.uploadStream(
          new NioManagedBuffer(head.chunk().encode()), new NioManagedBuffer(head.data()), onSent);
    }
  }

  private Pending take() {
    synchronized (waiting) {
      if (credits == 0 || pending.isEmpty()) {
        return null;
      }
      credits--;
      return pending.remove();
    }
  }
}
