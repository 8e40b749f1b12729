package dev.peerdiscovery.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testcontainers.containers.Network;

/**
 * A network of nodes in containers, which know of one another nothing but one name.
 *
 * <pre>{@code
 * try (Cluster cluster = Cluster.of(10).start()) {
 *   List<Member> half = cluster.members().subList(0, 5);
 *   cluster.kill(half);
 *   cluster.awaitTablesHave(cluster.without(half));
 * }
 * }</pre>
 *
 * <p>Nodes speak TLS to one another ({@code tls: peer}) and keep up their tables five times as
 * often as usual, unless {@link Builder#with} says otherwise.
 */
final class Cluster implements AutoCloseable {
  /** The name behind which are all members, as behind a headless service of Kubernetes. */
  static final String SEED = "peers";

  private static final int PACE = 5;

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Network network =
      Network.builder()
          .createNetworkCmdModifier(command -> command.withLabels(Labels.ofThisRun()))
          .build();
  private final Map<String, String> environment;
  private final List<Member> members = new ArrayList<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(8);

  private Cluster(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** A cluster of so many nodes, to be started. */
  static Builder of(int size) {
    return new Builder(size);
  }

  /** Configures a cluster. */
  static final class Builder {
    private final int size;
    private final Map<String, String> environment = new LinkedHashMap<>();

    private Builder(int size) {
      this.size = size;
      environment.put("PEER_BOOTSTRAP", SEED + ":" + Member.PEERS);
      environment.put("PEER_TLS", "peer");
      environment.put("PEER_PACE", String.valueOf(PACE));
      // Many on two cores: what is compiled quickly is what counts.
      environment.put("JAVA_TOOL_OPTIONS", "-Xmx64m -XX:TieredStopAtLevel=1");
    }

    /** Sets a variable of every node. */
    Builder with(String variable, String value) {
      environment.put(variable, value);
      return this;
    }

    /** Starts all at once, and waits until each says that it has joined. */
    Cluster start() {
      Cluster cluster = new Cluster(environment);
      try {
        for (int i = 0; i < size; i++) {
          cluster.add();
        }
        cluster.start(cluster.members);
        return cluster;
      } catch (RuntimeException | Error e) {
        cluster.close();
        throw e;
      }
    }
  }

  // Members

  /** All members, whether they run or not. */
  List<Member> members() {
    return List.copyOf(members);
  }

  Member member(int number) {
    return members.get(number);
  }

  /** All but some. */
  List<Member> without(Collection<Member> some) {
    return members.stream().filter(member -> !some.contains(member)).toList();
  }

  /** One more, which is not started yet. */
  Member add() {
    return add(Map.of());
  }

  /** One more, with variables of its own. */
  Member add(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(environment);
    all.putAll(more);
    Member member = new Member("peer-" + members.size(), network, all);
    members.add(member);
    return member;
  }

  /** The network of the containers, for others that are to be in it. */
  Network network() {
    return network;
  }

  // What one does to them

  /** Starts some at once, for the first time or again, and waits until they are ready. */
  void start(Collection<Member> some) {
    all(some, Member::start);
    all(some, Member::awaitReady);
  }

  /** SIGKILL to some at once. */
  void kill(Collection<Member> some) {
    all(some, Member::kill);
  }

  void pause(Collection<Member> some) {
    all(some, Member::pause);
  }

  void resume(Collection<Member> some) {
    all(some, Member::resume);
  }

  /** Lets nothing through between the ones and the others, in either direction. */
  void cut(Collection<Member> ones, Collection<Member> others) {
    List<String> addresses = others.stream().map(Member::ip).toList();
    all(ones, member -> member.network().cutOff(addresses));
  }

  /** Has some lose a share of what comes in from other members. */
  void lose(double share, Collection<Member> some) {
    Map<Member, String> addresses = members.stream().collect(Collectors.toMap(m -> m, Member::ip));
    all(
        some,
        member -> {
          Map<Member, String> others = new HashMap<>(addresses);
          others.remove(member);
          member.network().lose(share, others.values());
        });
  }

  /** Lets everything through again. */
  void heal(Collection<Member> some) {
    all(some, member -> member.network().heal());
  }

  /** Does something to some at once. */
  void all(Collection<Member> some, Consumer<Member> action) {
    CompletableFuture.allOf(
            some.stream()
                .map(member -> CompletableFuture.runAsync(() -> action.accept(member), threads))
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }

  // What one expects of them

  /** Waits until each of some has all the others of them in its table, and nobody else. */
  void awaitTablesHave(Collection<Member> some) {
    for (Member member : some) {
      Set<NodeId> others = others(some, member);
      await(member + " knows " + some)
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(200))
          .untilAsserted(() -> assertThat(member.contacts().keySet()).isEqualTo(others));
    }
  }

  /** Each of some knows each other one at the address that it has now. */
  void assertTablesSayWhere(Collection<Member> some) {
    Map<NodeId, String> addresses =
        some.stream()
            .collect(Collectors.toMap(Member::id, member -> member.ip() + ":" + Member.PEERS));
    for (Member member : some) {
      member
          .contacts()
          .forEach(
              (id, address) ->
                  assertThat(address)
                      .as("%s is at, as %s has it", id.toShortString(), member)
                      .isEqualTo(addresses.get(id)));
    }
  }

  /**
   * Every one of some looks up every one of them, and finds all the others in their right order.
   */
  void assertLookupsAreRight(Collection<Member> some) {
    assertLookupsAreRight(some, PATIENCE);
  }

  /** The same, where no lookup may take longer than this; those of each one come one by one. */
  void assertLookupsAreRight(Collection<Member> some, Duration atMost) {
    all(
        some,
        member -> {
          for (Member target : some) {
            long startedNanos = System.nanoTime();
            assertThat(member.lookup(target.id()))
                .as("%s looks up %s", member, target)
                .isEqualTo(nearest(others(some, member), target.id()));
            assertThat(Duration.ofNanos(System.nanoTime() - startedNanos))
                .as("%s looked up %s", member, target)
                .isLessThan(atMost);
          }
        });
  }

  /** The same as soon as may be. */
  void awaitLookupsAreRight(Collection<Member> some, Duration within) {
    await("lookups are right")
        .atMost(within)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions()
        .untilAsserted(() -> assertLookupsAreRight(some));
  }

  /** Waits until a service resolves to these endpoints at all of some. */
  void awaitResolve(String service, Collection<Member> some, Duration within, String... endpoints) {
    List<String> expected = Stream.of(endpoints).sorted().toList();
    await(service + " resolves to " + expected)
        .atMost(within)
        .pollInterval(Duration.ofMillis(100))
        // A node says when it does not know; that is for a while here.
        .ignoreExceptionsInstanceOf(PeerException.class)
        .untilAsserted(
            () -> {
              for (Member member : some) {
                assertThat(member.resolve(service)).as("at %s", member).isEqualTo(expected);
              }
            });
  }

  static Set<NodeId> others(Collection<Member> some, Member member) {
    return some.stream()
        .filter(other -> other != member)
        .map(Member::id)
        .collect(Collectors.toSet());
  }

  /** What a lookup has to answer: by brute force. */
  static List<NodeId> nearest(Collection<NodeId> ids, NodeId target) {
    Comparator<NodeId> byDistance = target::compareDistances;
    return ids.stream().sorted(byDistance).limit(20).toList();
  }

  @Override
  public void close() {
    try {
      all(members, Member::close);
    } finally {
      threads.shutdownNow();
      network.close();
    }
  }
}
