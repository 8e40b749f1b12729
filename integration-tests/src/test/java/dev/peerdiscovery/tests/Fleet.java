package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Many nodes in this JVM, joined over the wire, and what is true about them. The truth is read off
 * their ids alone.
 */
final class Fleet implements AutoCloseable {
  /** The size of a lookup's result. */
  static final int K = 20;

  private static final int LOOKUPS_AT_ONCE = 8;
  private static final long PATIENCE_SECONDS = 120;
  private static final Duration CYCLES_PATIENCE = Duration.ofMinutes(5);

  /** How nodes are started, reached and killed. */
  interface Transport extends AutoCloseable {
    /** Starts a node that is configured but for how it is reached. */
    Running start(PeerNodeBuilder builder) throws Exception;

    @Override
    void close();
  }

  /** A node that was started. */
  interface Running extends AutoCloseable {
    PeerNode node();

    /** Where the others reach it. */
    Endpoint endpoint();

    /** Stops it at once: nobody is told. */
    void kill();

    @Override
    void close();
  }

  private static final class Member {
    final NodeId id;
    final AtomicInteger cycles = new AtomicInteger();
    Running running;

    Member(NodeId id) {
      this.id = id;
    }

    /** A cycle of upkeep ends with the node's own neighbourhood looked up anew. */
    void observe(Event event) {
      if (event instanceof Event.LookupEnded ended && ended.target().equals(id)) {
        cycles.incrementAndGet();
      }
    }
  }

  /**
   * How well lookups did.
   *
   * @param closestFound in how many the closest live peer was the first of the result
   * @param recall which share of the closest that there are was found
   */
  record Score(int lookups, int exact, int closestFound, double recall, long millis) {
    @Override
    public String toString() {
      return "%d lookups in %d ms: exact %d, closest found %d, recall %.4f"
          .formatted(lookups, millis, exact, closestFound, recall);
    }
  }

  private final Transport transport;
  private final EngineConfig config;
  private final SplittableRandom random;
  private final List<Member> members = new ArrayList<>();

  Fleet(Transport transport, EngineConfig config, long seed) {
    this.transport = transport;
    this.config = config;
    this.random = new SplittableRandom(seed);
    say("seed " + seed);
  }

  static void say(String what) {
    System.out.println(what);
  }

  /** Starts nodes of random ids, so many at once; each joins through a random one from before. */
  void join(int count, int atOnce) throws Exception {
    long started = System.nanoTime();
    for (int done = 0; done < count; ) {
      int batch = Math.min(members.isEmpty() ? 1 : Math.min(atOnce, members.size()), count - done);
      List<Member> earlier = List.copyOf(members);
      List<CompletableFuture<?>> ready = new ArrayList<>();
      for (int i = 0; i < batch; i++) {
        ready.add(start(earlier).node().ready());
      }
      CompletableFuture.allOf(ready.toArray(CompletableFuture[]::new))
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      done += batch;
    }
    long millis = (System.nanoTime() - started) / 1_000_000;
    say(
        "%d nodes joined in %d ms, %.1f ms each, %d at once"
            .formatted(count, millis, (double) millis / count, atOnce));
  }

  private Running start(List<Member> earlier) throws Exception {
    Member member = new Member(NodeId.random(random));
    PeerNodeBuilder builder =
        PeerNode.builder().id(member.id).engine(config).observeInTurn(member::observe);
    if (!earlier.isEmpty()) {
      builder.bootstrap(earlier.get(random.nextInt(earlier.size())).running.endpoint());
    }
    member.running = transport.start(builder);
    members.add(member);
    return member.running;
  }

  /**
   * What the network promises: lookups are exact; they hold when a third of the nodes is gone from
   * one moment to the next; and are exact again after three cycles of upkeep.
   */
  void checkLookups_evenAfterTheLossOfAThird(int lookups) throws Exception {
    Score joined = lookUp(lookups);
    say("after joining: " + joined);
    assertThat(joined.exact()).isEqualTo(lookups);

    CyclesFrom cycles = cycles();
    kill(members.size() / 3);
    Score wounded = lookUp(lookups);
    say("a third killed: " + wounded);
    assertThat(wounded.closestFound()).isGreaterThanOrEqualTo(lookups * 999 / 1000);
    assertThat(wounded.recall()).isGreaterThanOrEqualTo(0.9);

    await().atMost(CYCLES_PATIENCE).until(() -> cycles.fewest() >= 3);
    Score healed = lookUp(lookups);
    say("after three cycles of upkeep: " + healed);
    assertThat(healed.exact()).isEqualTo(lookups);
  }

  /** Kills a share of the nodes, drawn at random, all at once. */
  void kill(int count) throws Exception {
    List<Member> shuffled = new ArrayList<>(members);
    Collections.shuffle(shuffled, new Random(random.nextLong()));
    List<Member> victims = shuffled.subList(0, count);
    members.removeAll(victims);
    CompletableFuture.allOf(
            victims.stream()
                .map(victim -> CompletableFuture.runAsync(victim.running::kill))
                .toArray(CompletableFuture[]::new))
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** Makes the end of so many more cycles of upkeep at every node something to wait for. */
  CyclesFrom cycles() {
    List<Integer> before = members.stream().map(member -> member.cycles.get()).toList();
    return () ->
        Stream.iterate(0, i -> i + 1)
            .limit(members.size())
            .mapToInt(i -> members.get(i).cycles.get() - before.get(i))
            .min()
            .orElse(0);
  }

  /** How many cycles of upkeep every node has been through since. */
  interface CyclesFrom {
    int fewest();
  }

  /** Looks random targets up from random nodes, and compares with the truth. */
  Score lookUp(int count) throws Exception {
    long started = System.nanoTime();
    Semaphore permits = new Semaphore(LOOKUPS_AT_ONCE);
    AtomicInteger exact = new AtomicInteger();
    AtomicInteger closest = new AtomicInteger();
    AtomicInteger found = new AtomicInteger();
    AtomicInteger wanted = new AtomicInteger();
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      assertThat(permits.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      Member asking = members.get(random.nextInt(members.size()));
      NodeId target = NodeId.random(random);
      List<NodeId> truth = truth(asking.id, target);
      all.add(
          asking
              .running
              .node()
              .lookup(target)
              .thenAccept(
                  result -> {
                    List<NodeId> ids = result.stream().map(Contact::id).toList();
                    exact.addAndGet(ids.equals(truth) ? 1 : 0);
                    boolean hit = !ids.isEmpty() && ids.get(0).equals(truth.get(0));
                    closest.addAndGet(hit ? 1 : 0);
                    wanted.addAndGet(truth.size());
                    found.addAndGet(
                        (int) truth.stream().filter(new HashSet<>(ids)::contains).count());
                  })
              .whenComplete((done, error) -> permits.release()));
    }
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return new Score(
        count,
        exact.get(),
        closest.get(),
        (double) found.get() / wanted.get(),
        (System.nanoTime() - started) / 1_000_000);
  }

  private List<NodeId> truth(NodeId asking, NodeId target) {
    return members.stream()
        .map(member -> member.id)
        .filter(id -> !id.equals(asking))
        .sorted(target::compareDistances)
        .limit(K)
        .toList();
  }

  @Override
  public void close() {
    // In a network of the same fate nobody needs to be told.
    CompletableFuture.allOf(
            members.stream()
                .map(member -> CompletableFuture.runAsync(member.running::kill))
                .toArray(CompletableFuture[]::new))
        .join();
    transport.close();
  }
}
