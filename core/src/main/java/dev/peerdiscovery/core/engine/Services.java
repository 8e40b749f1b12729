package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Reply;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.Provider;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.ServiceName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;

/**
 * The engine's part in services: it publishes those of this node's applications, finds and watches
 * others, and keeps records for whoever is near their keys. Part of an {@link Engine}; what holds
 * there for inputs, commands and the draining after them holds here. Comes into being when it is
 * first asked for, so a node that has to do with no service pays nothing.
 *
 * <ul>
 *   <li>For applications: {@link #register}, {@link #deregister}, {@link #resolve}, {@link #watch}.
 *       What comes of them are events: {@link Event.Published}, {@link Event.Unpublished}, {@link
 *       Event.Resolved}, {@link Event.ServiceChanged}, {@link Event.ServiceSynced}.
 *   <li>For peers: {@link #answer}, and for streams {@link #open}, {@link #close} and {@link
 *       Engine#drainStreamed}.
 * </ul>
 *
 * <p>Not thread-safe: the engine's owner only.
 */
public final class Services {
  /** The most services of which a node publishes instances. */
  public static final int MAX_SERVICES = Publisher.MAX_SERVICES;

  /** The most instances of one service that a node publishes. */
  public static final int MAX_INSTANCES = Publisher.MAX_INSTANCES;

  /** How far the record of an instance that was registered here has come. */
  public enum Reach {
    /** It is under way, or its check has yet to pass. */
    PENDING,
    /** No other node could be reached that would keep it; that is tried on and on. */
    UNREACHED,
    /** No other node keeps it, because there is none: this one has no contact, and no seed. */
    ALONE,
    /** At least half of the nodes that should keep it, as far as they are known, do. */
    HALF,
    /** All that should keep it do. */
    ALL;

    /** Whether others find the instance, or there are no others. */
    public boolean isPublished() {
      return this == ALONE || this == HALF || this == ALL;
    }
  }

  /**
   * An instance that an application registered here.
   *
   * @param service what it provides
   * @param endpoint where
   * @param keepers how many nodes are known to have its current record
   * @param reach how far that record has come, as was told last
   */
  public record Registration(ServiceName service, Endpoint endpoint, int keepers, Reach reach) {}

  /**
   * An instance that was found.
   *
   * @param provider the instance
   * @param remaining how long what is known of it holds; above 0
   */
  public record Found(Provider provider, Duration remaining) {}

  /**
   * What a watch knows.
   *
   * @param version that of the last change
   * @param synced whether enough keepers were asked, so that none here means that there is none
   * @param truncated whether keepers have, or may have, more than is known here
   * @param found the instances, in no order
   */
  public record View(long version, boolean synced, boolean truncated, List<Found> found) {
    /** Copies the list. */
    public View {
      found = List.copyOf(found);
    }

    /** The instances. */
    public List<Provider> providers() {
      return found.stream().map(Found::provider).toList();
    }
  }

  private final Storer storer;
  private final Publisher publisher;
  private final Watches watches;
  private final Resolves resolves;
  private final LongConsumer settle;

  Services(
      Lookers lookers, RandomGenerator secret, Incarnations incarnations, LongConsumer settle) {
    this.storer = new Storer(lookers, secret);
    this.publisher = new Publisher(lookers, storer, incarnations);
    this.watches = new Watches(lookers, storer);
    this.resolves = new Resolves(lookers, storer);
    this.settle = settle;
  }

  /**
   * Has an instance published until its lease is over. To renew the lease is to register it again;
   * if it then says something else, that is published at once.
   *
   * @param service what it provides
   * @param endpoint where; has to be allowed by the network's address policy, or no node keeps it
   * @param metadata what callers should know about it
   * @param ttl for how long others keep a record of it that is not renewed; renewing is done here
   * @param lease how long from now it is published if nobody renews that
   * @return whether it is; not when there are too many services or instances, or the node leaves
   * @throws IllegalArgumentException when TTL or metadata are out of bounds
   */
  public boolean register(
      ServiceName service,
      Endpoint endpoint,
      Map<String, String> metadata,
      Duration ttl,
      Duration lease,
      long nowNanos) {
    return register(service, endpoint, metadata, ttl, lease, false, false, nowNanos);
  }

  /**
   * The same, and whether the instance is there is to be checked before each time that a record
   * says so: {@link Engine#drainChecks} has what to check, {@link #checked} takes what came of it.
   *
   * @param checks whether it is; otherwise it is taken to be there
   * @param isAnother whether it is a registration of this moment although it may say what is
   *     registered already: another caller's. Of two records of one endpoint the later registration
   *     wins, and a renewal is none.
   */
  public boolean register(
      ServiceName service,
      Endpoint endpoint,
      Map<String, String> metadata,
      Duration ttl,
      Duration lease,
      boolean checks,
      boolean isAnother,
      long nowNanos) {
    ProviderRecord.checkTtl(ttl);
    if (lease.isNegative() || lease.compareTo(Duration.ofDays(365)) > 0) {
      throw new IllegalArgumentException("lease: must be 0 to 365 days");
    }
    Map<String, String> checked = ProviderRecord.checkedMetadata(metadata);
    boolean registered =
        publisher.register(
            service,
            endpoint,
            checked,
            ttl,
            nowNanos + lease.toNanos(),
            checks,
            isAnother,
            nowNanos);
    settle.accept(nowNanos);
    return registered;
  }

