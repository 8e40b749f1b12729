package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.Limits;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.admin.v1.Counter;
import dev.peerdiscovery.proto.admin.v1.GetStatusRequest;
import dev.peerdiscovery.proto.admin.v1.GetStatusResponse;
import dev.peerdiscovery.proto.admin.v1.ListContactsRequest;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.SignedPeerRecord;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A node with three good contacts and a stranger's connection to it. */
final class Victim implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Its own calls may take their time on a busy machine; what went away is called again soon. */
  static final EngineConfig CONFIG =
      EngineConfig.defaults().toBuilder()
          .softTimeoutMin(Duration.ofSeconds(2))
          .softTimeoutMax(Duration.ofSeconds(5))
          .callDeadline(Duration.ofSeconds(10))
          .pingDeadline(Duration.ofSeconds(10))
          .lookupDeadline(Duration.ofSeconds(20))
          .departedRetryMin(Duration.ofMillis(300))
          .build();

  /** So much that nothing of what a test does is refused for it. */
  static final Limits LIMITS =
      Limits.defaults().toBuilder()
          .callsPerSecond(1_000_000)
          .callsPerSecondPerPeer(1_000_000)
          .violations(1_000_000)
          .build();

  final PeerNode node;
  final List<PeerNode> good = new ArrayList<>();
  final SplittableRandom random;

  private final ManagedChannel channel;

  Victim() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    random = new SplittableRandom(seed);
    node = builder().start();
    for (int i = 0; i < 3; i++) {
      good.add(builder().bootstrap(new Endpoint("127.0.0.1", node.port())).start());
    }
    for (PeerNode each : good) {
      each.ready().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
    await().atMost(PATIENCE).until(() -> contacts().size() == good.size());
    channel = connect();
  }

  private PeerNodeBuilder builder() {
    return PeerNode.builder()
        .id(NodeId.random(random))
        .listen("127.0.0.1:0")
        .engine(CONFIG)
        .limits(LIMITS);
  }

  /** A new connection to it. */
  ManagedChannel connect() {
    return NettyChannelBuilder.forAddress("127.0.0.1", node.port()).usePlaintext().build();
  }

  ManagedChannel channel() {
    return channel;
  }

  PeerServiceGrpc.PeerServiceBlockingStub stub() {
    return PeerServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  GetStatusResponse status() {
    ManagedChannel own = channel == null ? connect() : channel;
    try {
      return AdminServiceGrpc.newBlockingStub(own)
          .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .getStatus(GetStatusRequest.getDefaultInstance());
    } finally {
      if (own != channel) {
        own.shutdownNow();
      }
    }
  }

  long counter(String name) {
    Map<String, Long> counters = new TreeMap<>();
    for (Counter counter : status().getCountersList()) {
      counters.put(counter.getName(), counter.getValue());
    }
    return counters.getOrDefault(name, 0L);
  }

  /** Whom it has in its table. */
  List<NodeId> contacts() {
    return contactRecords().stream().map(HostilePeer::idOf).toList();
  }

  List<SignedPeerRecord> contactRecords() {
    ManagedChannel own = channel == null ? connect() : channel;
    try {
      return AdminServiceGrpc.newBlockingStub(own)
          .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .listContacts(ListContactsRequest.getDefaultInstance())
          .getContactsList()
          .stream()
          .map(contact -> contact.getRecord())
          .toList();
    } finally {
      if (own != channel) {
        own.shutdownNow();
      }
    }
  }

  List<NodeId> goodIds() {
    return good.stream().map(PeerNode::id).toList();
  }

  /** Has it take a hostile peer into its table. */
  void befriend(HostilePeer peer) {
    stub().ping(Wire.pingFrom(peer.record()));
    await().atMost(PATIENCE).until(() -> contacts().contains(peer.id));
  }

  List<NodeId> lookup(NodeId target) throws Exception {
    return node.lookup(target).get(PATIENCE.toSeconds(), TimeUnit.SECONDS).stream()
        .map(Contact::id)
        .toList();
  }

  /** It answers strangers, its contacts are what they were, and it finds each of them. */
  void assertUnharmed() throws Exception {
    assertThat(HostilePeer.idOf(stub().ping(Wire.ping().build()).getResponder()))
        .isEqualTo(node.id());
    assertThat(contacts()).containsExactlyInAnyOrderElementsOf(goodIds());
    for (NodeId id : goodIds()) {
      assertThat(lookup(id)).first().isEqualTo(id);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    good.forEach(PeerNode::close);
    node.close();
  }
}
