package dev.octavo.spark.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;

/**
 * The tasks of a barrier stage as a ring of workers, each connected to the next.
 *
 * <p>All workers must call the same collectives in the same order with vectors of the same length.
 * A ring belongs to the task's thread. Results do not depend on timing: every sum is formed in a
 * fixed order by one worker and copied to the others, so all hold the same bits, in every run.
 *
 * <p>With <i>N</i> workers and a vector of <i>P</i> floats, {@link #reduceScatter} and {@link
 * #allGather} each send <i>4 P (N-1)/N</i> bytes per worker in <i>N-1</i> steps, half as many in
 * bfloat16. Beyond the vector a ring takes {@value Chunk#WINDOW} chunks of 1 MiB, whatever <i>P</i>
 * is, and in bfloat16 <i>2 P</i> bytes. With one worker there is no network and every collective
 * returns at once.
 */
public final class Ring implements AutoCloseable {
  private static final int ABORT_MILLIS = 5_000;

  private final int rank;
  private final List<Peer> peers;
  private final RingMonitor waiting;
  private final Endpoint endpoint;
  private final Links links;
  private final float[] left = new float[Chunk.MAX_FLOATS];
  private final float[] right = new float[Chunk.MAX_FLOATS];
  private final float[] decoded = new float[Chunk.MAX_FLOATS];
  private final short[] halves = new short[Chunk.MAX_FLOATS];
  private ByteBuffer encoded;
  private int operation;

  private Ring(int rank, List<Peer> peers, RingMonitor waiting, Endpoint endpoint, Links links) {
    this.rank = rank;
    this.peers = peers;
    this.waiting = waiting;
    this.endpoint = endpoint;
    this.links = links;
  }

  /**
   * Joins the ring of the current barrier stage; returns when all tasks have.
   *
   * @param timeout of every single wait for a peer
   */
  public static Ring join(BarrierTaskContext task, Duration timeout) {
    int rank = task.partitionId();
    RingMonitor waiting = new RingMonitor(task, timeout);
    String executor = SparkEnv.get().executorId();
    if (task.numPartitions() == 1) {
      return new Ring(
          rank, List.of(new Peer(0, executor, Endpoint.host(), 0)), waiting, null, null);
    }
    // From worker 0 by way of the driver, whom all tasks trust.
    String secret = task.allGather(rank == 0 ? newSecret() : "")[0];
    Endpoint endpoint = new Endpoint(timeout, secret);
    try {
      Peer self = new Peer(rank, executor, Endpoint.host(), endpoint.port());
      String[] addresses = task.allGather(self.encode());
      List<Peer> peers = new ArrayList<>();
      for (int i = 0; i < addresses.length; i++) {
        peers.add(Peer.decode(i, addresses[i]));
      }
      Peer next = peers.get((rank + 1) % peers.size());
      Peer previous = peers.get((rank + peers.size() - 1) % peers.size());
      Links links =
          new Links(
              waiting,
              new SumRounds(waiting, peers),
              new ChunkReceiver(waiting, previous),
              new ChunkSender(waiting, next, endpoint.connect(next)));
      endpoint.deliverTo(links);
      return new Ring(rank, List.copyOf(peers), waiting, endpoint, links);
    } catch (RuntimeException e) {
      endpoint.close();
      throw e;
    }
  }

  private static String newSecret() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** This worker, from 0. */
  public int rank() {
    return rank;
  }

  /** Number of workers. */
  public int size() {
    return peers.size();
  }

  /** This worker as messages name it, as in {@code worker 1 (executor 0 on host)}. */
  public String name() {
    return peers.get(rank).toString();
  }

  /**
   * Sums vectors over the workers; each worker gets the sum of its own slice, {@link
   * Slice#of}{@code (length, size(), rank())}. The rest of the vector is left undefined.
   *
   * @param vector float32 in native order, the same number of bytes everywhere, from its position
   *     to its limit; direct, so that it is sent in place
   * @param commDtype type that partial sums are sent in
   */
  public void reduceScatter(ByteBuffer vector, CommDtype commDtype) {
    exchange(vector, rank - 1, this::add, commDtype);
  }

