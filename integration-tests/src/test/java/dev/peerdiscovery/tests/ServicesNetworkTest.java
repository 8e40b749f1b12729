package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.Provider;
import dev.peerdiscovery.node.InstanceCheck;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import dev.peerdiscovery.node.PeerServices.Registered;
import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.admin.v1.GetStatusRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Services over real gRPC: many nodes on loopback, each of which publishes, keeps and watches. */
class ServicesNetworkTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PROMPTLY = Duration.ofSeconds(2);
  private static final Duration TTL = Duration.ofSeconds(10);
  private static final Duration DEFAULT_TTL = Duration.ofSeconds(90);

  private final LoopbackTransport transport = new LoopbackTransport("127.0.0.1");
  private final List<Fleet.Running> nodes = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final SplittableRandom random = new SplittableRandom(seed());

  private static long seed() {
    long seed = Long.getLong("seed", System.nanoTime());
    Fleet.say("seed " + seed);
    return seed;
  }

  @AfterEach
  void close() {
    CompletableFuture.allOf(
            nodes.stream()
                .map(node -> CompletableFuture.runAsync(node::kill, threads))
                .toArray(CompletableFuture[]::new))
        .join();
    threads.shutdown();
  }

  private void start(int count, Supplier<PeerNodeBuilder> builder) throws Exception {
    for (int i = 0; i < count; i++) {
      PeerNodeBuilder next = builder.get();
      if (!nodes.isEmpty()) {
        next.bootstrap(nodes.get(random.nextInt(nodes.size())).endpoint());
      }
      Fleet.Running started = transport.start(next);
      nodes.add(started);
      started.node().ready().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
    int others = count - 1;
    await()
        .atMost(PATIENCE)
        .until(() -> nodes.stream().allMatch(node -> contacts(node.node()) == others));
  }

  private static int contacts(PeerNode node) {
    return node.status().join().contacts();
  }

  private PeerNodeBuilder assigned() {
    return PeerNode.builder().id(NodeId.random(random));
  }

  private PeerNode node(int index) {
    return nodes.get(index).node();
  }

  private static Endpoint at(int port) {
    return new Endpoint("127.0.0.1", port);
  }

  private static Registered register(
      PeerNode node, String service, int port, Duration ttl, InstanceCheck check) {
    return node.services().register(service, at(port), Map.of("port", "" + port), ttl, check);
  }

  private static Set<Integer> ports(List<Provider> providers) {
    Set<Integer> ports = new TreeSet<>();
    for (Provider provider : providers) {
      ports.add(provider.endpoint().port());
      assertThat(provider.metadata()).containsEntry("port", "" + provider.endpoint().port());
    }
    return ports;
  }

  /** What a watch at a node has heard last. */
  private static final class Watched {
    volatile Set<Integer> ports = Set.of(-1);

    static Watched at(PeerNode node, String service) {
      Watched watched = new Watched();
      node.services().watch(service, all -> watched.ports = ports(all), error -> {});
      return watched;
    }
  }

  private static void awaitAll(
      String what, Duration within, List<Watched> watchers, Set<Integer> ports) {
    long began = System.nanoTime();
    await()
        .pollInterval(Duration.ofMillis(10))
        .atMost(within)
        .untilAsserted(
            () -> assertThat(watchers).allSatisfy(w -> assertThat(w.ports).isEqualTo(ports)));
    Fleet.say("%s: %d ms".formatted(what, (System.nanoTime() - began) / 1_000_000));
  }

  @Test
  void twentyNodes_resolveTheSame_andEveryWatcherHearsOfAChangeWithinTwoSeconds() throws Exception {
    start(20, this::assigned);
    for (int service = 0; service < 10; service++) {
      for (int i = 0; i < 5; i++) {
        int port = 10_000 + 10 * service + i;
        PeerNode publisher = node((service + 4 * i) % 20);
        register(publisher, "service-" + service, port, DEFAULT_TTL, InstanceCheck.NONE);
      }
    }
    for (int service = 0; service < 10; service++) {
      int first = 10_000 + 10 * service;
      Set<Integer> all = Set.of(first, first + 1, first + 2, first + 3, first + 4);
      for (Fleet.Running each : nodes) {
        String name = "service-" + service;
        await()
            .atMost(PATIENCE)
            .until(() -> ports(each.node().services().resolve(name).join()).equals(all));
      }
    }

    List<Watched> watchers = new ArrayList<>();
    nodes.forEach(each -> watchers.add(Watched.at(each.node(), "service-0")));
    Set<Integer> known = new TreeSet<>(Set.of(10_000, 10_001, 10_002, 10_003, 10_004));
    awaitAll("watches synced", PATIENCE, watchers, known);

    Registered added = register(node(7), "service-0", 9_999, DEFAULT_TTL, InstanceCheck.NONE);
    known.add(9_999);
    awaitAll("a new instance reached 20 watchers", PROMPTLY, watchers, known);

    added.close();
    known.remove(9_999);
    awaitAll("its withdrawal reached 20 watchers", PROMPTLY, watchers, known);

    // The node that published the first instance leaves with all that is registered there.
    Fleet.Running leaving = nodes.remove(0);
    watchers.remove(0);
    CompletableFuture<Void> left = CompletableFuture.runAsync(leaving::close);
    known.remove(10_000);
    awaitAll("a node's leave reached 19 watchers", PROMPTLY, watchers, known);
    left.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void whatWasKilled_isServedNoLongerThanItsTtl_althoughItsKeepersAreKilledToo() throws Exception {
    start(20, this::assigned);
    try (ServerSocket application = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int checked = application.getLocalPort();
      register(node(1), "orders", checked, TTL, InstanceCheck.TCP);
      register(node(2), "orders", 8_002, TTL, InstanceCheck.NONE);
      register(node(3), "orders", 8_003, TTL, InstanceCheck.NONE);
      List<Watched> watchers = new ArrayList<>();
      nodes.subList(8, 20).forEach(each -> watchers.add(Watched.at(each.node(), "orders")));
      awaitAll("watches synced", PATIENCE, watchers, Set.of(checked, 8_002, 8_003));

      // An application whose node lives; a publisher; and a quarter of those who keep the records.
      application.close();
      List<Fleet.Running> killed =
          List.of(nodes.get(2), nodes.get(4), nodes.get(5), nodes.get(6), nodes.get(7));
      nodes.removeAll(killed);
      CompletableFuture<?>[] kills =
          killed.stream()
              .map(each -> CompletableFuture.runAsync(each::kill, threads))
              .toArray(CompletableFuture[]::new);
      awaitAll("what was killed is forgotten", TTL.plusSeconds(1), watchers, Set.of(8_003));
      for (Fleet.Running each : nodes) {
        assertThat(ports(each.node().services().resolve("orders").get(60, TimeUnit.SECONDS)))
            .containsExactly(8_003);
      }
      CompletableFuture.allOf(kills).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void signedIdentity_aNewInstanceReachesAWatcher_andAStreamWhoseServerDiesIsReplaced()
      throws Exception {
    start(8, PeerNode::builder);
    PeerNode watching = node(1);
    Watched watched = Watched.at(watching, "orders");
    awaitAll("the watch is synced", PATIENCE, List.of(watched), Set.of());
    await().atMost(PATIENCE).until(() -> streams() == 3);

    register(node(0), "orders", 8_000, TTL, InstanceCheck.NONE);
    awaitAll("a new instance reached the watcher", PROMPTLY, List.of(watched), Set.of(8_000));

    Fleet.Running serving = null;
    for (Fleet.Running each : nodes.subList(2, 8)) {
      serving = streams(each.node()) == 1 ? each : serving;
    }
    assertThat(serving).isNotNull();
    nodes.remove(serving);
    serving.kill();
    await().atMost(PATIENCE).until(() -> streams() == 3);

    Registered second = register(node(0), "orders", 8_001, TTL, InstanceCheck.NONE);
    awaitAll("so did the next", PROMPTLY, List.of(watched), Set.of(8_000, 8_001));
    second.close();
    awaitAll("and that it went", PROMPTLY, List.of(watched), Set.of(8_000));
  }

  private int streams() {
    return nodes.stream().mapToInt(each -> streams(each.node())).sum();
  }

  private static int streams(PeerNode node) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", node.port()).usePlaintext().build();
    try {
      return AdminServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .getStatus(GetStatusRequest.getDefaultInstance())
          .getServices()
          .getStreams();
    } finally {
      channel.shutdownNow();
    }
  }
}
