package dev.peerdiscovery.node;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.peerdiscovery.client.Caller;
import dev.peerdiscovery.client.ChannelOpener;
import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.engine.EngineStatus;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.engine.LookupId;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.RecordCodec;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
 * Builder#attachTo}. Thread-safe.
 */
public final class PeerNode implements AutoCloseable {
  private static final Duration FAREWELL = Duration.ofSeconds(2);
  private static final long DRAIN_MILLIS = 10_000;

  /** The health service's name for a process that runs, whether it has joined or not. */
  private static final String LIVENESS = "liveness";

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
  private final ServerServiceDefinition peerService;
  private final HealthStatusManager health = new HealthStatusManager();
  private final ScheduledExecutorService pool;
  private final boolean ownsPool;
  private final Optional<DataDirectory> directory;
  private final Optional<Saver> saver;
  private final List<SignedPeerRecord> remembered;
  private final boolean advertisesByItself;
  private final CompletableFuture<EngineStatus> ready = new CompletableFuture<>();
  private final CompletableFuture<Void> left = new CompletableFuture<>();
  private final Map<LookupId, CompletableFuture<List<Contact>>> lookups = new HashMap<>();

  private volatile Optional<NodeServer> server = Optional.empty();
  private volatile List<Endpoint> advertised;
  private volatile int port;
  private boolean addressIsGuessed;
  private boolean closed;

  private PeerNode(Builder builder, Optional<DataDirectory> directory) throws StartException {
    this.directory = directory;
    this.network = Network.of(builder.network, builder.identity, builder.scope);
    this.listen = builder.attached ? Optional.empty() : Optional.of(builder.listen);
    this.requirePeer = builder.requirePeer;
    SecureRandom secret = new SecureRandom();
    NodeId drawn = NodeId.random(secret);
    this.id =
        directory.isPresent() ? directory.get().id(builder.id, drawn) : builder.id.orElse(drawn);
    Optional<DataDirectory.Saved> saved =
        directory.isPresent() ? directory.get().load(id, network.name()) : Optional.empty();
    this.remembered = saved.map(DataDirectory.Saved::contacts).orElse(List.of());
    this.advertised = List.copyOf(builder.advertised);
    this.advertisesByItself = builder.advertised.isEmpty();
    AddressPolicy policy = AddressPolicy.of(builder.scope, builder.isOnLoopback());
    this.caller =
        builder
            .channels
            .map(opener -> Caller.over(opener, policy, builder.maxChannels))
            .orElseGet(() -> Caller.overTcp(policy, builder.maxChannels));
    this.ownsPool = builder.executor.isEmpty();
    this.pool = builder.executor.orElseGet(PeerNode::newPool);
    this.engine =
        new Engine(
            builder.engine,
            id,
            network,
            firstSequence(saved),
            builder.bootstrap,
            RecordCodec.unsigned(),
            RecordVerifier.assigned(network.name(), policy),
            new SplittableRandom(secret.nextLong()),
            secret,
            clock.nowNanos());
    this.saver = directory.map(d -> new Saver(d, id, network.name(), pool));
    List<Consumer<Event>> observers = new ArrayList<>();
    observers.add(this::observe);
    observers.addAll(builder.observers);
    this.driver = new Driver(engine, caller, clock, pool, observers, this::callLeftFrom, counters);
    this.admin = new Admin(id, network, engine, driver, counters, clock);
    List<ServerInterceptor> interceptors = new ArrayList<>(builder.interceptors);
    interceptors.add(CallerAddress.noted());
    this.peerService = NodeServer.intercepted(new PeerService(driver, counters), interceptors);
  }

  private static ScheduledExecutorService newPool() {
    ScheduledThreadPoolExecutor pool =
        new ScheduledThreadPoolExecutor(
            2, new ThreadFactoryBuilder().setDaemon(true).setNameFormat("peer-node-%d").build());
    pool.setRemoveOnCancelPolicy(true);
    return pool;
  }