  /**
   * Collects slices: each worker gives the slice that it owns and gets all others. Afterwards all
   * hold the same bits: with {@link CommDtype#BF16} the worker's own slice is rounded as well.
   *
   * @param vector as for {@link #reduceScatter}
   * @param commDtype type that the slices are sent in
   */
  public void allGather(ByteBuffer vector, CommDtype commDtype) {
    exchange(vector, rank, (incoming, into) -> into.put(incoming), commDtype);
    if (commDtype == CommDtype.BF16 && size() > 1) {
      FloatBuffer floats = vector.slice().order(ByteOrder.nativeOrder()).asFloatBuffer();
      Slice own = Slice.of(floats.remaining(), size(), rank);
      for (int from = own.from(); from < own.to(); from += Chunk.MAX_FLOATS) {
        int n = Math.min(Chunk.MAX_FLOATS, own.to() - from);
        floats.get(from, right, 0, n);
        CommDtype.round(right, n);
        floats.put(from, right, 0, n);
      }
    }
  }

  /** Sums vectors over the workers; every worker gets the whole sum, in float32. */
  public void allReduce(ByteBuffer vector) {
    reduceScatter(vector, CommDtype.FP32);
    allGather(vector, CommDtype.FP32);
  }

  /**
   * Sums a few numbers over the workers, in one round trip to worker 0; for statistics.
   *
   * @return the sums, the same on every worker
   */
  public double[] sum(double... terms) {
    int round = operation++;
    if (peers.size() == 1) {
      return terms.clone();
    }
    if (rank == 0) {
      return links.rounds().sum(round, terms.clone());
    }
    Peer root = peers.get(0);
    ByteBuffer request =
        ByteBuffer.allocate(1 + 2 * Integer.BYTES + terms.length * Double.BYTES)
            .put(Endpoint.SUM)
            .putInt(round)
            .putInt(rank)
            .put(SumRounds.encode(terms))
            .flip();
    double[][] answer = new double[1][];
    endpoint
        .connect(root)
        .sendRpc(
            request,
            new RpcResponseCallback() {
              @Override
              public void onSuccess(ByteBuffer response) {
                double[] sums = SumRounds.decode(response);
                waiting.update(() -> answer[0] = sums);
              }

              @Override
              public void onFailure(Throwable e) {
                waiting.fail(
                    new CollectiveException("%s answers: %s".formatted(root, e.getMessage()), e));
              }
            });
    return waiting.await(() -> answer[0], root::toString, SumRounds.GRACE);
  }

  /**
   * Gives all workers the numbers of worker 0, in one round trip to it: a sum in which the others'
   * terms are 0.
   *
   * @param values as many on every worker; only those of worker 0 count
   * @return the numbers of worker 0
   */
  public double[] broadcast(double... values) {
    return sum(rank == 0 ? values : new double[values.length]);
  }

  /**
   * Ends the collectives of all workers: wherever they wait, or will wait next, they get a {@link
   * CollectiveException.Aborted} with this reason. Returns when all that can be reached know.
   */
  public void abort(String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    for (Peer peer : peers) {
      if (peer.rank() != rank) {
        ByteBuffer request = ByteBuffer.allocate(1 + text.length).put(Endpoint.ABORT).put(text);
        try {
          endpoint.connect(peer).sendRpcSync(request.flip(), ABORT_MILLIS);
        } catch (RuntimeException e) {
          // The peer is gone, perhaps because it aborts as well: nobody is left to tell.
        }
      }
    }
  }

  /** Closes the connections. Peers that still wait for this worker notice. */
  @Override
  public void close() {
    if (endpoint != null) {
      endpoint.close();
    }
  }

  /** Combines a received chunk with the part of the vector that it belongs to. */
  @FunctionalInterface
  private interface Combine {
    void accept(FloatBuffer incoming, FloatBuffer into);
  }

