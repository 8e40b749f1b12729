package dev.peerdiscovery.tests.trouble;

import dev.peerdiscovery.client.Change;
import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Instance;
import dev.peerdiscovery.client.Lease;
import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.client.Registration;
import dev.peerdiscovery.client.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A process's use of discovery: one client, its leases and watches, and what it does wrong with
 * them. Each method is one act, and blocks as long as a caller of the client would. Thread-safe.
 */
final class Application implements AutoCloseable {
  /** The key of the metadata with an instance's number. */
  static final String NUMBER = "number";

  static final Duration TTL = Duration.ofSeconds(10);

  /** What a blocking call to register or to watch may take. */
  private static final Duration STREAM = Duration.ofSeconds(30);

  /** Of one node; there are as many tries as nodes. */
  private static final Duration RESOLVE = Duration.ofSeconds(5);

  private static final Duration LOOKUP = Duration.ofSeconds(15);

  /** A call that is interrupted, or whose client is closed, returns at once. */
  static final Duration AT_ONCE = Duration.ZERO;

  /** So long a server goes on after its lease. */
  private static final long DOOR_SECONDS = 60;

  /** A lease that is open, and what it is for. */
  static final class Held {
    final int number;
    final Registration registration;
    final Door door;
    final Lease lease;
    boolean isServing = true;

    Held(int number, Registration registration, Door door, Lease lease) {
      this.number = number;
      this.registration = registration;
      this.door = door;
      this.lease = lease;
    }
  }

  /** A watch that is open, and since when it was not interrupted. */
  static final class Followed implements Watch.Listener {
    final String service;
    final String name;
    final RunningTime time;
    final SplittableRandom random;
    final boolean throwsAtTimes;
    volatile long sinceNanos;
    volatile boolean interrupted;
    volatile Watch watch;

    Followed(
        String service,
        String name,
        RunningTime time,
        SplittableRandom random,
        boolean throwsAtTimes) {
      this.service = service;
      this.name = name;
      this.time = time;
      this.random = random;
      this.throwsAtTimes = throwsAtTimes;
      this.sinceNanos = time.nanos();
    }

    @Override
    public void changed(Change change) {
      interrupted = false;
      misbehave();
    }

    @Override
    public void interrupted(PeerException why) {
      interrupted = true;
      misbehave();
    }

    @Override
    public void resumed() {
      sinceNanos = time.nanos();
      interrupted = false;
      misbehave();
    }

    private void misbehave() {
      if (throwsAtTimes) {
        Application.misbehave(random);
      }
    }
  }

  private static void misbehave(SplittableRandom random) {
    int drawn;
    synchronized (random) {
      drawn = random.nextInt(10);
    }
    switch (drawn) {
      case 0, 1 -> throw new IllegalStateException("a listener that throws");
      case 2, 3 -> throw new AssertionError("a listener that throws an error");
      case 4 -> LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
      default -> {}
    }
  }

  final String name;
  private final DiscoveryClient client;
  private final int nodes;
  private final Surroundings around;
  private final List<Held> leases = new ArrayList<>();
  private final List<Followed> watches = new ArrayList<>();
  private final Set<Patience.Act> waiting = new HashSet<>();
  private boolean closed;

  /** What all applications share. */
  record Surroundings(
      Ledger ledger,
      Patience patience,
      Violations violations,
      RunningTime time,
      ScheduledExecutorService timer,
      Supplier<Door> doors) {
    /** An instance is over; its server goes on for a while, so that what leaks is seen. */
    void end(int number, Door door) {
      ledger.reject(number);
      timer.schedule(() -> closeQuietly(door), DOOR_SECONDS, TimeUnit.SECONDS);
    }
  }

  Application(String name, DiscoveryClient client, int nodes, Surroundings around) {
    this.name = name;
    this.client = client;
    this.nodes = nodes;
    this.around = around;
  }

  private Registration registration(String service, int number, int port) {
    return Registration.of(service, "127.0.0.1:" + port)
        .withMetadata(Map.of(NUMBER, "" + number))
        .withTtl(TTL);
  }

  /** Registers, and waits until it is published. */
  void register(String service) {
    registerBlocking(service, "register", -1);
  }

  /** The same, interrupted after so many milliseconds. */
  void registerInterrupted(String service, int millis) {
    registerBlocking(service, "register, interrupted", millis);
  }

  private void registerBlocking(String service, String kind, int interruptMillis) {
    Door door = around.doors.get();
    int number = around.ledger.draw(service, name + ", " + kind);
    Registration registration = registration(service, number, door.port());
    blocking(kind, STREAM, interruptMillis, () -> client.register(registration))
        .ifPresentOrElse(
            lease -> keep(new Held(number, registration, door, lease)), () -> end(number, door));
  }

  /** Registers where nothing listens: that fails in time, whatever becomes of it. */
  void registerWhereNothingListens(String service, int interruptMillis) throws Exception {
    Door door = around.doors.get();
    door.close();
    int number = around.ledger.draw(service, name + ", where nothing listens");
    Registration registration = registration(service, number, door.port());
    around.ledger.reject(number);
    blocking(
            "register where nothing listens",
            STREAM,
            interruptMillis,
            () -> client.register(registration))
        .ifPresent(Lease::close);
  }

