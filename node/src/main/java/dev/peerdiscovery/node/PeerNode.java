package dev.peerdiscovery.node;

import dev.peerdiscovery.client.Caller;
import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.EngineStatus;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.PeerMethods;
import io.grpc.ManagedChannel;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer of the network, to embed into a process.
 *
 * <pre>{@code
 * PeerNode node =
 *     PeerNode.builder()
 *         .listen("0.0.0.0:7400")
 *         .bootstrap("seed.example.com:7400")
 *         .dataDirectory(Path.of("/var/lib/orders/peer"))
 *         .start();
 * node.ready().join();
 * List<Contact> nearest = node.lookup(NodeId.parse("13")).join();
 * node.close();
 * }</pre>
 *
 * <p>It owns a server, as above, or hands its services to the host's own with {@link
 * PeerNodeBuilder#attachTo}. Thread-safe.
 *
 * <p>Code of the application — what follows on the node's futures, observers, the listeners of
 * {@link #services} — runs on threads of its own, named {@code peer-callback}, where it may block,
 * throw, and call the node again. Up to 32 of a node's may run or block at a time; more wait until
 * one of them ends. Observers and listeners are each told in order and one at a time. The node does
 * its own work on the threads of {@link PeerNodeBuilder#executor}; when those do none of it for 10
 * to 15 s, its health service says {@code NOT_SERVING} for every name, until they do again.
 */
public final class PeerNode implements AutoCloseable {
  private static final Duration FAREWELL = Duration.ofSeconds(2);
  private static final Duration LAST_SNAPSHOT = Duration.ofSeconds(2);

  /** A caller needs some milliseconds to have its instance published elsewhere. */
  private static final Duration HAND_OVER = Duration.ofMillis(500);

  private static final long DRAIN_MILLIS = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(PeerNode.class);

  private final NodeId id;
  private final Network network;
  private final Optional<ListenAddress> listen;
  private final boolean requirePeer;
  private final Engine engine;
  private final Driver driver;
  private final Caller caller;
  private final Clock clock = new Clock();
  private final Counters counters = new Counters();
  private final Admin admin;
  private final Limits limits;
  private final PeerTls tls;
  private final PeerTls apiTls;
  private final Admission admission;
  private final ServerServiceDefinition peerService;
  private final NodeHealth health = new NodeHealth();
  private final Callbacks callbacks = new Callbacks();
  private final Watchdog watchdog;
  private final Duration watchdogEvery;
  private final ScheduledExecutorService pool;
  private final boolean ownsPool;
  private final Optional<Saver> saver;
  private final List<SignedPeerRecord> remembered;
  private final AdvertisedAddress address;
  private final CompletableFuture<EngineStatus> ready = new CompletableFuture<>();
  private final CompletableFuture<Void> left = new CompletableFuture<>();
  private final PendingLookups lookups = new PendingLookups();
  private final PeerServices services;

  private volatile Optional<NodeServer> server = Optional.empty();
  private volatile List<Endpoint> advertised = List.of();
  private volatile int port;
  private final AtomicBoolean begun = new AtomicBoolean();
  private boolean closed;

  PeerNode(PeerNodeBuilder builder, Optional<DataDirectory> directory) throws StartException {
    this.network = Network.of(builder.network, builder.identity(), builder.scope);
    this.listen = builder.attached ? Optional.empty() : Optional.of(builder.listen);
    this.requirePeer = builder.requirePeer;
    SecureRandom secret = new SecureRandom();
    Identity identity = Identity.of(network.identity(), builder.id, directory);
    this.id = identity.id();
    Optional<DataDirectory.Saved> saved =
        directory.isPresent() ? directory.get().load(id, network.name()) : Optional.empty();
    this.remembered = saved.map(DataDirectory.Saved::contacts).orElse(List.of());
    this.address = new AdvertisedAddress(builder.advertised, listen);
    AddressPolicy policy = builder.policy();
    PeerMethods methods = new PeerMethods(network);
    this.limits = builder.limits;
    this.tls = identity.tls(builder.tls, counters);
    this.apiTls = identity.tls(builder.apiTls, counters);
    this.caller =
        builder
            .channels
            .map(opener -> Caller.over(opener, methods, policy, limits.channels()))
            .orElseGet(() -> Caller.overTcp(methods, policy, limits.channels(), tls));
    this.ownsPool = builder.executor.isEmpty();
    this.pool = builder.executor.orElseGet(PeerNodeBuilder::newPool);
    this.engine =
        new Engine(
            builder.engine,
            id,
            network,
            firstSequence(saved, System.currentTimeMillis()),
            builder.bootstrap,
            identity.signer(),
            identity.verifier(network, policy),
            new SplittableRandom(secret.nextLong()),
            secret,
            clock.nowNanos());
    this.saver = directory.map(d -> new Saver(d, id, network.name(), pool));
    List<Consumer<Event>> observers =
        new ArrayList<>(List.of(this::save, this::tellServices, this::tellLookups, this::observe));
    observers.addAll(builder.observersInTurn);
    for (Consumer<Event> observer : builder.observers) {
      observers.add(callbacks.observer(observer, () -> counters.count("observer.dropped")));
    }
    Registrations registrations = PeerServices.registrations(engine, policy, caller);
    this.driver =
        new Driver(engine, caller, clock, pool, observers, address, registrations::check, counters);
    this.services =
        new PeerServices(
            network.name(),
            engine,
            driver,
            registrations,
            this::begin,
            callbacks,
            limits.streamsPerConnection(),
            secret.nextLong() >>> 1);
    this.admin = new Admin(id, network, engine, driver, counters, clock);
    this.watchdog = new Watchdog(driver::turns, () -> driver.post(now -> {}), this::isAlive);
    this.watchdogEvery = builder.watchdogEvery;
    CallKinds kinds =
        builder.attached
            ? CallKinds.inHost(methods.service())
            : CallKinds.ofOwnServer(methods.service());
    this.admission = new Admission(limits, tls, kinds, builder.thisMachine, clock, counters);
    List<ServerInterceptor> interceptors = new ArrayList<>(builder.interceptors);
    if (tls.isOn()) {
      interceptors.add(0, Admission.callersAreWhoTheySay());
    }
    this.peerService =
        ServerInterceptors.intercept(
            Malformed.refusedBy(
                ServerInterceptors.interceptForward(
                    new PeerService(
                            methods,
                            driver,
                            counters,
                            identity.key().map(key -> new Proofs(key, pool)))
                        .definition(),
                    interceptors),
                this::refusedAsMalformed),
            StreamLimit.ofPeers(limits));
  }

  private void refusedAsMalformed(ServerCall<?, ?> call) {
    counters.count("refused." + Refusal.Reason.MALFORMED);
    admission.violated(call);
  }

  /**
   * Above all records from before: the last one kept, and those of a data directory that is lost.
   */
  static long firstSequence(Optional<DataDirectory.Saved> saved, long wallMillis) {
    long stored = saved.map(DataDirectory.Saved::sequence).orElse(0L);
    return Long.compareUnsigned(stored, wallMillis) > 0 ? stored : wallMillis;
  }

  /** A builder with the defaults. */
  public static PeerNodeBuilder builder() {
    return new PeerNodeBuilder();
  }

  void startServer(Optional<ListenAddress> api) throws StartException {
    ListenAddress at = listen.orElseThrow();
    NodeServer started =
        NodeServer.start(
            at,
            api,
            tls,
            apiTls,
            limits,
            admission,
            peerService,
            forApplications(),
            health.services());
    server = Optional.of(started);
    port = started.port();
    ListenAddress actual = new ListenAddress(at.host(), port);
    admin.listening(
        actual.toString(),
        api.flatMap(a -> started.apiPort().map(p -> new ListenAddress(a.host(), p).toString()))
            .orElse(""));
    address.listening(port);
    advertised = address.known();
  }

  void addTo(ServerBuilder<?> host) {
    admission.countIn(host);
    host.addStreamTracerFactory(Discovery.callEnds());
    host.addService(ServerInterceptors.intercept(peerService, admission));
    for (ServerServiceDefinition local : forApplications()) {
      host.addService(ServerInterceptors.intercept(admission.onlyFromHere(local), admission));
    }
  }

  /** What operators and applications call, and peers do not. */
  private List<ServerServiceDefinition> forApplications() {
    return List.of(Malformed.refusedBy(admin.bindService()), services.discovery());
  }

  /**
   * Begins to take part, once the server accepts calls. Only for nodes that were {@linkplain
   * PeerNodeBuilder#attachTo attached} to a host's server; the others begin by themselves. When
   * that fails it is logged, and {@link #ready} fails with the reason.
   *
   * @throws IllegalStateException when the node takes part already
   */
  public void join() {
    if (begun.getAndSet(true)) {
      throw new IllegalStateException(
          "join: the node takes part already; only one in a host's server is told to, and once");
    }
    watchdog.begin(watchdogEvery);
    driver
        .ask(
            now -> {
              engine.remember(remembered, now);
              address.begin(engine, now);
              engine.wake(now);
              return true;
            })
        .exceptionally(
            error -> {
              LOG.error("id={} cannot begin to take part", id.toShortString(), error);
              ready.completeExceptionally(error);
              return false;
            });
  }

  private void save(Event event) {
    saver.ifPresent(s -> s.observe(event, driver, engine));
  }

  private void tellServices(Event event) {
    services.observe(event);
  }

  private void tellLookups(Event event) {
    if (event instanceof Event.LookupEnded ended) {
      lookups.ended(ended);
    }
  }

  /** The watchdog's. */
  private void isAlive(boolean alive) {
    health.alive(alive);
    if (alive) {
      LOG.warn("id={} goes on: the engine takes turns again", id.toShortString());
      return;
    }
    LOG.error(
        "id={} stuck: the engine took no turn for {} s; look for code that blocks on the threads of"
            + " the node's executor, or threads that are gone",
        id.toShortString(),
        Watchdog.EVERY.multipliedBy(Watchdog.PATIENCE).toSeconds());
    if (pool.isShutdown()) {
      // No turn will ever be taken: what waits for one must not wait for ever.
      driver.stop();
      lookups.failAll();
    }
  }

  /** The owner's: told of everything that happens, before anything that is not the node's. */
  private void observe(Event event) {
    if (event instanceof Event.JoinEnded ended) {
      joinEnded(ended);
    } else if (event instanceof Event.SelfChanged changed) {
      advertised = changed.record().content().endpoints();
    } else if (event instanceof Event.Left) {
      left.complete(null);
    } else if (event instanceof Event.IdentityCollision collision) {
      LOG.error(
          "id={} identity-collision: another node has the same identity, at {}",
          id.toShortString(),
          collision.at());
    } else if (event instanceof Event.SelfDoubt doubt) {
      LOG.warn(
          "id={} {}",
          id.toShortString(),
          doubt.doubtful()
              ? "suspects itself: every contact fails and nothing comes in; none is evicted"
              : "no longer suspects itself");
    }
  }

  private void joinEnded(Event.JoinEnded ended) {
    if (ended.contacts() == 0) {
      address.alone(engine, clock.nowNanos());
      // Told in an event after this one, which is too late for those that wait to be ready.
      advertised = engine.self().map(self -> self.content().endpoints()).orElse(advertised);
    }
    LOG.info(
        "id={} {} contacts={}",
        id.toShortString(),
        ended.contacts() == 0 ? "alone" : "joined",
        ended.contacts());
    if (ended.contacts() > 0 || !requirePeer) {
      health.joined();
      ready.complete(engine.status());
    }
  }

  /** The node's id. */
  public NodeId id() {
    return id;
  }

  /** Where the node says that it can be reached; empty until that is known. */
  public List<Endpoint> advertised() {
    return advertised;
  }

  /** The port on which the node's own server listens; 0 when it is attached to a host's. */
  public int port() {
    return port;
  }

  /** The port of the second listener, where there is one. */
  public Optional<Integer> apiPort() {
    return server.flatMap(NodeServer::apiPort);
  }

  /**
   * Completes when the node listens and its first join is over, be it alone, or not alone where
   * {@link PeerNodeBuilder#requirePeer} is set.
   */
  public CompletableFuture<EngineStatus> ready() {
    return callbacks.handOut(ready);
  }

  /** How the node is doing. */
  public CompletableFuture<EngineStatus> status() {
    return callbacks.handOut(driver.ask(now -> engine.status()));
  }

  /**
   * Finds the k peers of the network that are nearest to a target, this node excepted, nearest
   * first. All of them have just answered. Too few peers is an answer, not an error.
   *
   * @return fails with {@link IllegalStateException} when too many lookups are under way or the
   *     node is closed
   */
  public CompletableFuture<List<Contact>> lookup(NodeId target) {
    return callbacks.handOut(begin(target).thenApply(Event.LookupEnded::result));
  }

  /** Registering, resolving and watching services. */
  public PeerServices services() {
    return services;
  }

  /** The same as {@link PeerServices#inProcessChannel}. */
  public ManagedChannel inProcessChannel() {
    return services.inProcessChannel();
  }

  private CompletableFuture<Event.LookupEnded> begin(NodeId target) {
    CompletableFuture<Event.LookupEnded> found = new CompletableFuture<>();
    if (driver.isLeaving()) {
      PendingLookups.failClosed(found);
      return found;
    }
    driver
        .ask(
            now -> {
              lookups.begin(engine, target, found, now);
              return true;
            })
        .exceptionally(
            error -> {
              PendingLookups.failClosed(found);
              return false;
            });
    return found;
  }

  /**
   * Leaves: ends the calls of applications, which have half a second to have their instances
   * published elsewhere; tells the nearest peers within a second, lets open calls end for up to
   * ten, and stops. Blocks until that is done. Closing twice does nothing.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    health.leaving();
    driver.leaving();
    handOver();
    driver
        .ask(
            now -> {
              engine.leave(now);
              return null;
            })
        .exceptionally(
            error -> {
              // A host that has stopped the threads already: there is nothing to wait for.
              left.completeExceptionally(error);
              return null;
            });
    try {
      left.get(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      LOG.warn("id={} left without a farewell", id.toShortString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    stop();
  }

  /**
   * Ends the calls of applications first. Those that hold a registration go on at another node; its
   * record has a moment to get about before this node's is withdrawn, so that watchers do not hear
   * that the instance is gone in between.
   */
  private void handOver() {
    try {
      int held =
          driver
              .ask(
                  now -> {
                    // While there are contacts to keep.
                    Driver.attempt("the last snapshot", () -> saver.ifPresent(s -> s.save(engine)));
                    return services.endAll();
                  })
              .get(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
      if (held > 0) {
        left.get(HAND_OVER.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (TimeoutException | ExecutionException e) {
      LOG.debug("id={} the callers had their time", id.toShortString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Gives back whatever the node has taken; also when it has not begun to take part. */
  void stop() {
    health.leaving();
    watchdog.stop();
    services.close();
    // Without threads nothing that is open would ever end.
    boolean hasLeft = left.isDone() && !left.isCompletedExceptionally();
    long drainMillis = driver.endStreams() && hasLeft ? DRAIN_MILLIS : 0;
    try {
      if (server.isPresent()) {
        server.get().stop(drainMillis);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closeDirectory();
      caller.close();
      driver
          .ask(
              now -> {
                lookups.failAll();
                return null;
              })
          .exceptionally(
              error -> {
                lookups.failAll();
                return null;
              });
      ready.completeExceptionally(new IllegalStateException("closed before it was ready"));
      driver.stop();
      if (ownsPool) {
        pool.shutdown();
      }
    }
  }

  private void closeDirectory() {
    if (saver.isPresent()) {
      try {
        saver.get().close(LAST_SNAPSHOT);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public String toString() {
    return "PeerNode " + id.toShortString() + " at " + advertised;
  }
}
