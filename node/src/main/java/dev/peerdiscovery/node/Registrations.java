package dev.peerdiscovery.node;

import dev.peerdiscovery.core.engine.CheckDue;
import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.proto.Refusals;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The instances that applications registered at this node. What is published and for how long is
 * the engine's; here is how each is checked, and which open call holds it. Fields are the engine
 * owner's alone; methods say who calls them.
 */
final class Registrations {
  /** As long as a lease can be: for what a call that is open holds. */
  private static final Duration HELD = Duration.ofDays(365);

  /**
   * An instance as its application describes it.
   *
   * @param check how to find out that it is there
   */
  record Instance(
      ServiceName service,
      Endpoint endpoint,
      Map<String, String> metadata,
      Duration ttl,
      InstanceCheck check) {
    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException when metadata or TTL are out of them
     */
    Instance {
      metadata = ProviderRecord.checkedMetadata(metadata);
      ProviderRecord.checkTtl(ttl);
    }

    Key key() {
      return new Key(service, endpoint);
    }
  }

  record Key(ServiceName service, Endpoint endpoint) {}

  /** Holds a registration for as long as it wants; told by the engine's owner. */
  interface Holder {
    /** So many other nodes keep a record of the instance; at first none. */
    void published(int keepers);

    /** A check failed; nobody is sent there until another one passes. */
    void failing(String why);

    /** It is registered no more, or not by this holder. */
    void ended(Refusal why);
  }

  private static final class Entry {
    final InstanceCheck check;
    final @Nullable Holder holder;

    /** What the last check said, once there was one since it was registered. */
    Optional<Boolean> there = Optional.empty();

    Entry(InstanceCheck check, @Nullable Holder holder) {
      this.check = check;
      this.holder = holder;
    }
  }

  private final Engine engine;
  private final AddressPolicy policy;
  private final EndpointChecks checks;
  private final Map<Key, Entry> entries = new HashMap<>();

  private @Nullable Driver driver;

  Registrations(Engine engine, AddressPolicy policy, EndpointChecks checks) {
    this.engine = engine;
    this.policy = policy;
    this.checks = checks;
  }

  /** Told once, before anything else. */
  void drivenBy(Driver value) {
    driver = value;
  }

  private Driver driver() {
    return Objects.requireNonNull(driver);
  }

