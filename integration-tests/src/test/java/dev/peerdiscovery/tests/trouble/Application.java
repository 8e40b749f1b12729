package dev.peerdiscovery.tests.trouble;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Instance;
import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.client.Watch;
import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A process's use of discovery: one client, its leases and watches, and what it does wrong with
 * them. Each method is one act, and blocks as long as a caller of the client would. Thread-safe.
 */
final class Application implements AutoCloseable {
  private static final int MOST_LEASES = 6;
  private static final int MOST_WATCHES = 5;

  /** What a blocking call to watch may take. */
  private static final Duration WATCH = Duration.ofSeconds(30);

  /** Of one node; there are as many tries as nodes. */
  private static final Duration RESOLVE = Duration.ofSeconds(5);

  private static final Duration LOOKUP = Duration.ofSeconds(15);

  /** What has been there for so long is known everywhere. */
  static final Duration STEADY = Duration.ofSeconds(20);

  private final String name;
  private final DiscoveryClient client;
  private final int nodes;
  private final Surroundings around;
  private final Waits waits;
  private final Leases leases;
  private final List<Followed> watches = new ArrayList<>();
  private final AtomicInteger watchNames = new AtomicInteger();
  private boolean closed;

  /**
   * An application without a lease or a watch.
   *
   * @param nodes how many the client has been given
   */
  Application(String name, DiscoveryClient client, int nodes, Surroundings around) {
    this.name = name;
    this.client = client;
    this.nodes = nodes;
    this.around = around;
    this.waits = new Waits(around);
    this.leases = new Leases(name, client, waits, around);
  }

  Leases leases() {
    return leases;
  }

  /**
   * One act.
   *
   * @param drawn below 100: which one
   * @param millis after which what is interrupted or cancelled is
   */
  void act(String service, int drawn, int millis, SplittableRandom random)
      throws InterruptedException {
    if (drawn < 30) {
      open(service, drawn, millis, random);
    } else if (drawn < 46) {
      leases.closeOne(random);
    } else if (drawn < 50) {
      leases.registerTwice(random, millis);
    } else if (drawn < 54) {
      leases.toggleServer(random);
    } else if (drawn < 74) {
      watch(service, drawn, millis, random);
    } else if (drawn < 96) {
      resolve(service, drawn < 80 ? millis : -1);
    } else {
      lookup(random);
    }
  }

  private void open(String service, int drawn, int millis, SplittableRandom random)
      throws InterruptedException {
    if (drawn < 2) {
      leases.registerWhereNothingListens(service, random.nextBoolean() ? millis : -1);
    } else if (leases.count() >= MOST_LEASES) {
      leases.closeOne(random);
    } else if (drawn < 12) {
      leases.register(service, -1);
    } else if (drawn < 18) {
      leases.register(service, millis);
    } else if (drawn < 24) {
      leases.registerCancelled(service, millis);
    } else {
      leases.registerWithListener(service, random);
    }
  }

  private void watch(String service, int drawn, int millis, SplittableRandom random) {
    if (drawn < 57) {
      watchCancelled(service, millis);
    } else if (drawn < 66 || countWatches() >= MOST_WATCHES) {
      closeWatch(random);
    } else if (drawn < 70) {
      watchOnce(service, random.nextBoolean() ? millis : -1);
    } else {
      follow(service, random.nextInt(3) > 0 ? Optional.of(random) : Optional.empty());
    }
  }

  private void watchOnce(String service, int interruptMillis) {
    String kind = interruptMillis < 0 ? "watch" : "watch, interrupted";
    waits
        .blocking(kind, WATCH, interruptMillis, () -> client.watch(service))
        .ifPresent(
            watch -> {
              checkNotEmpty(kind, service, watch.instances());
              watch.close();
            });
  }

  private void watchCancelled(String service, int millis) {
    CompletableFuture<Watch> future;
    try {
      future = client.watchAsync(service);
    } catch (PeerException e) {
      return;
    }
    waits.promised("watchAsync, cancelled", WATCH, future);
    around
        .timer()
        .schedule(
            () -> {
              future.cancel(true);
              if (!future.isCompletedExceptionally()) {
                future.join().close();
              }
            },
            millis,
            TimeUnit.MILLISECONDS);
  }

  private void follow(String service, Optional<SplittableRandom> faults) {
    String kind = faults.isEmpty() ? "synced" : "synced, listener throws";
    String watchName = name + ", watch " + watchNames.incrementAndGet() + ", " + kind;
    Followed followed;
    try {
      followed = new Followed(client, service, watchName, around.time(), faults);
    } catch (PeerException e) {
      return;
    }
    waits.promised(kind, WATCH, followed.watch().synced());
    synchronized (this) {
      if (!closed) {
        watches.add(followed);
      }
    }
  }

  private synchronized int countWatches() {
    return watches.size();
  }

  private void closeWatch(SplittableRandom random) {
    Followed followed;
    synchronized (this) {
      if (watches.isEmpty()) {
        return;
      }
      followed = watches.remove(random.nextInt(watches.size()));
    }
    followed.watch().close();
  }

  private void resolve(String service, int interruptMillis) {
    String kind = interruptMillis < 0 ? "resolve" : "resolve, interrupted";
    waits
        .blocking(kind, RESOLVE.multipliedBy(nodes), interruptMillis, () -> client.resolve(service))
        .ifPresent(instances -> checkNotEmpty(kind, service, instances));
  }

  private void lookup(SplittableRandom random) {
    NodeId target = NodeId.random(random);
    waits.blocking("lookup", LOOKUP.multipliedBy(nodes), -1, () -> client.lookup(target));
  }

  /** Some instances are always there, so that an empty answer is never right. */
  private void checkNotEmpty(String kind, String service, List<Instance> instances) {
    if (instances.isEmpty() && around.ledger().wantedFor(service, STEADY) > 0) {
      around.violations().add("wrong", name + ", " + kind + ": no instance of " + service);
    }
  }

  /** Holds what the watches show against what is known. */
  void look() {
    List<Followed> all;
    synchronized (this) {
      all = List.copyOf(watches);
    }
    all.forEach(followed -> followed.look(around.ledger()));
  }

  /** Ends the client, whatever it is being used for. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      watches.clear();
    }
    leases.closing();
    // A second for each channel.
    Patience.Act act = around.patience().blocking("client: close", Duration.ofSeconds(nodes));
    client.close();
    act.ended("ok");
    leases.closed();
    waits.close();
  }
}
