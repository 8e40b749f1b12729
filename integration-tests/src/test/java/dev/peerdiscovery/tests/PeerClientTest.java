package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.peerdiscovery.client.LookupResult;
import dev.peerdiscovery.client.PeerClient;
import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.PeerNode;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Somebody outside the network asks its live peers. */
class PeerClientTest {
  private static final int PEERS = 12;
  private static final List<PeerNode> NODES = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    for (int id = 0; id < PEERS; id++) {
      PeerNode node =
          PeerNode.builder()
              .id(NodeId.of(id))
              .engine(Victim.CONFIG)
              .listen("127.0.0.1:0")
              .bootstrap(id == 0 ? new Endpoint[0] : new Endpoint[] {endpoint(id - 1)})
              .start();
      NODES.add(node);
      node.ready().get(60, TimeUnit.SECONDS);
    }
  }

  @AfterAll
  static void stop() {
    NODES.parallelStream().forEach(PeerNode::close);
  }

  /** Nobody takes an outsider in. */
  @AfterEach
  void noStrangers() throws Exception {
    for (PeerNode node : NODES) {
      assertThat(node.status().get().contacts()).isEqualTo(PEERS - 1);
      assertThat(node.status().get().replacements()).isZero();
    }
  }

  private static Endpoint endpoint(int id) {
    return new Endpoint("127.0.0.1", NODES.get(id).port());
  }

  private static PeerClient client(Endpoint... entries) {
    PeerClient.Builder builder = PeerClient.builder();
    for (Endpoint entry : entries) {
      builder.via(entry);
    }
    return builder.build();
  }

  @Test
  void ping_tellsWhoIsThere() {
    try (PeerClient client = client(endpoint(3))) {
      PeerClient.Pong pong = client.ping();
      assertThat(pong.record().id()).isEqualTo(NodeId.of(3));
      assertThat(pong.proved()).isTrue();
      assertThat(pong.observed())
          .hasValueSatisfying(us -> assertThat(us.host()).isEqualTo("127.0.0.1"));
      assertThat(client.ping(endpoint(5)).record().id()).isEqualTo(NodeId.of(5));
      // By another name it is the same peer, but proves nothing there.
      PeerClient.Pong named = client.ping(new Endpoint("localhost", endpoint(5).port()));
      assertThat(named.record().id()).isEqualTo(NodeId.of(5));
      assertThat(named.proved()).isFalse();
    }
  }

  @Test
  void findNode_tellsWhomAPeerKnows() {
    try (PeerClient client = client(endpoint(0))) {
      assertThat(client.findNode(NodeId.of(7)))
          .hasSize(PEERS - 1)
          .first()
          .satisfies(record -> assertThat(record.id()).isEqualTo(NodeId.of(7)));
    }
  }

  @Test
  void lookup_findsTheClosest_blockingOrNot() throws Exception {
    try (PeerClient client = client(endpoint(0))) {
      List<LookupResult.Step> watched = new ArrayList<>();
      CompletableFuture<LookupResult> async = client.lookupAsync(NodeId.of(100), watched::add);
      LookupResult exact = client.lookup(NodeId.of(9));

      assertThat(exact.exact()).isPresent();
      assertThat(ids(exact)).isEqualTo(truth(NodeId.of(9)));
      assertThat(exact.steps()).first().satisfies(step -> assertThat(step.hop()).isZero());
      LookupResult nobody = async.get(60, TimeUnit.SECONDS);
      assertThat(nobody.exact()).isEmpty();
      assertThat(ids(nobody)).isEqualTo(truth(NodeId.of(100)));
      assertThat(watched).isEqualTo(nobody.steps());
    }
  }

  private static List<NodeId> ids(LookupResult result) {
    return result.closest().stream().map(Contact::id).toList();
  }

  private static List<NodeId> truth(NodeId target) {
    Comparator<NodeId> nearest = target::compareDistances;
    return NODES.stream().map(PeerNode::id).sorted(nearest).toList();
  }

  @Test
  void deadEntry_isPassedOver() throws Exception {
    int nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      nobody = socket.getLocalPort();
    }
    try (PeerClient client = client(new Endpoint("127.0.0.1", nobody), endpoint(4))) {
      assertThat(client.lookup(NodeId.of(2)).exact()).isPresent();
      assertThat(client.ping().record().id()).isEqualTo(NodeId.of(4));
    }
  }

  @Test
  void wrongNetwork_isRefused() {
    try (PeerClient client = PeerClient.builder().network("other").via(endpoint(1)).build()) {
      PeerException error =
          catchThrowableOfType(PeerException.class, () -> client.lookup(NodeId.of(2)));
      assertThat(error.isRefusal()).isTrue();
      assertThat(((Refusal) error.outcome()).reason()).isEqualTo(Refusal.Reason.OTHER_NETWORK);
    }
  }

  @Test
  void closed_answersNothingMore() {
    PeerClient client = client(endpoint(1));
    client.ping();
    client.close();
    assertThat(catchThrowableOfType(PeerException.class, client::ping)).isNotNull();
    client.close();
  }
}
