package dev.octavo.spark.collective;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Queue;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;

/**
 * Receives chunks from the previous worker into a fixed set of buffers and hands them to the task
 * in the order sent.
 */
final class ChunkReceiver {
  private record Arrived(Chunk chunk, ByteBuffer data) {}

  private static final ByteBuffer CREDIT = ByteBuffer.wrap(new byte[] {Endpoint.CREDIT});

  private final RingMonitor waiting;
  private final Peer previous;
  private final Queue<ByteBuffer> free = new ArrayDeque<>();
  private final Queue<Arrived> arrived = new ArrayDeque<>();
  private TransportClient source;

  ChunkReceiver(RingMonitor waiting, Peer previous) {
    this.waiting = waiting;
    this.previous = previous;
    for (int i = 0; i < Chunk.WINDOW; i++) {
      free.add(ByteBuffer.allocateDirect(Chunk.MAX_BYTES).order(ByteOrder.nativeOrder()));
    }
  }

  /** Called by the network for each chunk; its bytes come through the callback. */
  StreamCallbackWithID open(TransportClient client, Chunk chunk) {
    ByteBuffer[] buffer = new ByteBuffer[1];
    waiting.update(
        () -> {
          source = client;
          buffer[0] = free.poll();
        });
    if (buffer[0] == null || chunk.bytes() > Chunk.MAX_BYTES) {
      throw new IllegalStateException("%s sent %s beyond its credit".formatted(previous, chunk));
    }
    ByteBuffer data = buffer[0].clear();
    return new StreamCallbackWithID() {
      @Override
      public String getID() {
        return chunk.toString();
      }

      @Override
      public void onData(String stream, ByteBuffer bytes) {
        data.put(bytes);
      }

      @Override
      public void onComplete(String stream) throws IOException {
        if (data.flip().remaining() != chunk.bytes()) {
          throw new IOException("%s came with %d bytes".formatted(chunk, data.remaining()));
        }
        waiting.update(() -> arrived.add(new Arrived(chunk, data)));
      }

      @Override
      public void onFailure(String stream, Throwable e) {
        waiting.fail(
            new CollectiveException(
                "could not receive from %s: %s".formatted(previous, e.getMessage()), e));
      }
    };
  }

  Peer previous() {
    return previous;
  }

  /** Returns whether chunks come over this connection. */
  boolean isSource(TransportClient client) {
    return source != null && source.getChannel() == client.getChannel();
  }

  /** Waits for the next chunk, which must be {@code expected}; give it back with {@link #free}. */
  ByteBuffer await(Chunk expected) {
    Arrived head = waiting.await(arrived::poll, previous::toString);
    if (!head.chunk().equals(expected)) {
      throw new IllegalStateException(
          "%s sent %s where %s was expected: the workers do not run the same collectives"
              .formatted(previous, head.chunk(), expected));
    }
    return head.data();
  }

  /** The task is done with a chunk; the sender may send another. */
  void free(ByteBuffer data) {
    waiting.update(() -> free.add(data));
    source.send(CREDIT.duplicate());
  }
}