  /** Registers with a future that is cancelled after so many milliseconds. */
  void registerCancelled(String service, int millis) {
    Door door = around.doors.get();
    int number = around.ledger.draw(service, name + ", cancelled");
    Registration registration = registration(service, number, door.port());
    CompletableFuture<Lease> future;
    try {
      future = client.registerAsync(registration);
    } catch (RuntimeException e) {
      end(number, door);
      return;
    }
    promised("registerAsync, cancelled", STREAM, future);
    later(
        millis,
        () -> {
          if (future.cancel(true) || future.isCompletedExceptionally()) {
            end(number, door);
          } else {
            keep(new Held(number, registration, door, future.join()));
          }
        });
  }

  /** Registers with a listener that throws now and then. */
  void registerWithListener(String service, SplittableRandom random) {
    Door door = around.doors.get();
    int number = around.ledger.draw(service, name + ", listener throws");
    Registration registration = registration(service, number, door.port());
    try {
      Lease lease = client.register(registration, state -> misbehave(random));
      promised("published, listener throws", STREAM, lease.published());
      keep(new Held(number, registration, door, lease));
    } catch (PeerException e) {
      end(number, door);
    }
  }

  private void keep(Held held) {
    synchronized (this) {
      if (!closed) {
        leases.add(held);
        around.ledger.want(held.number);
        return;
      }
    }
    end(held.number, held.door);
  }

  private void end(int number, Door door) {
    around.end(number, door);
  }