  /**
   * The caller that registered an instance is not heard any more: its lease is over after a grace,
   * and earlier when a check of it fails, of which there are some at once where there are any. To
   * register it again ends that. For others nothing changes until then.
   *
   * @return whether it is registered
   */
  public boolean doubt(ServiceName service, Endpoint endpoint, Duration grace, long nowNanos) {
    boolean registered = publisher.doubt(service, endpoint, nowNanos + grace.toNanos(), nowNanos);
    settle.accept(nowNanos);
    return registered;
  }

  /**
   * Withdraws an instance: whoever keeps a record of it is told.
   *
   * @return whether it was registered
   */
  public boolean deregister(ServiceName service, Endpoint endpoint, long nowNanos) {
    boolean registered = publisher.deregister(service, endpoint, nowNanos);
    settle.accept(nowNanos);
    return registered;
  }

  /**
   * Takes the outcome of a check that was drained. It has to come for each of them; while it is
   * missing, nobody is told that the instance is there.
   */
  public void checked(ServiceName service, Endpoint endpoint, boolean there, long nowNanos) {
    publisher.checked(service, endpoint, there, nowNanos);
    settle.accept(nowNanos);
  }

  List<CheckDue> drainChecks() {
    return publisher.drainChecks();
  }

  /** The instances that are registered here. */
  public List<Registration> registrations() {
    return publisher.registrations();
  }

  /** An instance that is registered here. */
  public Optional<Registration> registration(ServiceName service, Endpoint endpoint) {
    return publisher.registration(service, endpoint);
  }

  /**
   * Asks once who provides a service; {@link Event.Resolved} has the answer, within 4 s. Of a
   * service with more than 64 instances, or where too few keepers answered, it may be a part, and
   * then says so. That there are none it says only when more than half of the keepers that are
   * known said so; else it is not known.
   *
   * @return names the question; nothing when too many are asked
   */
  public Optional<ResolveId> resolve(ServiceName service, long nowNanos) {
    Optional<ResolveId> id = resolves.resolve(service, nowNanos);
    settle.accept(nowNanos);
    return id;
  }

  /**
   * Begins to watch a service, or goes on with it: there is one watch for all who want it. It is
   * over with {@link #unwatch}, or with {@link Event.ServiceUnknown}.
   *
   * @return whether it is watched; not when too many others are
   */
  public boolean watch(ServiceName service, long nowNanos) {
    boolean watched = watches.watch(service, nowNanos);
    settle.accept(nowNanos);
    return watched;
  }

  /** Watches a service no more. */
  public void unwatch(ServiceName service, long nowNanos) {
    watches.unwatch(service);
    settle.accept(nowNanos);
  }

  /** What the watch of a service knows; nothing when it is not watched. */
  public Optional<View> view(ServiceName service, long nowNanos) {
    Optional<View> view = watches.view(service, nowNanos);
    settle.accept(nowNanos);
    return view;
  }

  /** Whether keepers have more of a service than its watch knows. */
  public boolean isTruncated(ServiceName service) {
    return watches.isTruncated(service);
  }

  /**
   * Answers a request about services, of which the {@link Responder} has said that it may be
   * answered.
   *
   * @throws IllegalArgumentException when it is another request, or one for a stream
   */
  Reply answer(Request request, long nowNanos) {
    if (request instanceof AddProviderRequest add) {
      return storer.answer(add, nowNanos);
    }
    if (request instanceof GetProvidersRequest get) {
      return storer.answer(get, nowNanos);
    }
    throw new IllegalArgumentException("no request about services: " + request);
  }

  /** Begins to answer a stream; a refusal when there are too many. */
  Optional<Refusal> open(StreamId id, WatchProvidersRequest request, long nowNanos) {
    return storer.open(id, request, nowNanos);
  }

  void close(StreamId id) {
    storer.close(id);
  }

  List<Streamed> drainStreamed() {
    return storer.drain();
  }

  /** How many services are watched here. */
  public int watched() {
    return watches.count();
  }

  /** How many records are kept for others, under how many keys, and for how many streams. */
  public Kept kept() {
    return new Kept(
        storer.store().items(), storer.store().keys(), storer.store().bytes(), storer.streams());
  }

  /**
   * What a node keeps for others.
   *
   * @param records how many records
   * @param keys of how many services
   * @param bytes their bytes
   * @param streams how many streams it answers
   */
  public record Kept(int records, int keys, long bytes, int streams) {}

  void advance(long nowNanos) {
    storer.advance(nowNanos);
    publisher.advance(nowNanos);
    watches.advance(nowNanos);
    resolves.advance(nowNanos);
  }

  long nextWake() {
    return Math.min(resolves.nextWake(), Math.min(publisher.nextWake(), watches.nextWake()));
  }

  /** Withdraws all instances and ends all questions and watches. */
  void leave(long nowNanos) {
    watches.leave();
    resolves.leave(nowNanos);
    publisher.leave(nowNanos);
  }

  /** How many withdrawals have yet to be heard. */
  int farewells() {
    return publisher.underWay();
  }
}
