package dev.peerdiscovery.tests.trouble;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.Provider;
import dev.peerdiscovery.node.InstanceCheck;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerServices;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the application in whose process a node runs does with it, right and wrong, from its start
 * to its end. Thread-safe.
 */
final class Embedded {
  private static final Duration ANSWER = Duration.ofSeconds(15);
  private static final int MOST_LEASES = 3;

  private final Member member;
  private final PeerNode node;
  private final Surroundings around;
  private final SplittableRandom random;
  private final List<Held> leases = new ArrayList<>();
  private final AtomicInteger watches = new AtomicInteger();
  private boolean over;

  private record Held(int number, Door door, PeerServices.Registered registered) {}

  Embedded(Member member, PeerNode node, Surroundings around, SplittableRandom random) {
    this.member = member;
    this.node = node;
    this.around = around;
    this.random = random;
  }

  void act(String service) {
    int drawn;
    synchronized (this) {
      drawn = over ? -1 : random.nextInt(10);
    }
    switch (drawn) {
      case 0, 1 -> register(service);
      case 2, 3 -> closeLease();
      case 4, 5 -> watch(service);
      case 6 -> lookupInside();
      case 7, 8 -> resolve(service);
      case 9 -> promised("embedded: status", node.status());
      default -> {}
    }
  }

  private <T> CompletableFuture<T> promised(String kind, CompletableFuture<T> future) {
    Patience.Act act = around.patience().promised(kind, ANSWER);
    return future.whenComplete(
        (ok, error) -> act.ended(error == null ? "ok" : Waits.outcome(error)));
  }

  /** Waits for a lookup where a future of the node completes. */
  private void lookupInside() {
    NodeId target;
    synchronized (this) {
      target = NodeId.random(random);
    }
    promised(
        "embedded: a lookup is waited for in a future of the node",
        node.status().thenApply(status -> node.lookup(target).join()));
  }

  private void resolve(String service) {
    promised("embedded: resolve", node.services().resolve(service))
        .thenAccept(
            found -> {
              if (found.isEmpty() && around.ledger().wantedFor(service, Application.STEADY) > 0) {
                around
                    .violations()
                    .add("wrong", member.name() + " resolves no instance of " + service);
              }
            });
  }

  /** A listener that throws at its first call, and then now and then. */
  private void watch(String service) {
    if (watches.incrementAndGet() > 4) {
      watches.decrementAndGet();
      return;
    }
    AutoCloseable watch = node.services().watch(service, Embedded::fail, error -> fail(List.of()));
    around
        .timer()
        .schedule(
            () -> {
              watch.close();
              return watches.decrementAndGet();
            },
            10,
            TimeUnit.SECONDS);
  }

  private static void fail(List<Provider> found) {
    if (found.size() % 2 == 0) {
      throw new IllegalStateException("an embedded listener that throws");
    }
    throw new AssertionError("an embedded listener that throws an error");
  }

  private void register(String service) {
    synchronized (this) {
      if (leases.size() >= MOST_LEASES || over) {
        return;
      }
    }
    Door door = around.doors().get();
    int number = around.ledger().draw(service, "embedded at " + member.name());
    PeerServices.Registered registered =
        node.services()
            .register(
                service,
                new Endpoint("127.0.0.1", door.port()),
                Map.of(Leases.NUMBER, "" + number),
                Leases.TTL,
                InstanceCheck.TCP);
    promised("embedded: published", registered.published());
    synchronized (this) {
      if (!over) {
        leases.add(new Held(number, door, registered));
        around.ledger().want(number);
        return;
      }
    }
    around.end(number, door);
  }

  private void closeLease() {
    Held held;
    synchronized (this) {
      if (leases.isEmpty()) {
        return;
      }
      held = leases.remove(random.nextInt(leases.size()));
    }
    around.ledger().leaveOpen(held.number);
    held.registered.close();
    around.end(held.number, held.door);
  }

  /** The node is about to stop: nothing of this may be found from then on. */
  void over() {
    List<Held> ended;
    synchronized (this) {
      over = true;
      ended = List.copyOf(leases);
      leases.clear();
    }
    ended.forEach(held -> around.end(held.number, held.door));
  }
}
