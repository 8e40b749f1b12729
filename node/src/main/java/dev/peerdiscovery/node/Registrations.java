package dev.peerdiscovery.node;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.engine.CheckDue;
import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.engine.Services;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The instances that applications registered at this node. What is published and for how long is
 * the engine's; here is how each is checked, and which caller has it: see {@link Claims}. Fields
 * are the engine owner's alone; methods say who calls them.
 */
final class Registrations {
  /** As long as a lease can be: for what a call that is open holds. */
  static final Duration HELD = Duration.ofDays(365);

  /** For so long a registration whose connection was lost can be taken up again. */
  static final Duration GRACE = Duration.ofSeconds(10);

  /** For so long a caller that registers by one call waits until others keep the record. */
  static final Duration MOST_WAITED = Duration.ofSeconds(5);

  static final String ALONE = "this node is alone: no other node keeps the record";
  static final String PENDING = "no other node has acknowledged the record yet";
  static final String UNREACHED =
      "no other node could be reached that would keep the record; this node goes on trying";
  static final String ANOTHERS =
      "another call has registered the same instance at this node; this call takes it up again when"
          + " that one ends";

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
    /** At least half of those that should keep a record do: so many; 0 when there are no others. */
    void published(int keepers);

    /** It is not published: a check failed, no other node was reached, or another caller has it. */
    void unpublished(String why);

    /** It is registered no more. */
    void ended(Refusal why);