  /**
   * Registers an instance until its lease is over, once it has passed a check. For any thread.
   *
   * @return fails with a refusal as a status
   */
  CompletableFuture<Void> lease(Instance instance, Duration lease) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    if (!policy.allows(instance.endpoint())) {
      return failed(done, notAllowed());
    }
    checks
        .check(instance.service(), instance.endpoint(), instance.check())
        .thenAccept(
            why -> {
              if (why.isPresent()) {
                failed(done, new Refusal(Refusal.Reason.NOT_THERE, "endpoint: " + why.get()));
              } else {
                driver()
                    .submit(now -> lease(instance, lease, done, now))
                    .ifPresent(refusal -> failed(done, refusal));
              }
            });
    return done;
  }

  private void lease(
      Instance instance, Duration lease, CompletableFuture<Void> done, long nowNanos) {
    if (register(instance, null, lease, nowNanos)) {
      done.complete(null);
    } else {
      failed(done, full());
    }
  }

  /** Registers an instance for a holder, until it {@linkplain #release lets go}. */
  void hold(Instance instance, Holder holder) {
    if (!policy.allows(instance.endpoint())) {
      holder.ended(notAllowed());
    } else {
      driver().submit(now -> hold(instance, holder, now)).ifPresent(holder::ended);
    }
  }

  private void hold(Instance instance, Holder holder, long nowNanos) {
    if (!register(instance, holder, HELD, nowNanos)) {
      holder.ended(full());
    } else if (instance.check() == InstanceCheck.NONE || isThere(instance.key())) {
      holder.published(0);
    }
  }

  private boolean isThere(Key key) {
    Entry entry = entries.get(key);
    return entry != null && entry.there.orElse(false);
  }

  /** The last to register an instance has it: an application that came back, for example. */
  private boolean register(
      Instance instance, @Nullable Holder holder, Duration lease, long nowNanos) {
    Entry before = entries.get(instance.key());
    Entry entry = new Entry(instance.check(), holder);
    // Whoever registers what failed its check before is told so by the next one.
    entry.there = before == null ? Optional.empty() : before.there.filter(there -> there);
    entries.put(instance.key(), entry);
    boolean registered =
        engine
            .services()
            .register(
                instance.service(),
                instance.endpoint(),
                instance.metadata(),
                instance.ttl(),
                lease,
                instance.check() != InstanceCheck.NONE,
                nowNanos);
    if (!registered) {
      entries.remove(instance.key());
    } else if (before != null && before.holder != null) {
      before.holder.ended(
          new Refusal(Refusal.Reason.SUPERSEDED, "the instance was registered by another call"));
    }
    return registered;
  }

  /** A holder lets go: the instance is withdrawn, if it is still this holder's. For any thread. */
  void release(Key key, Holder holder) {
    driver()
        .post(
            now -> {
              Entry entry = entries.get(key);
              if (entry != null && entry.holder == holder) {
                engine.services().deregister(key.service(), key.endpoint(), now);
              }
            });
  }

  /** Withdraws an instance. For any thread. */
  CompletableFuture<Boolean> deregister(Key key) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    driver()
        .submit(
            now -> done.complete(engine.services().deregister(key.service(), key.endpoint(), now)))
        .ifPresent(refusal -> failed(done, refusal));
    return done;
  }

  /** The engine wants to know whether an instance is there. The owner's. */
  void check(CheckDue due) {
    Entry entry = entries.get(new Key(due.service(), due.endpoint()));
    InstanceCheck kind = entry == null ? InstanceCheck.NONE : entry.check;
    checks
        .check(due.service(), due.endpoint(), kind)
        .thenAccept(why -> driver().post(now -> checked(due, why, now)));
  }

  private void checked(CheckDue due, Optional<String> why, long nowNanos) {
    Entry entry = entries.get(new Key(due.service(), due.endpoint()));
    if (entry != null) {
      Optional<Boolean> there = Optional.of(why.isEmpty());
      if (!entry.there.equals(there) && entry.holder != null) {
        why.ifPresentOrElse(entry.holder::failing, () -> entry.holder.published(0));
      }
      entry.there = there;
    }
    engine.services().checked(due.service(), due.endpoint(), why.isEmpty(), nowNanos);
  }

  /** The owner's: something happened. */
  void observe(Event event) {
    if (event instanceof Event.Published published) {
      Entry entry = entries.get(new Key(published.service(), published.endpoint()));
      if (entry != null && entry.holder != null) {
        entry.holder.published(published.keepers());
      }
    } else if (event instanceof Event.Unpublished unpublished) {
      unpublished(new Key(unpublished.service(), unpublished.endpoint()), unpublished.cause());
    }
  }

  private void unpublished(Key key, Event.Unpublished.Cause cause) {
    Entry entry = entries.get(key);
    // That a check failed was told by the check.
    if (entry == null || cause == Event.Unpublished.Cause.NOT_THERE) {
      return;
    }
    entries.remove(key);
    if (entry.holder != null) {
      entry.holder.ended(
          new Refusal(Refusal.Reason.NOT_SERVING, "the instance was withdrawn at its node"));
    }
  }

  /** Ends all holders: the node closes. The owner's. */
  void endAll() {
    for (Entry entry : List.copyOf(entries.values())) {
      if (entry.holder != null) {
        entry.holder.ended(closing());
      }
    }
    entries.clear();
  }

  static Refusal closing() {
    return new Refusal(Refusal.Reason.NOT_SERVING, "the node is closing");
  }

  static Refusal overloaded() {
    return new Refusal(Refusal.Reason.OVERLOADED, "this node has too much to do");
  }

  private static Refusal full() {
    return new Refusal(
        Refusal.Reason.FULL,
        "too many services, or instances of one, are registered here",
        Duration.ofSeconds(30));
  }

  private Refusal notAllowed() {
    return new Refusal(
        Refusal.Reason.ADDRESS_NOT_ALLOWED,
        "endpoint: the address is not allowed in scope " + policy.scope());
  }

  static <T> CompletableFuture<T> failed(CompletableFuture<T> future, Refusal why) {
    future.completeExceptionally(Refusals.toException(why));
    return future;
  }
}
