package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Instance;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.examples.OrdersCaller;
import dev.peerdiscovery.examples.OrdersService;
import dev.peerdiscovery.node.Limits;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import dev.peerdiscovery.tests.trouble.CuttingProxy;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three instances, one of them a process, and eight callers beside two nodes, while connections
 * reach their age, all of them are cut, both nodes are restarted in turn, and the process is
 * killed. A watcher at a third node sees one change: the one that happened.
 */
class EverythingRestartsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration AGE = Duration.ofSeconds(15);
  private static final int CALLERS = 8;
  private static final int PER_SECOND = 500;

  @TempDir Path directory;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private <T extends AutoCloseable> T closing(T what) {
    opened.addFirst(what);
    return what;
  }

  /** A node that comes back as it was, and a proxy through which the applications reach it. */
  private final class Restartable implements AutoCloseable {
    private final Path data;
    private final List<Endpoint> seeds;
    private PeerNode node;
    final CuttingProxy proxy;

    Restartable(String name, List<Endpoint> seeds) throws Exception {
      this.data = directory.resolve(name);
      this.seeds = seeds;
      this.node = start(0);
      this.proxy = closing(new CuttingProxy(loop, node.port()));
    }

    private PeerNode start(int port) throws Exception {
      PeerNodeBuilder builder =
          PeerNode.builder()
              .listen("127.0.0.1:" + port)
              .dataDirectory(data)
              .bootstrap(seeds.toArray(Endpoint[]::new))
              .requirePeer(!seeds.isEmpty())
              .limits(Limits.defaults().toBuilder().connectionAge(AGE).build());
      PeerNode started = builder.start();
      started.ready().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return started;
    }

    Endpoint endpoint() {
      return new Endpoint("127.0.0.1", node.port());
    }

    void restart() throws Exception {
      int port = node.port();
      node.close();
      node = start(port);
    }

    int contacts() {
      return node.status().join().contacts();
    }

    @Override
    public void close() {
      node.close();
    }
  }

  /** An instance in a process of its own. */
  private static Process startProcess(String nodes) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SlowOrders.class.getName(),
                nodes)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.inputReader().readLine()).isEqualTo("serving");
    return process;
  }

  @Test
  void aWatcherElsewhereSeesWhatHappened_andCallersFailOnlyWhatWasInFlight() throws Exception {
    Restartable third = closing(new Restartable("third", List.of()));
    Restartable first = closing(new Restartable("first", List.of(third.endpoint())));
    Restartable second = closing(new Restartable("second", List.of(third.endpoint())));
    String nodes = "127.0.0.1:" + first.proxy.port() + ",127.0.0.1:" + second.proxy.port();
    Process victim = startProcess(nodes);
    closing(victim::destroyForcibly);
    Seen seen = new Seen(third.endpoint());
    Endpoint victimAt = seen.awaitInstances(1).iterator().next();
    List<SlowOrders> orders = List.of(new SlowOrders(), new SlowOrders());
    for (SlowOrders each : orders) {
      closing(each);
      closing(new OrdersService(each, nodes));
    }
    Set<Endpoint> all = seen.awaitInstances(3);
    Callers callers = closing(new Callers(channels(nodes), PER_SECOND));
    await().atMost(PATIENCE).until(() -> callers.calls() > PER_SECOND);

    seen.phase = "the age of connections";
    await()
        .atMost(AGE.plusSeconds(10))
        .until(() -> callers.time().compareTo(AGE.plusSeconds(2)) > 0);
    seen.phase = "all connections cut";
    first.proxy.cut();
    second.proxy.cut();
    callMore(callers);
    for (Restartable each : List.of(first, second)) {
      seen.phase = (each == first ? "the first" : "the second") + " node restarted";
      each.restart();
      await().atMost(PATIENCE).until(() -> each.contacts() == 2);
      await().atMost(PATIENCE).ignoreExceptions().until(() -> seen.at(each).equals(all));
      callMore(callers);
    }
    assertThat(callers.failures()).isEmpty();
    assertThat(seen.changes()).as(seen.story()).containsExactly(all);

    seen.phase = "an instance killed";
    victim.destroyForcibly().waitFor();
    Set<Endpoint> left = seen.awaitInstances(2);
    callMore(callers);
    callers.close();
    assertThat(seen.changes()).as(seen.story()).containsExactly(all, left);
    assertThat(left).isSubsetOf(all).doesNotContain(victimAt);
    // One of each caller at most, since each makes one call at a time.
    assertThat(callers.failures())
        .hasSizeLessThanOrEqualTo(CALLERS)
        .allSatisfy(
            failed ->
                assertThat(failed.on())
                    .contains(new InetSocketAddress("127.0.0.1", victimAt.port())));
    assertThat(orders).allSatisfy(each -> assertThat(each.calls()).isPositive());
    System.out.printf(
        "%d calls, %.0f a second, %d failed%n",
        callers.calls(), callers.perSecond(), callers.failures().size());
  }

  private List<ManagedChannel> channels(String nodes) {
    List<ManagedChannel> channels = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      ManagedChannel channel = OrdersCaller.channel(nodes);
      closing(channel::shutdownNow);
      channels.add(channel);
    }
    return channels;
  }

  private static void callMore(Callers callers) {
    int until = callers.calls() + PER_SECOND;
    await().atMost(PATIENCE).until(() -> callers.calls() >= until);
  }

  /** What a watcher at a node has seen, once there were three. */
  private final class Seen {
    private final List<Set<Endpoint>> seen = new CopyOnWriteArrayList<>();
    private final List<String> story = new CopyOnWriteArrayList<>();
    volatile String phase = "registration";

    Seen(Endpoint node) {
      DiscoveryClient client = closing(DiscoveryClient.builder().via(node).build());
      client.watch(
          "orders",
          change -> {
            seen.add(endpoints(change.instances()));
            story.add(phase + ": " + change.instances().stream().map(Instance::endpoint).toList());
          });
    }

    /** What was seen, and during what. */
    String story() {
      return String.join("\n", story);
    }

    private Set<Endpoint> endpoints(Collection<Instance> instances) {
      return instances.stream()
          .map(Instance::endpoint)
          .collect(
              Collectors.toCollection(
                  () -> new TreeSet<>((a, b) -> Integer.compare(a.port(), b.port()))));
    }

    Set<Endpoint> awaitInstances(int count) {
      await().atMost(PATIENCE).until(() -> !seen.isEmpty() && last().size() == count);
      return last();
    }

    private Set<Endpoint> last() {
      return seen.get(seen.size() - 1);
    }

    /** What is found at a node now. */
    Set<Endpoint> at(Restartable node) {
      try (DiscoveryClient client = DiscoveryClient.builder().via(node.endpoint()).build()) {
        return endpoints(client.resolve("orders"));
      }
    }

    /** The different sets from the first with three on. */
    List<Set<Endpoint>> changes() {
      List<Set<Endpoint>> changes = new ArrayList<>();
      for (Set<Endpoint> each : seen) {
        boolean isFirst = changes.isEmpty() && each.size() == 3;
        boolean isNext = !changes.isEmpty() && !each.equals(changes.get(changes.size() - 1));
        if (isFirst || isNext) {
          changes.add(each);
        }
      }
      return changes;
    }
  }
}