  /**
   * One round of the ring: in step {@code t} a worker sends slice {@code first - t} and receives
   * slice {@code first - t - 1}, which it combines with its own and sends in the next step, chunk
   * by chunk, while later chunks are still arriving.
   */
  private void exchange(ByteBuffer vector, int first, Combine combine, CommDtype commDtype) {
    int round = operation++;
    int size = peers.size();
    if (size == 1) {
      return;
    }
    ByteBuffer bytes = vector.slice().order(ByteOrder.nativeOrder());
    int length = bytes.remaining() / Float.BYTES;
    Slice own = Slice.of(length, size, Math.floorMod(first, size));
    for (int index = 0; index < Chunk.count(own.length()); index++) {
      send(bytes, round, 0, index, own, commDtype);
    }
    for (int step = 0; step < size - 1; step++) {
      Slice slice = Slice.of(length, size, Math.floorMod(first - step - 1, size));
      for (int index = 0; index < Chunk.count(slice.length()); index++) {
        FloatBuffer part = part(bytes, slice, index).asFloatBuffer();
        int n = part.remaining();
        ByteBuffer incoming =
            links.receiver().await(new Chunk(round, step, index, n * commDtype.bytes()));
        combine.accept(decode(incoming, n, commDtype), part);
        links.receiver().free(incoming);
        if (step < size - 2) {
          send(bytes, round, step + 1, index, slice, commDtype);
        }
      }
    }
    links.sender().drain();
  }

  private FloatBuffer decode(ByteBuffer incoming, int n, CommDtype commDtype) {
    if (commDtype == CommDtype.FP32) {
      return incoming.asFloatBuffer();
    }
    CommDtype.decode(incoming, halves, n, decoded);
    return FloatBuffer.wrap(decoded, 0, n);
  }

  private void send(
      ByteBuffer bytes, int round, int step, int index, Slice slice, CommDtype commDtype) {
    ByteBuffer part = part(bytes, slice, index);
    if (commDtype == CommDtype.BF16) {
      part = encode(part, bytes.remaining(), slice.from() + index * Chunk.MAX_FLOATS);
    }
    links.sender().send(new Chunk(round, step, index, part.remaining()), part);
  }

  /** A slice is sent at most once in a collective, so each float has a place of its own. */
  private ByteBuffer encode(ByteBuffer part, int vectorBytes, int from) {
    if (encoded == null || encoded.capacity() < vectorBytes / 2) {
      encoded = ByteBuffer.allocateDirect(vectorBytes / 2);
    }
    int n = part.remaining() / Float.BYTES;
    part.asFloatBuffer().get(right, 0, n);
    ByteBuffer place = encoded.slice(from * Short.BYTES, n * Short.BYTES);
    CommDtype.encode(right, halves, n, place);
    return place;
  }

  private static ByteBuffer part(ByteBuffer bytes, Slice slice, int index) {
    int from = slice.from() + index * Chunk.MAX_FLOATS;
    int to = Math.min(slice.to(), from + Chunk.MAX_FLOATS);
    return bytes
        .slice(from * Float.BYTES, (to - from) * Float.BYTES)
        .order(ByteOrder.nativeOrder());
  }

  private void add(FloatBuffer incoming, FloatBuffer into) {
    int n = into.remaining();
    incoming.get(left, 0, n);
    into.get(0, right, 0, n);
    for (int i = 0; i < n; i++) { // over arrays, because these loops are vectorised
      right[i] += left[i];
    }
    into.put(right, 0, n);
  }

  /** A worker's connections to its peers; routes what the network delivers. */
  private record Links(
      RingMonitor waiting, SumRounds rounds, ChunkReceiver receiver, ChunkSender sender)
      implements Endpoint.Receiver {
    @Override
    public StreamCallbackWithID chunk(TransportClient from, Chunk chunk) {
      return receiver.open(from, chunk);
    }

    @Override
    public void credit() {
      sender.credit();
    }

    @Override
    public void sum(ByteBuffer terms, RpcResponseCallback callback) {
      rounds.receive(terms, callback);
    }

    @Override
    public void abort(String reason) {
      waiting.fail(new CollectiveException.Aborted(reason));
    }

    @Override
    public void disconnected(TransportClient from) {
      if (receiver.isSource(from)) {
        waiting.fail(new CollectiveException("lost the connection from " + receiver.previous()));
      }
    }
  }
}
