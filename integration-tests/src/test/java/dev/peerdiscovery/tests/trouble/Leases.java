package dev.peerdiscovery.tests.trouble;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Lease;
import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.client.Registration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The leases of one client, opened and ended in all ways. Thread-safe. */
final class Leases {
  /** The key of the metadata with an instance's number. */
  static final String NUMBER = "number";

  static final Duration TTL = Duration.ofSeconds(10);

  /** What a blocking call to register may take. */
  private static final Duration REGISTER = Duration.ofSeconds(30);

  private final String name;
  private final DiscoveryClient client;
  private final Waits waits;
  private final Surroundings around;
  private final List<Held> open = new ArrayList<>();
  private boolean closed;

  Leases(String name, DiscoveryClient client, Waits waits, Surroundings around) {
    this.name = name;
    this.client = client;
    this.waits = waits;
    this.around = around;
  }

  /** An instance that is to be registered. */
  private record Wanted(int number, Registration registration, Door door) {}

  /** A lease that is open. An act takes it out of the list, so that no other one meets it. */
  private static final class Held {
    final Wanted instance;
    final Lease lease;
    boolean isServing = true;

    Held(Wanted instance, Lease lease) {
      this.instance = instance;
      this.lease = lease;
    }
  }

  private Wanted draw(String service, String what) {
    Door door = around.doors().get();
    int number = around.ledger().draw(service, name + ", " + what);
    Registration registration =
        Registration.of(service, "127.0.0.1:" + door.port())
            .withMetadata(Map.of(NUMBER, "" + number))
            .withTtl(TTL);
    return new Wanted(number, registration, door);
  }

  /** Registers and waits until it is published, or for so many milliseconds until an interrupt. */
  void register(String service, int interruptMillis) {
    String kind = interruptMillis < 0 ? "register" : "register, interrupted";
    Wanted wanted = draw(service, kind);
    waits
        .blocking(kind, REGISTER, interruptMillis, () -> client.register(wanted.registration()))
        .ifPresentOrElse(lease -> keep(new Held(wanted, lease)), () -> end(wanted));
  }

  /** Registers where nothing listens: that fails in time. */
  void registerWhereNothingListens(String service, int interruptMillis)
      throws InterruptedException {
    Wanted wanted = draw(service, "where nothing listens");
    wanted.door().close();
    around.ledger().reject(wanted.number());
    waits
        .blocking(
            "register where nothing listens",
            REGISTER,
            interruptMillis,
            () -> client.register(wanted.registration()))
        .ifPresent(Lease::close);
  }

  /** Registers with a future that is cancelled after so many milliseconds. */
  void registerCancelled(String service, int millis) {
    Wanted wanted = draw(service, "cancelled");
    CompletableFuture<Lease> future;
    try {
      future = client.registerAsync(wanted.registration());
    } catch (PeerException e) {
      end(wanted);
      return;
    }
    waits.promised("registerAsync, cancelled", REGISTER, future);
    later(
        millis,
        () -> {
          future.cancel(true);
          if (future.isCompletedExceptionally()) {
            end(wanted);
          } else {
            keep(new Held(wanted, future.join()));
          }
        });
  }

  /** Registers with a listener that does wrong now and then. */
  void registerWithListener(String service, SplittableRandom random) {
    Wanted wanted = draw(service, "listener throws");
    try {
      Lease lease = client.register(wanted.registration(), state -> Fault.maybe(random));
      waits.promised("published, listener throws", REGISTER, lease.published());
      keep(new Held(wanted, lease));
    } catch (PeerException e) {
      end(wanted);
    }
  }

  private void keep(Held held) {
    around.ledger().ask(held.instance.number(), () -> held.lease.state().toString());
    // Before another act can take it.
    around.ledger().want(held.instance.number());
    giveBack(held);
  }

  private void end(Wanted instance) {
    around.end(instance.number(), instance.door());
  }

  private synchronized Optional<Held> take(SplittableRandom random) {
    return open.isEmpty()
        ? Optional.empty()
        : Optional.of(open.remove(random.nextInt(open.size())));
  }

  /** False when the client was closed meanwhile; then it is over. */
  private boolean giveBack(Held held) {
    synchronized (this) {
      if (!closed) {
        open.add(held);
        return true;
      }
    }
    end(held.instance);
    return false;
  }

  void closeOne(SplittableRandom random) {
    take(random)
        .ifPresent(
            held -> {
              around.ledger().leaveOpen(held.instance.number());
              held.lease.close();
              end(held.instance);
            });
  }

  /** Another lease of the same instance, for so long: the first one is there all the time. */
  void registerTwice(SplittableRandom random, int millis) {
    take(random)
        .ifPresent(
            held -> {
              if (held.isServing) {
                around.ledger().note(held.instance.number(), "registered twice");
                second(held.instance.registration(), millis);
              }
              giveBack(held);
            });
  }

  private void second(Registration registration, int millis) {
    try {
      Lease second = client.register(registration, state -> {});
      later(millis, second::close);
    } catch (PeerException e) {
      // The client was closed meanwhile.
    }
  }

  /** An instance's server stops taking connections, or takes them again. */
  void toggleServer(SplittableRandom random) throws InterruptedException {
    Optional<Held> taken = take(random);
    if (taken.isEmpty()) {
      return;
    }
    Held held = taken.get();
    if (held.isServing) {
      held.instance.door().close();
      held.isServing = false;
      around.ledger().reject(held.instance.number());
      giveBack(held);
    } else if (held.instance.door().openAgain()) {
      held.isServing = true;
      around.ledger().note(held.instance.number(), "its server was away");
      around.ledger().want(held.instance.number());
      giveBack(held);
    } else {
      // Something else has the port now.
      held.lease.close();
    }
  }

  synchronized int count() {
    return open.size();
  }

  /** The client is being closed: from now on each may be found or not. */
  synchronized void closing() {
    closed = true;
    open.forEach(held -> around.ledger().leaveOpen(held.instance.number()));
  }

  /** The client is closed: none may be found from now on. */
  void closed() {
    List<Held> ended;
    synchronized (this) {
      ended = List.copyOf(open);
      open.clear();
    }
    ended.forEach(held -> end(held.instance));
  }

  private void later(int millis, Runnable what) {
    around.timer().schedule(what, millis, TimeUnit.MILLISECONDS);
  }
}
