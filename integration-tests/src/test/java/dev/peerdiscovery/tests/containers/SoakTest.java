package dev.peerdiscovery.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Five minutes in which nodes are killed, stopped and started again as chance has it, and looked up
 * all the time: every answer is held against what is known of who was there. It is idle most of the
 * time, so it runs beside other classes; but not beside those that measure, which are isolated, and
 * those that start nodes all the time: on two cores its own would then be too slow to be found.
 */
@NeedsDocker
@Tag("full")
@ResourceLock("processor")
@Execution(ExecutionMode.CONCURRENT)
class SoakTest {
  private static final int NODES = 10;
  private static final int NEVER_KILLED = 3;
  private static final int MOST_DOWN = 3;
  private static final Duration SETTLE = Duration.ofSeconds(90);
  private static final Duration TROUBLE = Duration.ofMinutes(2);
  private static final int LOOKUPS = 1000;
  private static final long PAUSE_NANOS = Duration.ofMillis(200).toNanos();

  private final List<String> wrong = new CopyOnWriteArrayList<>();
  private final AtomicInteger lookups = new AtomicInteger();
  private volatile boolean over;
  private volatile long troubleNanos = System.nanoTime();

  @Test
  void lookupsAreRight_andNothingGrows() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    List<Vitals> vitals = new ArrayList<>();
    try (Cluster cluster = Cluster.of(0).start()) {
      List<Integer> ports = new ArrayList<>();
      for (int i = 0; i < NODES; i++) {
        if (i < NEVER_KILLED) {
          int port = Member.freePort();
          ports.add(port);
          cluster.add(Vitals.variables(port)).expose(port, port);
        } else {
          cluster.add();
        }
      }
      cluster.start(cluster.members());
      cluster.awaitTablesHave(cluster.members());
      for (int i = 0; i < NEVER_KILLED; i++) {
        vitals.add(new Vitals(cluster.member(i), ports.get(i)));
      }
      Presence presence = new Presence(cluster.members());
      List<Member> steady = cluster.members().subList(0, NEVER_KILLED);
      List<CompletableFuture<Void>> asking =
          steady.stream()
              .map(member -> asking(member, cluster.members(), presence, random.split()))
              .toList();

      pause(SETTLE);
      List<Vitals.Sample> before = vitals.stream().map(Vitals::sample).toList();
      trouble(cluster.members().subList(NEVER_KILLED, NODES), presence, random.split());
      pause(SETTLE);
      List<Vitals.Sample> after = vitals.stream().map(Vitals::sample).toList();

      over = true;
      asking.forEach(CompletableFuture::join);
      System.out.printf("%d lookups, %d wrong%n", lookups.get(), wrong.size());
      for (int i = 0; i < NEVER_KILLED; i++) {
        System.out.printf("%s: %s, then %s%n", steady.get(i), before.get(i), after.get(i));
      }
      assertThat(wrong).isEmpty();
      assertThat(lookups.get()).isGreaterThanOrEqualTo(LOOKUPS);
      cluster.awaitTablesHave(cluster.members());
      for (int i = 0; i < NEVER_KILLED; i++) {
        assertNotGrown("threads", before.get(i).threads(), after.get(i).threads(), 3);
        assertNotGrown("sockets", before.get(i).sockets(), after.get(i).sockets(), 3);
        assertNotGrown("heap", before.get(i).heapBytes(), after.get(i).heapBytes(), 4 << 20);
      }
    } finally {
      over = true;
      vitals.forEach(Vitals::close);
    }
  }

  private static void assertNotGrown(String what, long before, long after, long little) {
    assertThat(after)
        .as("%s at the end, from %d", what, before)
        .isLessThanOrEqualTo(before + Math.max(before / 20, little));
  }

  private CompletableFuture<Void> asking(
      Member asking, List<Member> members, Presence presence, SplittableRandom random) {
    return CompletableFuture.runAsync(
        () -> ask(asking, members, presence, random), run -> new Thread(run, "asking").start());
  }

  /** Looks up one member after another, and keeps what is wrong. */
  private void ask(
      Member asking, List<Member> members, Presence presence, SplittableRandom random) {
    while (!over) {
      NodeId target = members.get(random.nextInt(members.size())).id();
      Presence.Certain before = presence.certain();
      try {
        List<NodeId> answer = asking.lookup(target);
        before
            .wrong(asking.id(), target, answer, presence.certain())
            .ifPresent(why -> wrong.add(wrong(asking, target, why)));
      } catch (RuntimeException e) {
        wrong.add(wrong(asking, target, e.toString()));
      }
      lookups.incrementAndGet();
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** With the time by the clock of what else is printed. */
  private String wrong(Member asking, NodeId target, String why) {
    double at = (System.nanoTime() - troubleNanos) / 1e9;
    return "%.1f s: %s looked up %s: %s".formatted(at, asking, target, why);
  }

  private void trouble(List<Member> victims, Presence presence, SplittableRandom random) {
    long startedNanos = System.nanoTime();
    troubleNanos = startedNanos;
    List<Member> down = new ArrayList<>();
    while (System.nanoTime() - startedNanos < TROUBLE.toNanos()) {
      boolean stops = down.size() < MOST_DOWN && (down.isEmpty() || random.nextBoolean());
      double at = (System.nanoTime() - startedNanos) / 1e9;
      if (stops) {
        List<Member> up = victims.stream().filter(presence::isUp).toList();
        Member victim = up.get(random.nextInt(up.size()));
        boolean kill = random.nextInt(3) > 0;
        System.out.printf("%5.1f s: %s %s%n", at, kill ? "kill" : "stop", victim);
        presence.stopping(victim);
        if (kill) {
          victim.kill();
        } else {
          assertThat(victim.terminate()).isZero();
        }
        presence.down(victim);
        down.add(victim);
      } else {
        Member back = down.remove(random.nextInt(down.size()));
        System.out.printf("%5.1f s: start %s%n", at, back);
        start(back, presence);
      }
      pause(Duration.ofMillis(random.nextInt(500, 3000)));
    }
    down.forEach(member -> start(member, presence));
  }

  private static void start(Member member, Presence presence) {
    presence.starting(member);
    member.start().awaitReady();
    presence.up(member);
  }

  private static void pause(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < until) {
      LockSupport.parkNanos(until - System.nanoTime());
    }
  }
}
