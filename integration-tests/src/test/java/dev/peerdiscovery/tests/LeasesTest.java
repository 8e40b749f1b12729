package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.client.Change;
import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Instance;
import dev.peerdiscovery.client.Lease;
import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.client.Registration;
import dev.peerdiscovery.client.Watch;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.discovery.v1.Check;
import dev.peerdiscovery.proto.discovery.v1.DeregisterRequest;
import dev.peerdiscovery.proto.discovery.v1.DiscoveryServiceGrpc;
import dev.peerdiscovery.proto.discovery.v1.RegisterRequest;
import dev.peerdiscovery.proto.discovery.v1.RegisterResponse;
import dev.peerdiscovery.proto.peer.v1.Endpoint;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;

/**
 * What becomes of a registration when its connection, its caller or its node is lost, or another
 * caller wants the same instance: what its holder is told, and what a watcher at a third node sees.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeasesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PROMPTLY = Duration.ofSeconds(3);
  private static final String AT = "127.0.0.1:8080";

  /** The same for all tests, each of which has services of its own. */
  private final List<PeerNode> nodes = new ArrayList<>();

  private final List<AutoCloseable> opened = new ArrayList<>();
  private String orders = "";

  @BeforeAll
  void three() throws Exception {
    for (int i = 1; i <= 3; i++) {
      String[] seeds = nodes.isEmpty() ? new String[0] : new String[] {via(1)};
      nodes.add(start(i, seeds));
    }
    await()
        .atMost(PATIENCE)
        .until(() -> nodes.stream().allMatch(node -> node.status().join().contacts() == 2));
  }

  @BeforeEach
  void service(TestInfo test) {
    orders = test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
    opened.clear();
  }

  @AfterAll
  void closeNodes() {
    nodes.forEach(PeerNode::close);
  }

  private static PeerNode start(int id, String... seeds) throws Exception {
    PeerNode node =
        PeerNode.builder().id(NodeId.of(id)).listen("127.0.0.1:0").bootstrap(seeds).start();
    node.ready().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return node;
  }

  private String via(int node) {
    return via(nodes.get(node - 1));
  }

  private static String via(PeerNode node) {
    return "127.0.0.1:" + node.port();
  }

  private DiscoveryClient client(String... via) {
    DiscoveryClient client = DiscoveryClient.builder().via(via).build();
    opened.add(client);
    return client;
  }

  private DiscoveryServiceGrpc.DiscoveryServiceBlockingStub stub(PeerNode node) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", node.port()).usePlaintext().build();
    opened.add(channel::shutdownNow);
    return DiscoveryServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private Registration orders(String zone) {
    return Registration.of(orders, AT)
        .withCheck(Registration.Check.NONE)
        .withMetadata(Map.of("zone", zone));
  }

  /** Everything that a watch at a node tells after its beginning, as "+ZONE", "=ZONE" and "-". */
  private final class Watched implements Watch.Listener {
    final Queue<String> told = new ConcurrentLinkedQueue<>();
    final Watch watch;

    Watched(int node) {
      watch = client(via(node)).watch(orders, this);
      watch.synced().join();
      told.clear();
    }

    @Override
    public void changed(Change change) {
      change.added().forEach(instance -> told.add("+" + zone(instance)));
      change.updated().forEach(instance -> told.add("=" + zone(instance)));
      change.gone().forEach(instance -> told.add("-"));
    }

    List<String> zones() {
      return watch.instances().stream().map(Watched::zone).toList();
    }

    private static String zone(Instance instance) {
      return instance.metadata().getOrDefault("zone", "");
    }
  }

  private static final class Told implements Lease.Listener {
    final Queue<Lease.State> states = new ConcurrentLinkedQueue<>();
    final CompletableFuture<PeerException> refused = new CompletableFuture<>();

    @Override
    public void changed(Lease.State state) {
      states.add(state);
    }

    @Override
    public void refused(PeerException why) {
      refused.complete(why);
    }

    void awaitUnpublished(String reason) {
      await()
          .atMost(PATIENCE)
          .until(
              () -> states.stream().anyMatch(s -> !s.published() && s.reason().contains(reason)));
    }
  }

  private static Refusal.Reason reason(PeerException refused) {
    return ((Refusal) refused.outcome()).reason();
  }

  private static void awaitPublished(Lease lease) throws Exception {
    lease.published().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Until here the instance is found everywhere, and by one record alone. */
  @Test
  void registerReturns_whenOthersHaveTheRecord() {
    for (int i = 0; i < 20; i++) {
      try (Lease lease =
          client(via(1))
              .register(Registration.of("at-once-" + i, AT).withCheck(Registration.Check.NONE))) {
        assertThat(lease.state().keepers()).isPositive();
        assertThat(client(via(3)).resolve("at-once-" + i)).as("service " + i).hasSize(1);
      }
    }
  }

  @Test
  void aNodeThatIsAlone_saysSo() throws Exception {
    PeerNode alone = start(9);
    opened.add(alone);
    Lease lease = client(via(alone)).register(orders("a"));
    assertThat(lease.state())
        .isEqualTo(new Lease.State(true, 0, "this node is alone: no other node keeps the record"));
  }

  /** Its only seed is a port at which nothing listens. */
  @Test
  void aNodeThatReachesNoOther_doesNotSayThatItPublishes() throws Exception {
    int nothing;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      nothing = socket.getLocalPort();
    }
    PeerNode cutOff = start(9, "127.0.0.1:" + nothing);
    opened.add(cutOff);
    Told told = new Told();
    Lease lease = client(via(cutOff)).register(orders("a"), told);
    told.awaitUnpublished("no other node could be reached");
    assertThat(lease.published()).isNotDone();

    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> stub(cutOff).register(registerRequest("other")));
    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(refused.getStatus().getDescription()).contains("goes on trying");
  }

  private static RegisterRequest registerRequest(String service) {
    return RegisterRequest.newBuilder()
        .setRegistration(
            dev.peerdiscovery.proto.discovery.v1.Registration.newBuilder()
                .setService(service)
                .setEndpoint(Endpoint.newBuilder().setHost("127.0.0.1").setPort(8080))
                .setCheck(Check.CHECK_NONE))
        .build();
  }

  @Test
  void register_byOneCall_answersWithKeepers_andARenewalAtOnce() {
    RegisterResponse first = stub(nodes.get(0)).register(registerRequest(orders));
    assertThat(first.getKeepers()).isPositive();
    assertThat(client(via(3)).resolve(orders)).hasSize(1);
    assertThat(stub(nodes.get(0)).register(registerRequest(orders)).getKeepers()).isPositive();
  }

  @Test
  void aLostConnection_changesNothing_forWatchersAndProviders() throws Exception {
    Watched watched = new Watched(3);
    try (CuttableProxy proxy = new CuttableProxy(nodes.get(0).port())) {
      // With two nodes given, too: it stays with the first.
      Told told = new Told();
      Lease lease = client(proxy.address(), via(2)).register(orders("a"), told);
      awaitPublished(lease);
      await().atMost(PATIENCE).until(() -> watched.zones().equals(List.of("a")));
      watched.told.clear();
      told.states.clear();
      for (int i = 0; i < 2; i++) {
        // What lasted less than a second is a node that fails, and not a connection.
        long untilNanos = System.nanoTime() + Duration.ofMillis(1_200).toNanos();
        await().atMost(PATIENCE).until(() -> System.nanoTime() >= untilNanos);
        int before = told.states.size();
        proxy.cut();
        await().atMost(PATIENCE).until(() -> told.states.size() > before);
      }
      assertThat(told.states).allMatch(Lease.State::published);
      assertThat(watched.told).isEmpty();
      assertThat(watched.watch.instances().get(0).publisher()).isEqualTo(NodeId.of(1));

      lease.close();
      await().atMost(PROMPTLY).until(() -> watched.zones().isEmpty());
    }
  }

  @Test
  void aDeadProcess_isWithdrawnAtOnce_andNotAfterTheGrace() throws Exception {
    Watched watched = new Watched(3);
    try (CuttableProxy proxy = new CuttableProxy(nodes.get(0).port())) {
      ServerSocket application = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
      Registration checked = Registration.of(orders, "127.0.0.1:" + application.getLocalPort());
      Lease lease = client(proxy.address()).register(checked);
      await().atMost(PATIENCE).until(() -> watched.zones().size() == 1);
      // A process that dies takes connections for a moment after its own are gone.
      proxy.close();
      application.close();
      await().atMost(PROMPTLY).until(() -> watched.zones().isEmpty());
      assertThat(lease.state().published()).isFalse();
    }
  }

  @Test
  void whoDoesNotComeBack_isWithdrawnAfterTheGrace() throws Exception {
    Watched watched = new Watched(3);
    try (CuttableProxy proxy = new CuttableProxy(nodes.get(0).port())) {
      client(proxy.address()).register(orders("a"));
      await().atMost(PATIENCE).until(() -> watched.zones().size() == 1);
      long cut = System.nanoTime();
      proxy.close();
      await().atMost(PATIENCE).until(() -> watched.zones().isEmpty());
      assertThat(Duration.ofNanos(System.nanoTime() - cut))
          .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(13));
    }
  }

  @Test
  void theLastCallHasTheInstance_andTheOneBeforeTakesItUpAgain() throws Exception {
    Watched watched = new Watched(3);
    Told told = new Told();
    Lease first = client(via(1)).register(orders("a"), told);
    awaitPublished(first);
    Lease second = client(via(1)).register(orders("b"));
    told.awaitUnpublished("another call has registered the same instance");
    assertThat(told.refused).isNotDone();
    await().atMost(PATIENCE).until(() -> watched.zones().equals(List.of("b")));

    second.close();
    await().atMost(PATIENCE).until(() -> watched.zones().equals(List.of("a")));
    await().atMost(PATIENCE).until(() -> first.state().published());
    assertThat(watched.told).doesNotContain("-");
    first.close();
    await().atMost(PROMPTLY).until(() -> watched.zones().isEmpty());
  }

  @Test
  void deregister_endsTheLease_andTellsIt() throws Exception {
    Watched watched = new Watched(3);
    Told told = new Told();
    Lease lease = client(via(1)).register(orders("a"), told);
    awaitPublished(lease);
    boolean was =
        stub(nodes.get(0))
            .deregister(
                DeregisterRequest.newBuilder()
                    .setService(orders)
                    .setEndpoint(Endpoint.newBuilder().setHost("127.0.0.1").setPort(8080))
                    .build())
            .getRegistered();
    assertThat(was).isTrue();
    PeerException why = told.refused.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(reason(why)).isEqualTo(Refusal.Reason.WITHDRAWN);
    assertThat(lease.state().published()).isFalse();
    assertThat(lease.state().reason()).contains("Deregister");
    await().atMost(PROMPTLY).until(() -> watched.zones().isEmpty());
    watched.told.clear();
    // It is not registered again behind the back of the caller that withdrew it.
    assertThat(client(via(1)).resolve(orders)).isEmpty();
  }

  @Test
  void register_byOneCall_takesNothingFromAnOpenOne() throws Exception {
    Told told = new Told();
    Lease lease = client(via(1)).register(orders("a"), told);
    awaitPublished(lease);
    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> stub(nodes.get(0)).register(registerRequest(orders)));
    assertThat(refused.getStatus().getDescription()).contains("an open RegisterStream call");
    assertThat(lease.state().published()).isTrue();

    // One that was there before goes on when the call ends, without a gap.
    lease.close();
    await().atMost(PROMPTLY).until(() -> client(via(1)).resolve(orders).isEmpty());
    stub(nodes.get(0)).register(registerRequest(orders));
    Watched watched = new Watched(3);
    Lease second = client(via(1)).register(orders("b"));
    await().atMost(PATIENCE).until(() -> watched.zones().equals(List.of("b")));
    second.close();
    await().atMost(PATIENCE).until(() -> watched.zones().equals(List.of("")));
    assertThat(watched.told).doesNotContain("-");
  }

  @Test
  void aNodeThatCloses_leavesNoGap_whereThereIsAnother() throws Exception {
    PeerNode closing = start(4, via(1));
    opened.add(closing);
    Watched watched = new Watched(3);
    Lease lease = client(via(closing), via(2)).register(orders("a"));
    await().atMost(PATIENCE).until(() -> watched.zones().equals(List.of("a")));
    Queue<Integer> counts = new ConcurrentLinkedQueue<>();
    Watch counting = client(via(3)).watch(orders, change -> counts.add(change.instances().size()));
    counting.synced().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

    closing.close();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                counting.instances().size() == 1
                    && counting.instances().get(0).publisher().equals(NodeId.of(2)));
    assertThat(counts).doesNotContain(0);
    assertThat(lease.state().published()).isTrue();
  }
}
