package dev.octavo.spark.collective;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.crypto.AuthServerBootstrap;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.apache.spark.network.server.TransportServer;
import org.apache.spark.network.util.TransportConf;

/**
 * A server and the clients of one worker on Spark's transport, set up as Spark's own block transfer
 * is: with {@code spark.authenticate} peers prove that they know the application's secret, and with
 * {@code spark.network.crypto.enabled} or SASL encryption the traffic is encrypted. Without, they
 * prove that they know the secret of the barrier stage, so that no stranger's message is taken.
 * Settings of the transport are read from {@code spark.octavo.io.*}, as the shuffle's are from
 * {@code spark.shuffle.io.*}.
 */
final class Endpoint implements AutoCloseable {
  /** First byte of a message that returns a credit. */
  static final byte CREDIT = 1;

  /** First byte of a request with terms of a sum. */
  static final byte SUM = 2;

  /** First byte of a request that ends the collectives, followed by the reason. */
  static final byte ABORT = 3;

  /** The receiver of messages. */
  interface Receiver {
    StreamCallbackWithID chunk(TransportClient from, Chunk chunk);

    void credit();

    void sum(ByteBuffer terms, RpcResponseCallback callback);

    void abort(String reason);

    void disconnected(TransportClient from);
  }

  private final TransportContext context;
  private final TransportServer server;
  private final TransportClientFactory clients;
  private final Handler handler = new Handler();

  /**
   * Listens; connections that wait for an answer are kept open for {@code longestWait}.
   *
   * @param secret of the barrier stage, which all of its tasks know
   */
  Endpoint(Duration longestWait, String secret) {
    SparkEnv env = SparkEnv.get();
    SparkConf conf =
        env.conf()
            .clone()
            .setIfMissing(
                "spark.octavo.io.connectionTimeout", (longestWait.toSeconds() + 60) + "s");
    SecurityManager security = env.securityManager();
    TransportConf transport = TransportSettings.of(conf, 2);
    context = new TransportContext(transport, handler);
    SecretKeyHolder secrets = security.isAuthenticationEnabled() ? security : new Stage(secret);
    server = context.createServer(host(), 0, List.of(new AuthServerBootstrap(transport, secrets)));
    clients =
        context.createClientFactory(
            List.of(new AuthClientBootstrap(transport, conf.getAppId(), secrets)));
  }

  private record Stage(String secret) implements SecretKeyHolder {
    @Override
    public String getSaslUser(String application) {
      return "octavo";
    }

    @Override
    public String getSecretKey(String application) {
      return secret;
    }
  }

  /** Messages go to {@code receiver}; those that came earlier wait for this call. */
  void deliverTo(Receiver receiver) {
    handler.receiver.complete(receiver);
  }

  /** The name under which Spark reaches this executor. */
  static String host() {
    return SparkEnv.get().blockManager().blockManagerId().host();
  }

  int port() {
    return server.getPort();
  }

  /** A connection to a peer; connections are kept and shared. */
  TransportClient connect(Peer peer) {
    try {
      return clients.createClient(peer.host(), peer.port());
    } catch (IOException | RuntimeException e) {
      throw new CollectiveException(
          "could not connect to %s at %s:%d: %s"
              .formatted(peer, peer.host(), peer.port(), e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CollectiveException("interrupted while connecting to " + peer, e);
    }
  }

  @Override
  public void close() {
    handler.receiver.cancel(false);
    clients.close();
    server.close();
    context.close();
  }

  /** Unpacks messages; runs on network threads. */
  private static final class Handler extends RpcHandler {
    private final StreamManager streams = new OneForOneStreamManager();
    // A peer may know this worker's address a moment before this worker knows its peers.
    private final CompletableFuture<Receiver> receiver = new CompletableFuture<>();

    @Override
    public StreamCallbackWithID receiveStream(
        TransportClient client, ByteBuffer header, RpcResponseCallback callback) {
      return receiver.join().chunk(client, Chunk.decode(header));
    }

    @Override
    public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
      byte kind = message.get();
      switch (kind) {
        case SUM -> receiver.join().sum(message, callback);
        case ABORT -> {
          receiver.join().abort(java.nio.charset.StandardCharsets.UTF_8.decode(message).toString());
          callback.onSuccess(ByteBuffer.allocate(0));
        }
        default -> callback.onFailure(new IOException("unknown request " + kind));
      }
    }

    @Override
    public void receive(TransportClient client, ByteBuffer message) {
      if (message.get() == CREDIT) {
        receiver.join().credit();
      }
    }

    @Override
    public void channelInactive(TransportClient client) {
      if (receiver.isDone() && !receiver.isCancelled()) {
        receiver.join().disconnected(client);
      }
    }

    @Override
    public StreamManager getStreamManager() {
      return streams;
    }
  }
}