    /** Whether its caller can go on at another node. */
    boolean mayMove();
  }

  private final Engine engine;
  private final AddressPolicy policy;
  private final EndpointChecks checks;
  private final Map<Key, Claims> registered = new HashMap<>();

  private @Nullable Driver driver;
  private boolean closing;

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
   * @return how many others keep its record, 0 when there are none; fails with a refusal as a
   *     status
   */
  CompletableFuture<Integer> lease(Instance instance, Duration lease) {
    CompletableFuture<Integer> done = new CompletableFuture<>();
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
      Instance instance, Duration lease, CompletableFuture<Integer> done, long nowNanos) {
    if (closing) {
      failed(done, closing());
      return;
    }
    Claims claims = claims(instance.key(), nowNanos);
    if (claims.isHeld()) {
      failed(done, heldByACall());
      return;
    }
    Claim claim = claims.byTime();
    if (claim == null && claims.isFull()) {
      failed(done, crowded());
      return;
    }
    long untilNanos = nowNanos + lease.toNanos();
    if (claim == null) {
      claim = Claim.until(instance, untilNanos);
      claims.add(claim);
    } else {
      claim.renewed(instance, untilNanos);
    }
    if (!own(claims, claim, false, nowNanos)) {
      failed(done, full());
      return;
    }
    awaitKept(claims, instance.key(), done);
  }

  private void awaitKept(Claims claims, Key key, CompletableFuture<Integer> done) {
    Optional<Services.Registration> now = registration(key);
    if (now.isPresent() && now.get().reach().isPublished()) {
      done.complete(now.get().keepers());
      return;
    }
    CompletableFuture<Integer> kept = new CompletableFuture<>();
    claims.await(kept);
    kept.orTimeout(MOST_WAITED.toNanos(), TimeUnit.NANOSECONDS)
        .whenComplete(
            (keepers, error) -> {
              if (error instanceof TimeoutException) {
                failed(done, notKept());
              } else if (error != null) {
                done.completeExceptionally(error);
              } else {
                done.complete(keepers);
              }
            });
  }

  private Optional<Services.Registration> registration(Key key) {
    return engine.services().registration(key.service(), key.endpoint());
  }

  /**
   * Registers an instance for a holder, until it {@linkplain #release lets go}. For any thread.
   *
   * @param leaseId names the lease to another call that goes on with it; empty for none
   */
  void hold(Instance instance, ByteString leaseId, Holder holder) {
    if (!policy.allows(instance.endpoint())) {
      holder.ended(notAllowed());
    } else {
      driver().submit(now -> hold(instance, leaseId, holder, now)).ifPresent(holder::ended);
    }
  }

  private void hold(Instance instance, ByteString leaseId, Holder holder, long nowNanos) {
    if (closing) {
      holder.ended(closing());
      return;
    }
    Claims claims = claims(instance.key(), nowNanos);
    Claim claim = claims.ofLease(leaseId);
    if (claim == null && claims.isFull()) {
      holder.ended(crowded());
      return;
    }
    boolean isAnother = claim == null;
    if (claim == null) {
      claim = Claim.of(instance, leaseId, holder);
      claims.add(claim);
    } else {
      takeUp(claim, instance, holder);
    }
    if (!claims.isBeforeOwner(claim)) {
      claim.unpublished(ANOTHERS);
    } else if (!own(claims, claim, isAnother, nowNanos)) {
      holder.ended(full());
    }
  }

  private static void takeUp(Claim claim, Instance instance, Holder holder) {
    Holder before = claim.holder;
    claim.takenUp(instance, holder);
    if (before != null) {
      before.ended(
          new Refusal(Refusal.Reason.SUPERSEDED, "another call goes on with the same lease"));
    }
  }

  private Claims claims(Key key, long nowNanos) {
    Claims claims = registered.computeIfAbsent(key, k -> new Claims());
    claims.expire(nowNanos);
    return claims;
  }

  /**
   * Has a claim get the instance, and tells those whom that concerns.
   *
   * @param isAnother whether this is a registration of its own, and not one that goes on
   * @return false when there is no room, and then the claim is no more
   */
  private boolean own(Claims claims, Claim claim, boolean isAnother, long nowNanos) {
    Instance instance = claim.instance;
    Claim before = claims.owner();
    boolean accepted =
        engine
            .services()
            .register(
                instance.service(),
                instance.endpoint(),
                instance.metadata(),
                instance.ttl(),
                claim.remaining(nowNanos),
                instance.check() != InstanceCheck.NONE,
                isAnother,
                nowNanos);
    if (!accepted) {
      claims.remove(claim);
      forgetIfEmpty(instance.key(), claims);
      return false;
    }
    claims.own(claim);
    if (before != null && before != claim) {
      before.unpublished(ANOTHERS);
    }
    // A caller that registers what failed its check before is told so by the next one.
    claims.isChecked &= claims.failure.isEmpty();
    claims.failure = Optional.empty();
    if (claim.isLost()) {
      doubt(instance.key(), claim, nowNanos);
    }
    tell(claims, instance.key());
    return true;
  }

  private void doubt(Key key, Claim claim, long nowNanos) {
    engine.services().doubt(key.service(), key.endpoint(), claim.remaining(nowNanos), nowNanos);
  }

  private void forgetIfEmpty(Key key, Claims claims) {
    if (claims.isEmpty()) {
      registered.remove(key);
    }
  }

  /** Tells the owner's call how the instance is doing, once there was a check. */
  private void tell(Claims claims, Key key) {
    Claim owner = claims.owner();
    if (owner == null) {
      return;
    }
    if (claims.failure.isPresent()) {
      owner.unpublished("endpoint: " + claims.failure.get());
    } else if (claims.isChecked || owner.instance.check() == InstanceCheck.NONE) {
      Optional<Services.Registration> is = registration(key);
      Services.Reach reach = is.map(Services.Registration::reach).orElse(Services.Reach.PENDING);
      if (reach.isPublished()) {
        owner.published(is.orElseThrow().keepers());
      } else {
        owner.unpublished(reach == Services.Reach.UNREACHED ? UNREACHED : PENDING);
      }
    }
  }

  /** A holder lets go: the instance is withdrawn, unless others hold it. For any thread. */
  void release(Key key, Holder holder) {
    driver()
        .post(
            now -> {
              Claims claims = registered.get(key);
              Claim claim = claims == null ? null : claims.of(holder);
              if (claims != null && claim != null) {
                boolean had = claims.owner() == claim;
                claims.remove(claim);
                claims.expire(now);
                if (had) {
                  handOver(key, claims, now);
                }
                forgetIfEmpty(key, claims);
              }
            });
  }

  /**
   * The connection of a holder was lost: for the {@linkplain #GRACE grace} its caller may come back
   * by another call, unless the instance turns out not to be there. For any thread.
   */
  void lost(Key key, Holder holder) {
    driver()
        .post(
            now -> {
              Claims claims = registered.get(key);
              Claim claim = claims == null ? null : claims.of(holder);
              if (claims == null || claim == null) {
                return;
              }
              claim.lost(now + GRACE.toNanos());
              claims.expire(now);
              if (claims.owner() != claim) {
                return;
              }
              Claim first = claims.first();
              if (first == null || first.isLost()) {
                doubt(key, claim, now);
              } else {
                own(claims, first, false, now);
              }
            });
  }

  private void handOver(Key key, Claims claims, long nowNanos) {
    Claim next = claims.first();
    if (next == null) {
      registered.remove(key);
      engine.services().deregister(key.service(), key.endpoint(), nowNanos);
    } else {
      own(claims, next, false, nowNanos);
    }
  }

  /** Withdraws an instance, and ends the calls that hold it. For any thread. */
  CompletableFuture<Boolean> deregister(Key key) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    driver()
        .submit(
            now -> {
              Claims claims = registered.remove(key);
              boolean was = engine.services().deregister(key.service(), key.endpoint(), now);
              if (claims != null) {
                claims.end(withdrawn());
              }
              done.complete(was);
            })
        .ifPresent(refusal -> failed(done, refusal));
    return done;
  }

  /** The engine wants to know whether an instance is there. The owner's. */
  void check(CheckDue due) {
    Claims claims = registered.get(new Key(due.service(), due.endpoint()));
    Claim owner = claims == null ? null : claims.owner();
    InstanceCheck kind = owner == null ? InstanceCheck.NONE : owner.instance.check();
    checks
        .check(due.service(), due.endpoint(), kind)
        .thenAccept(why -> driver().post(now -> checked(due, why, now)));
  }

  private void checked(CheckDue due, Optional<String> why, long nowNanos) {
    Key key = new Key(due.service(), due.endpoint());
    Claims claims = registered.get(key);
    boolean isNews =
        claims != null && (!claims.isChecked || claims.failure.isPresent() != why.isPresent());
    if (claims != null) {
      claims.isChecked = true;
      claims.failure = why;
    }
    engine.services().checked(due.service(), due.endpoint(), why.isEmpty(), nowNanos);
    if (claims != null && isNews) {
      tell(claims, key);
    }
  }

  /** The owner's: something happened. */
  void observe(Event event) {
    if (event instanceof Event.Published published) {
      Key key = new Key(published.service(), published.endpoint());
      Claims claims = registered.get(key);
      if (claims != null) {
        tell(claims, key);
        claims.kept(published.keepers());
      }
    } else if (event instanceof Event.Unpublished unpublished) {
      unpublished(new Key(unpublished.service(), unpublished.endpoint()), unpublished.cause());
    }
  }

  private void unpublished(Key key, Event.Unpublished.Cause cause) {
    Claims claims = registered.get(key);
    if (claims == null || cause == Event.Unpublished.Cause.NOT_THERE) {
      // That a check failed was told by the check.
      return;
    }
    if (cause == Event.Unpublished.Cause.UNREACHED) {
      tell(claims, key);
    } else if (cause == Event.Unpublished.Cause.LEASE_OVER) {
      registered.remove(key);
      claims.end(new Refusal(Refusal.Reason.NOT_SERVING, "the lease is over; register again"));
    }
  }

  /** How many of the instances are held by callers that can go on at another node. The owner's. */
  int held() {
    int held = 0;
    for (Claims claims : registered.values()) {
      held += claims.mayMove() ? 1 : 0;
    }
    return held;
  }

  /** Ends all holders, and takes no others: the node closes. The owner's. */
  void endAll() {
    closing = true;
    List<Claims> all = List.copyOf(registered.values());
    registered.clear();
    all.forEach(claims -> claims.end(closing()));
  }

  private static Refusal heldByACall() {
    return new Refusal(
        Refusal.Reason.HELD,
        "an open RegisterStream call holds this instance here; end that call, or Deregister first");
  }

  static Refusal released() {
    return new Refusal(Refusal.Reason.WITHDRAWN, "the registration was closed");
  }

  private static Refusal withdrawn() {
    return new Refusal(
        Refusal.Reason.WITHDRAWN,
        "a Deregister call withdrew the instance; register it again to have it published");
  }

  private static Refusal notKept() {
    return new Refusal(
        Refusal.Reason.REGION_UNREACHABLE,
        "too few of the nodes that should keep the record acknowledged it within "
            + MOST_WAITED.toSeconds()
            + " s; this node goes on trying until the lease is over");
  }

  private static Refusal crowded() {
    return new Refusal(
        Refusal.Reason.FULL,
        "callers that hold one instance at a node: " + Claims.MAX + ", all are taken",
        Duration.ofSeconds(30));
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
        "services registered at a node: "
            + Services.MAX_SERVICES
            + ", instances of one service: "
            + Services.MAX_INSTANCES
            + "; one of the two is reached",
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
