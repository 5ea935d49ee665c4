package dev.octavo.spark.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.spark.LocalCluster;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.spark.SparkConf;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.server.NoOpRpcHandler;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EndpointTest {
  private static final Duration WAIT = Duration.ofSeconds(30);

  @BeforeAll
  static void haveASparkEnvironment() {
    LocalCluster.session();
  }

  private static Peer peer(Endpoint endpoint) {
    return new Peer(0, "0", Endpoint.host(), endpoint.port());
  }

  @Test
  void onlyWhoKnowsTheSecretOfTheStageConnects() {
    try (Endpoint worker = new Endpoint(WAIT, "secret of the stage");
        Endpoint peer = new Endpoint(WAIT, "secret of the stage");
        Endpoint stranger = new Endpoint(WAIT, "a guess")) {
      assertThat(peer.connect(peer(worker)).isActive()).isTrue();
      assertThatThrownBy(() -> stranger.connect(peer(worker)))
          .isInstanceOf(CollectiveException.class)
          .hasMessageContaining("could not connect to worker 0");
    }
  }

  @Test
  void aMessageWithoutAHandshakeIsNotTaken() throws Exception {
    var conf = TransportSettings.of(new SparkConf(false), 1);
    try (Endpoint worker = new Endpoint(WAIT, "secret of the stage");
        TransportContext context = new TransportContext(conf, new NoOpRpcHandler());
        var factory = context.createClientFactory();
        TransportClient client = factory.createClient(Endpoint.host(), worker.port())) {
      ByteBuffer abort = ByteBuffer.wrap(new byte[] {Endpoint.ABORT, 'x'});
      assertThatThrownBy(() -> client.sendRpcSync(abort, WAIT.toMillis()))
          .isInstanceOf(RuntimeException.class)
          .hasMessageContaining("SaslMessage");
    }
  }
}