  /**
   * Above all records from before: the last one kept, and those of a data directory that is lost.
   */
  private static long firstSequence(Optional<DataDirectory.Saved> saved) {
    long stored = saved.map(DataDirectory.Saved::sequence).orElse(0L);
    long wallMillis = System.currentTimeMillis();
    return Long.compareUnsigned(stored, wallMillis) > 0 ? stored : wallMillis;
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  private void startServer(Optional<ListenAddress> api) throws StartException {
    ListenAddress at = listen.orElseThrow();
    NodeServer started = NodeServer.start(at, api, peerService, admin, health);
    server = Optional.of(started);
    port = started.port();
    ListenAddress actual = new ListenAddress(at.host(), port);
    admin.listening(
        actual.toString(),
        api.flatMap(a -> started.apiPort().map(p -> new ListenAddress(a.host(), p).toString()))
            .orElse(""));
    if (advertisesByItself && !at.isWildcard()) {
      advertised = List.of(new Endpoint(at.host(), port));
    }
  }

  /**
   * Begins to take part, once the server accepts calls. Only for nodes that were {@linkplain
   * Builder#attachTo attached} to a host's server; the others begin by themselves.
   */
  public void join() {
    health.setStatus(LIVENESS, ServingStatus.SERVING);
    health.setStatus(PeerServiceGrpc.SERVICE_NAME, ServingStatus.NOT_SERVING);
    driver.ask(
        now -> {
          if (!advertised.isEmpty()) {
            engine.advertise(advertised, now);
          } else if (!engine.hasSeeds()) {
            advertiseGuess(now);
          }
          remembered.forEach(record -> engine.heardOf(record, now));
          engine.wake(now);
          return null;
        });
  }

  /** The owner's: told of everything that happens, before anybody else. */
  private void observe(Event event) {
    saver.ifPresent(s -> s.observe(event, driver, engine));
    if (event instanceof Event.LookupEnded ended) {
      CompletableFuture<List<Contact>> asked = lookups.remove(ended.id());
      if (asked != null) {
        asked.complete(ended.result());
      }
    } else if (event instanceof Event.JoinEnded ended) {
      joinEnded(ended);
    } else if (event instanceof Event.SelfChanged changed) {
      advertised = changed.record().content().endpoints();
    } else if (event instanceof Event.Left) {
      left.complete(null);
    } else if (event instanceof Event.SelfDoubt doubt) {
      LOG.warn(
          "id={} {}",
          id.toShortString(),
          doubt.doubtful()
              ? "suspects itself: every contact fails and nothing comes in; nobody is evicted"
              : "no longer suspects itself");
    }
  }

  private void joinEnded(Event.JoinEnded ended) {
    if (ended.contacts() == 0 && engine.self().isEmpty()) {
      advertiseGuess(clock.nowNanos());
    }
    LOG.info(
        "id={} {} contacts={}",
        id.toShortString(),
        ended.contacts() == 0 ? "alone" : "joined",
        ended.contacts());
    if (ended.contacts() > 0 || !requirePeer) {
      health.setStatus(PeerServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
      ready.complete(engine.status());
    }
  }

  /** Nobody has shown yet from where this machine is seen, so its own interfaces have to tell. */
  private void advertiseGuess(long nowNanos) {
    boolean ipv6 = listen.map(at -> at.host().indexOf(':') >= 0).orElse(false);
    addressIsGuessed = true;
    engine.advertise(List.of(Endpoint.of(HostAddress.guess(ipv6), port)), nowNanos);
  }

  /** The first call that is answered shows at which address the network sees this machine. */
  private void callLeftFrom(InetAddress local, Engine owned, long nowNanos) {
    if (advertisesByItself && (owned.self().isEmpty() || addressIsGuessed)) {
      addressIsGuessed = false;
      owned.advertise(List.of(Endpoint.of(local, port)), nowNanos);
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
   * {@link Builder#requirePeer} is set.
   */
  public CompletableFuture<EngineStatus> ready() {
    return ready.copy();
  }

  /** How the node is doing. */
  public CompletableFuture<EngineStatus> status() {
    return driver.ask(now -> engine.status());
  }

  /**
   * Finds the k peers of the network that are nearest to a target, this node excepted, nearest
   * first. All of them have just answered. Too few peers is an answer, not an error.
   *
   * @return fails with {@link IllegalStateException} when too many lookups are under way or the
   *     node is closed
   */
  public CompletableFuture<List<Contact>> lookup(NodeId target) {
    CompletableFuture<List<Contact>> found = new CompletableFuture<>();
    driver
        .ask(
            now -> {
              Optional<LookupId> lookup = engine.lookup(target, now);
              lookup.ifPresent(name -> lookups.put(name, found));
              return lookup.isPresent();
            })
        .whenComplete(
            (started, error) -> {
              if (error != null || !started) {
                String why = error == null ? "too many lookups are under way" : "closed";
                found.completeExceptionally(new IllegalStateException("no lookup: " + why));
              }
            });
    return found;
  }

  /**
   * Leaves: tells the nearest peers within a second, lets open calls end for up to ten, and stops.
   * Blocks until that is done. Closing twice does nothing.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    health.enterTerminalState();
    saver.ifPresent(this::saveLast);
    driver.ask(
        now -> {
          engine.leave(now);
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

  private void saveLast(Saver last) {
    try {
      driver
          .ask(now -> last.snapshot(engine))
          .get(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)
          .ifPresent(last::write);
    } catch (TimeoutException | ExecutionException e) {
      LOG.warn("id={} the last snapshot was not taken", id.toShortString(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stop() {
    try {
      if (server.isPresent()) {
        server.get().stop(DRAIN_MILLIS);
      }
      directory.ifPresent(DataDirectory::close);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      caller.close();
      driver.ask(
          now -> {
            lookups
                .values()
                .forEach(l -> l.completeExceptionally(new IllegalStateException("closed")));
            lookups.clear();
            return null;
          });
      ready.completeExceptionally(new IllegalStateException("closed before it was ready"));
      driver.stop();
      if (ownsPool) {
        pool.shutdown();
      }
    }
  }

  @Override
  public String toString() {
    return "PeerNode " + id.toShortString() + " at " + advertised;
  }

  /** Configures a {@link PeerNode}. Not thread-safe. */
  public static final class Builder {
    /** The most seeds. */
    public static final int MAX_SEEDS = 64;

    private final List<Endpoint> advertised = new ArrayList<>();
    private final List<Endpoint> bootstrap = new ArrayList<>();
    private final List<Consumer<Event>> observers = new ArrayList<>();
    private final List<ServerInterceptor> interceptors = new ArrayList<>();
    private Optional<NodeId> id = Optional.empty();
    private String network = "default";
    private IdentityMode identity = IdentityMode.ASSIGNED;
    private Scope scope = Scope.PRIVATE;
    private ListenAddress listen = ListenAddress.parse("0.0.0.0:7400");
    private Optional<ListenAddress> api = Optional.empty();
    private Optional<Path> dataDirectory = Optional.empty();
    private Optional<ScheduledExecutorService> executor = Optional.empty();
    private Optional<ChannelOpener> channels = Optional.empty();
    private EngineConfig engine = EngineConfig.defaults();
    private int maxChannels = Caller.DEFAULT_MAX_CHANNELS;
    private boolean requirePeer;
    private boolean attached;

    private Builder() {}

    /** Sets the node's id. Without one, one is drawn, and kept in the data directory. */
    public Builder id(NodeId value) {
      id = Optional.of(value);
      return this;
    }

    /** Sets the name of the network; "default" unless set. */
    public Builder network(String value) {
      PeerRecord.checkNetworkName(value);
      network = value;
      return this;
    }

    /** Sets how the network's peers come by their ids; {@link IdentityMode#ASSIGNED} unless set. */
    public Builder identity(IdentityMode value) {
      if (value != IdentityMode.ASSIGNED) {
        throw new IllegalArgumentException("identity: signed is not in this version yet");
      }
      identity = value;
      return this;
    }

    /** Sets which addresses the network is made of; {@link Scope#PRIVATE} unless set. */
    public Builder scope(Scope value) {
      scope = value;
      return this;
    }

    /** Sets where to listen; 0.0.0.0:7400 unless set. Port 0 takes any free one. */
    public Builder listen(ListenAddress value) {
      listen = value;
      return this;
    }

    /** Sets where to listen, as {@code HOST:PORT}. */
    public Builder listen(String value) {
      return listen(ListenAddress.parse(value));
    }

    /**
     * Adds endpoints at which others reach this node, preferred first. Without any it is the listen
     * address, or where that means all addresses, the one from which the first answered call left.
     */
    public Builder advertise(Endpoint... endpoints) {
      advertised.addAll(List.of(endpoints));
      return this;
    }

    /** Adds endpoints at which others reach this node, each {@code HOST:PORT}. */
    public Builder advertise(String... endpoints) {
      for (String endpoint : endpoints) {
        advertise(Endpoint.parse(endpoint));
      }
      return this;
    }

    /** Adds seeds: peers to ask for the way in, now and for the node's whole life. */
    public Builder bootstrap(Endpoint... seeds) {
      bootstrap.addAll(List.of(seeds));
      return this;
    }

    /** Adds seeds, each {@code HOST:PORT}. */
    public Builder bootstrap(String... seeds) {
      for (String seed : seeds) {
        bootstrap(Endpoint.parse(seed));
      }
      return this;
    }

    /** Sets where id and contacts are kept over restarts; without it nothing is kept. */
    public Builder dataDirectory(Path value) {
      dataDirectory = Optional.of(value);
      return this;
    }

    /**
     * Moves administration, reflection and health to a second listener. Without it they are on the
     * main one, the first two for callers on this machine only.
     */
    public Builder api(ListenAddress value) {
      api = Optional.of(value);
      return this;
    }

    /** Sets whether the node is ready only when it is not alone. */
    public Builder requirePeer(boolean value) {
      requirePeer = value;
      return this;
    }

    /** Sets the numbers that the engine goes by. */
    public Builder engine(EngineConfig value) {
      engine = value;
      return this;
    }

    /** Sets how many channels to other peers are kept open at most; 256 unless set. */
    public Builder maxChannels(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("maxChannels: must be at least 1, got " + value);
      }
      maxChannels = value;
      return this;
    }

    /** Adds an observer of everything that happens. Told in order, one at a time; never block. */
    public Builder observe(Consumer<Event> observer) {
      observers.add(observer);
      return this;
    }

    /** Adds an interceptor around what peers call, outside the node's own. */
    public Builder intercept(ServerInterceptor interceptor) {
      interceptors.add(interceptor);
      return this;
    }

    /** Has the node run on a host's threads, which it will not shut down. Many nodes can share. */
    public Builder executor(ScheduledExecutorService value) {
      executor = Optional.of(value);
      return this;
    }

    /** Has channels to other peers opened in another way than over TCP. */
    public Builder channels(ChannelOpener value) {
      channels = Optional.of(value);
      return this;
    }

    private boolean isOnLoopback() {
      AddressPolicy loopback = AddressPolicy.of(Scope.LOOPBACK, true);
      return (!attached && listen.isLoopback())
          || advertised.stream().anyMatch(loopback::allows)
          || bootstrap.stream().anyMatch(loopback::allows);
    }

    private void check() {
      AddressPolicy policy = AddressPolicy.of(scope, isOnLoopback());
      for (Endpoint endpoint : advertised) {
        if (!policy.allows(endpoint)) {
          throw new IllegalArgumentException(
              "advertise: " + endpoint + " is not allowed in scope " + scope);
        }
      }
      if (bootstrap.size() > MAX_SEEDS) {
        throw new IllegalArgumentException("bootstrap: more than " + MAX_SEEDS + " seeds");
      }
      // Says now what would otherwise be found out by the first record.
      RecordCodec.unsigned().sign(new PeerRecord(id.orElse(NodeId.ZERO), advertised, 1, network));
    }

    private Optional<DataDirectory> openDirectory() throws StartException {
      return dataDirectory.isPresent()
          ? Optional.of(DataDirectory.open(dataDirectory.get()))
          : Optional.empty();
    }

    private PeerNode build() throws StartException {
      check();
      Optional<DataDirectory> directory = openDirectory();
      try {
        return new PeerNode(this, directory);
      } catch (StartException | RuntimeException e) {
        directory.ifPresent(DataDirectory::close);
        throw e;
      }
    }

    /**
     * Starts a node with a server of its own.
     *
     * @throws StartException when it cannot listen or use its data directory
     * @throws IllegalArgumentException when settings do not go together
     */
    public PeerNode start() throws StartException {
      PeerNode node = build();
      try {
        node.startServer(api);
      } catch (StartException e) {
        node.stop();
        throw e;
      }
      node.join();
      return node;
    }

    /**
     * Makes a node whose services are part of a host's server: what peers call, and administration
     * for callers on this machine. They carry their own interceptors and never block. Start the
     * server, then {@link PeerNode#join()}. The advertised endpoint must be given.
     *
     * @throws StartException when it cannot use its data directory
     * @throws IllegalArgumentException when settings do not go together
     */
    public PeerNode attachTo(ServerBuilder<?> host) throws StartException {
      if (advertised.isEmpty()) {
        throw new IllegalArgumentException(
            "advertise: a node in a host's server must be told where that is reached");
      }
      if (api.isPresent()) {
        throw new IllegalArgumentException("api: a node in a host's server has no listeners");
      }
      attached = true;
      PeerNode node = build();
      host.addService(node.peerService);
      host.addService(ServerInterceptors.intercept(node.admin, CallerAddress.loopbackOnly()));
      return node;
    }
  }
}