  private static void closeQuietly(AutoCloseable what) {
    try {
      what.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Takes a lease out that no other act is to meet; nothing when there is none. */
  private synchronized List<Held> takeLease(SplittableRandom random) {
    return leases.isEmpty() ? List.of() : List.of(leases.remove(random.nextInt(leases.size())));
  }

  private synchronized boolean giveBack(Held held) {
    if (!closed) {
      leases.add(held);
    }
    return !closed;
  }

  void closeLease(SplittableRandom random) {
    for (Held held : takeLease(random)) {
      Patience.Act act = around.patience.blocking("lease: close", AT_ONCE);
      around.ledger.leaveOpen(held.number);
      held.lease.close();
      act.ended("ok");
      end(held.number, held.door);
    }
  }

  /** Another lease of the same instance, for so long: the first one is there all the time. */
  void registerTwice(SplittableRandom random, int millis) {
    for (Held held : takeLease(random)) {
      if (held.isServing) {
        try {
          Lease second = client.register(held.registration, state -> {});
          later(millis, second::close);
        } catch (PeerException e) {
          // The client was closed meanwhile.
        }
      }
      if (!giveBack(held)) {
        end(held.number, held.door);
      }
    }
  }

  /** An instance's server stops taking connections, or takes them again. */
  void toggleServer(SplittableRandom random) throws Exception {
    for (Held held : takeLease(random)) {
      if (held.isServing) {
        held.door.close();
        held.isServing = false;
        around.ledger.reject(held.number);
      } else {
        try {
          held.door.openAgain();
          held.isServing = true;
          around.ledger.want(held.number);
        } catch (Exception e) {
          // Something else has the port now; the lease is of no use any more.
          held.lease.close();
          continue;
        }
      }
      if (!giveBack(held)) {
        end(held.number, held.door);
      }
    }
  }

  /** Follows a service, and waits until the first look is over. */
  void watch(String service, int interruptMillis) {
    String kind = interruptMillis < 0 ? "watch" : "watch, interrupted";
    blocking(kind, STREAM, interruptMillis, () -> client.watch(service))
        .ifPresent(
            watch -> {
              checkNotEmpty(kind, service, watch.instances());
              Followed followed =
                  new Followed(
                      service, name + ", " + kind, around.time, new SplittableRandom(), false);
              followed.watch = watch;
              keep(followed);
            });
  }

  void watchCancelled(String service, int millis) {
    CompletableFuture<Watch> future;
    try {
      future = client.watchAsync(service);
    } catch (PeerException e) {
      return;
    }
    promised("watchAsync, cancelled", STREAM, future);
    later(
        millis,
        () -> {
          if (!future.cancel(true) && !future.isCompletedExceptionally()) {
            future.join().close();
          }
        });
  }

  void watchWithListener(String service, SplittableRandom random, boolean throwsAtTimes) {
    String kind = throwsAtTimes ? "watch, listener throws" : "watch with listener";
    Followed followed =
        new Followed(service, name + ", " + kind, around.time, random, throwsAtTimes);
    try {
      followed.watch = client.watch(service, followed);
    } catch (PeerException e) {
      return;
    }
    promised("synced" + kind.substring("watch".length()), STREAM, followed.watch.synced());
    keep(followed);
  }

  private void keep(Followed followed) {
    synchronized (this) {
      if (!closed) {
        watches.add(followed);
        return;
      }
    }
    followed.watch.close();
  }

  void closeWatch(SplittableRandom random) {
    Followed followed;
    synchronized (this) {
      if (watches.isEmpty()) {
        return;
      }
      followed = watches.remove(random.nextInt(watches.size()));
    }
    followed.watch.close();
  }

  void resolve(String service, int interruptMillis) {
    String kind = interruptMillis < 0 ? "resolve" : "resolve, interrupted";
    blocking(kind, RESOLVE.multipliedBy(nodes), interruptMillis, () -> client.resolve(service))
        .ifPresent(instances -> checkNotEmpty(kind, service, instances));
  }

  void lookup(SplittableRandom random) {
    blocking(
        "lookup",
        LOOKUP.multipliedBy(nodes),
        -1,
        () -> client.lookup(dev.peerdiscovery.core.id.NodeId.random(random)));
  }

  /** Some instances are always there, so that "nobody" is never right. */
  private void checkNotEmpty(String kind, String service, List<Instance> instances) {
    if (instances.isEmpty() && around.ledger.wantedFor(service, Duration.ofSeconds(20)) > 0) {
      around.violations.add("wrong", name + ", " + kind + " says that nobody provides " + service);
    }
  }

  /** Holds what the watches show against what is known. */
  void look() {
    List<Followed> all;
    synchronized (this) {
      all = List.copyOf(watches);
    }
    for (Followed each : all) {
      if (each.watch.synced().isDone() && !each.interrupted) {
        around.ledger.look(
            each.name + " of " + System.identityHashCode(each),
            each.sinceNanos,
            each.service,
            numbers(each.watch.instances()));
      }
    }
  }

  static List<Integer> numbers(List<Instance> instances) {
    return instances.stream()
        .map(instance -> Integer.parseInt(instance.metadata().getOrDefault(NUMBER, "0")))
        .toList();
  }

  synchronized int leases() {
    return leases.size();
  }

  synchronized int watches() {
    return watches.size();
  }

  private <T> java.util.Optional<T> blocking(
      String kind, Duration bound, int interruptMillis, Supplier<T> call) {
    Patience.Act act = around.patience.blocking(kind, bound);
    synchronized (this) {
      waiting.add(act);
      if (closed) {
        act.endWithin(AT_ONCE);
      }
    }
    if (interruptMillis >= 0) {
      later(interruptMillis, () -> act.interrupt(AT_ONCE));
    }
    try {
      T answer = call.get();
      act.ended("ok");
      return java.util.Optional.of(answer);
    } catch (RuntimeException e) {
      act.ended(outcome(e));
      if (act.wasInterrupted() && !Thread.currentThread().isInterrupted() && isCut(e)) {
        around.violations.add("interrupt", kind + " swallowed an interrupt, and threw " + e);
      }
      return java.util.Optional.empty();
    } finally {
      synchronized (this) {
        waiting.remove(act);
      }
      // For what this thread does next.
      Thread.interrupted();
    }
  }

  private static boolean isCut(RuntimeException e) {
    return outcome(e).contains("CANCELLED") || outcome(e).contains("Interrupted");
  }

  private void promised(String kind, Duration bound, CompletableFuture<?> future) {
    Patience.Act act = around.patience.promised(kind, bound);
    synchronized (this) {
      waiting.add(act);
      if (closed) {
        act.endWithin(AT_ONCE);
      }
    }
    future.whenComplete(
        (ok, error) -> {
          act.ended(error == null ? "ok" : outcome(error));
          synchronized (this) {
            waiting.remove(act);
          }
        });
  }

  static String outcome(Throwable error) {
    if (error instanceof CancellationException) {
      return "cancelled";
    }
    Throwable cause =
        error.getCause() != null && !(error instanceof PeerException) ? error.getCause() : error;
    if (cause instanceof PeerException peer) {
      return String.valueOf(
          peer.outcome() instanceof dev.peerdiscovery.core.message.Failure failure
              ? failure.kind()
              : peer.outcome() instanceof dev.peerdiscovery.core.message.Refusal refusal
                  ? refusal.reason()
                  : peer.outcome().getClass().getSimpleName());
    }
    return cause.getClass().getSimpleName();
  }

  private void later(int millis, Runnable what) {
    around.timer.schedule(what, millis, TimeUnit.MILLISECONDS);
  }

  /** Ends the client, whatever it is being used for. */
  @Override
  public void close() {
    List<Held> ended;
    Set<Patience.Act> cut;
    synchronized (this) {
      closed = true;
      ended = List.copyOf(leases);
      cut = Set.copyOf(waiting);
      leases.clear();
      watches.clear();
    }
    ended.forEach(held -> around.ledger.leaveOpen(held.number));
    // A second for each channel.
    Patience.Act act = around.patience.blocking("client: close", Duration.ofSeconds(nodes));
    client.close();
    act.ended("ok");
    ended.forEach(held -> end(held.number, held.door));
    cut.forEach(waits -> waits.endWithin(AT_ONCE));
  }
}
