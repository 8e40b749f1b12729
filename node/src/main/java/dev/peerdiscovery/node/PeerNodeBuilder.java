package dev.peerdiscovery.node;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.peerdiscovery.client.ChannelOpener;
import dev.peerdiscovery.client.tls.Tls;
import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.PublicKey;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.RecordCodec;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;

/**
 * Configures a {@link PeerNode}, and makes one: by {@link #start} or by {@link #attachTo}, once.
 * When that fails, all that was taken by then is given back, and the builder can be used again. Not
 * thread-safe.
 */
public final class PeerNodeBuilder {
  /** The most seeds. */
  public static final int MAX_SEEDS = 64;

  final List<Endpoint> advertised = new ArrayList<>();
  final List<Endpoint> bootstrap = new ArrayList<>();
  final List<Consumer<Event>> observers = new ArrayList<>();
  final List<Consumer<Event>> observersInTurn = new ArrayList<>();
  final List<ServerInterceptor> interceptors = new ArrayList<>();
  Optional<NodeId> id = Optional.empty();
  Optional<IdentityMode> identity = Optional.empty();
  String network = "default";
  Scope scope = Scope.PRIVATE;
  ListenAddress listen = ListenAddress.parse("127.0.0.1:7400");
  Optional<ListenAddress> api = Optional.empty();
  Optional<Path> dataDirectory = Optional.empty();
  Optional<ScheduledExecutorService> executor = Optional.empty();
  Optional<ChannelOpener> channels = Optional.empty();
  Tls tls = Tls.off();
  Tls apiTls = Tls.off();
  EngineConfig engine = EngineConfig.defaults();
  final Set<Integer> allowedPorts = new HashSet<>();
  Limits limits = Limits.defaults();
  boolean requirePeer;
  boolean attached;

  /** Set by tests alone, which have no other machine to call from. */
  ThisMachine thisMachine = ThisMachine.LOOPBACK;

  /** How often it is looked whether the engine still takes turns; another one in tests. */
  Duration watchdogEvery = Watchdog.EVERY;

  private boolean used;

  PeerNodeBuilder() {}

  /**
   * Sets the node's id, as {@link IdentityMode#ASSIGNED} has it, which follows from this. With that
   * mode and without an id, one is drawn, and kept in the data directory.
   */
  public PeerNodeBuilder id(NodeId value) {
    id = Optional.of(value);
    return this;
  }

  /** Sets the name of the network; "default" unless set. */
  public PeerNodeBuilder network(String value) {
    PeerRecord.checkNetworkName(value);
    network = value;
    return this;
  }

  /**
   * Sets how the network's peers come by their ids. Unless set it is {@link IdentityMode#SIGNED}:
   * by a key, which is kept in the data directory, and without one is new with each start. With an
   * {@link #id} it is {@link IdentityMode#ASSIGNED}.
   */
  public PeerNodeBuilder identity(IdentityMode value) {
    identity = Optional.of(value);
    return this;
  }

  IdentityMode identity() {
    return identity.orElse(id.isPresent() ? IdentityMode.ASSIGNED : IdentityMode.SIGNED);
  }

  /** Sets which addresses the network is made of; {@link Scope#PRIVATE} unless set. */
  public PeerNodeBuilder scope(Scope value) {
    scope = value;
    return this;
  }

  /**
   * Sets where to listen; 127.0.0.1:7400 unless set, which only this machine reaches. Port 0 takes
   * any free one.
   */
  public PeerNodeBuilder listen(ListenAddress value) {
    listen = value;
    return this;
  }

  /** Sets where to listen, as {@code HOST:PORT}. */
  public PeerNodeBuilder listen(String value) {
    return listen(ListenAddress.parse(value));
  }

  /**
   * Adds endpoints at which others reach this node, preferred first. Without any it is the listen
   * address, or where that means all addresses, the one from which the first answered call left.
   */
  public PeerNodeBuilder advertise(Endpoint... endpoints) {
    advertised.addAll(List.of(endpoints));
    return this;
  }

  /** Adds endpoints at which others reach this node, each {@code HOST:PORT}. */
  public PeerNodeBuilder advertise(String... endpoints) {
    for (String endpoint : endpoints) {
      advertise(Endpoint.parse(endpoint));
    }
    return this;
  }

  /** Adds seeds: peers to ask for the way in, now and for the node's whole life. */
  public PeerNodeBuilder bootstrap(Endpoint... seeds) {
    bootstrap.addAll(List.of(seeds));
    return this;
  }

  /** Adds seeds, each {@code HOST:PORT}. */
  public PeerNodeBuilder bootstrap(String... seeds) {
    for (String seed : seeds) {
      bootstrap(Endpoint.parse(seed));
    }
    return this;
  }

  /** Sets where id and contacts are kept over restarts; without it nothing is kept. */
  public PeerNodeBuilder dataDirectory(Path value) {
    dataDirectory = Optional.of(value);
    return this;
  }

  /**
   * Moves administration, reflection and health to a second listener. Without it they are on the
   * main one, the first two for callers on this machine only.
   */
  public PeerNodeBuilder api(ListenAddress value) {
    api = Optional.of(value);
    return this;
  }

  /**
   * Sets what protects the connections to other peers; {@link Tls#off()} unless set. It needs
   * {@link IdentityMode#SIGNED}, and a server of the node's own.
   */
  public PeerNodeBuilder tls(Tls value) {
    tls = value;
    return this;
  }

  /** Sets what protects the connections of the {@link #api} listener; nothing unless set. */
  public PeerNodeBuilder apiTls(Tls value) {
    apiTls = value;
    return this;
  }

  /** Sets whether the node is ready only when it is not alone. */
  public PeerNodeBuilder requirePeer(boolean value) {
    requirePeer = value;
    return this;
  }

  /** Sets the numbers that the engine goes by. */
  public PeerNodeBuilder engine(EngineConfig value) {
    engine = value;
    return this;
  }

  /**
   * Allows peers at ports where in scope public none is dialled, because other services are usually
   * there, such as 25 or 6379. The ports of the seeds and of this node's own endpoints are allowed
   * anyway.
   */
  public PeerNodeBuilder allowPorts(int... ports) {
    for (int port : ports) {
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("allowPorts: must be 1 to 65535, got " + port);
      }
      allowedPorts.add(port);
    }
    return this;
  }

  /** Sets what others may take of the node, and what its channels may cost. */
  public PeerNodeBuilder limits(Limits value) {
    limits = value;
    return this;
  }

  /**
   * Adds an observer of everything that happens. It is told in order and one at a time, soon after
   * it happened, on a thread where it may block. While 4,096 events wait for it, further ones are
   * dropped, and counted as {@code observer.dropped} in the node's status. What it throws is
   * logged.
   */
  public PeerNodeBuilder observe(Consumer<Event> observer) {
    observers.add(Objects.requireNonNull(observer));
    return this;
  }

  /**
   * Adds an observer that is told in the engine's own turn, before any call that follows from the
   * event, and misses none: for those that measure. It must never block or wait for this node: the
   * node does nothing meanwhile, and after 10 to 15 s its health says so. What it throws is logged.
   */
  public PeerNodeBuilder observeInTurn(Consumer<Event> observer) {
    observersInTurn.add(Objects.requireNonNull(observer));
    return this;
  }

  /** Adds an interceptor around what peers call. The messages that it sees are core's values. */
  public PeerNodeBuilder intercept(ServerInterceptor interceptor) {
    interceptors.add(Objects.requireNonNull(interceptor));
    return this;
  }

  /** Has the node run on a host's threads, which it will not shut down. Many nodes can share. */
  public PeerNodeBuilder executor(ScheduledExecutorService value) {
    executor = Optional.of(value);
    return this;
  }

  /** Has channels to other peers opened in another way than over TCP. */
  public PeerNodeBuilder channels(ChannelOpener value) {
    channels = Optional.of(value);
    return this;
  }

  /** A few threads for one node, where no host shares its own. */
  static ScheduledExecutorService newPool() {
    ScheduledThreadPoolExecutor pool =
        new ScheduledThreadPoolExecutor(
            2, new ThreadFactoryBuilder().setDaemon(true).setNameFormat("peer-node-%d").build());
    pool.setRemoveOnCancelPolicy(true);
    return pool;
  }

  boolean isOnLoopback() {
    AddressPolicy loopback = AddressPolicy.of(Scope.LOOPBACK, true);
    return (!attached && (listen.isLoopback() || isGuessedLoopback()))
        || advertised.stream().anyMatch(loopback::allows)
        || bootstrap.stream().anyMatch(loopback::allows);
  }

  /** A machine without another interface is reached at loopback, wherever it listens. */
  private boolean isGuessedLoopback() {
    return advertised.isEmpty()
        && listen.isWildcard()
        && HostAddress.guess(listen.host().indexOf(':') >= 0).isLoopbackAddress();
  }

  /** Which addresses the node dials. What its owner names is meant, whatever port it is at. */
  AddressPolicy policy() {
    Set<Integer> ports = new HashSet<>(allowedPorts);
    advertised.forEach(endpoint -> ports.add(endpoint.port()));
    bootstrap.forEach(endpoint -> ports.add(endpoint.port()));
    return AddressPolicy.of(scope, isOnLoopback()).allowingPorts(ports);
  }

  private void check() {
    AddressPolicy policy = policy();
    List<Endpoint> own = new ArrayList<>(advertised);
    if (own.isEmpty() && !attached && !listen.isWildcard()) {
      own.add(new Endpoint(listen.host(), Math.max(1, listen.port())));
    }
    for (Endpoint endpoint : own) {
      if (!policy.allows(endpoint)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "advertise: %s is not allowed in scope %s",
                endpoint,
                scope.name().toLowerCase(Locale.ROOT)));
      }
    }
    if (bootstrap.size() > MAX_SEEDS) {
      throw new IllegalArgumentException("bootstrap: more than " + MAX_SEEDS + " seeds");
    }
    if (id.isPresent() && identity() == IdentityMode.SIGNED) {
      throw new IllegalArgumentException(
          "id: where identity is signed, an id comes from a key; leave it out, or set identity to"
              + " assigned");
    }
    if (executor.map(ExecutorService::isShutdown).orElse(false)) {
      throw new IllegalArgumentException(
          "executor: it is shut down, and the node needs its threads");
    }
    checkTls();
    checkRecordSize();
  }

  private void checkTls() {
    if (apiTls.mode() != Tls.Mode.OFF && api.isEmpty()) {
      throw new IllegalArgumentException("apiTls: there is no api address for it");
    }
    if (tls.mode() == Tls.Mode.OFF && apiTls.mode() == Tls.Mode.OFF) {
      return;
    }
    if (identity() == IdentityMode.ASSIGNED) {
      throw new IllegalArgumentException(
          "tls: a certificate carries the key that an id comes from, so tls needs identity signed,"
              + " and no id that is given");
    }
    if (attached || channels.isPresent()) {
      throw new IllegalArgumentException(
          "tls: where a host has the server or opens the channels, it has to secure them, too");
    }
  }

  /** Says now what would otherwise be found out by the first record. */
  private void checkRecordSize() {
    PeerRecord record = new PeerRecord(id.orElse(NodeId.ZERO), advertised, -1, network);
    boolean signs = identity() == IdentityMode.SIGNED;
    new SignedPeerRecord(
        record,
        RecordCodec.encode(record),
        Bytes.copyOf(new byte[signs ? PublicKey.BYTES : 0]),
        Bytes.copyOf(new byte[signs ? PublicKey.SIGNATURE_BYTES : 0]));
  }

  private Optional<DataDirectory> openDirectory() throws StartException {
    return dataDirectory.isPresent()
        ? Optional.of(DataDirectory.open(dataDirectory.get()))
        : Optional.empty();
  }

  private void checkUnused() {
    if (used) {
      throw new IllegalStateException(
          "this builder has made a node; make another builder with PeerNode.builder() for another");
    }
  }

  private PeerNode build() throws StartException {
    check();
    Optional<DataDirectory> directory = openDirectory();
    try {
      return new PeerNode(this, directory);
    } catch (StartException | RuntimeException | Error e) {
      // Nothing else that it has made by then has a thread, a port or a file.
      directory.ifPresent(DataDirectory::close);
      throw e;
    }
  }

  /**
   * Starts a node with a server of its own.
   *
   * @throws StartException when it cannot listen or use its data directory
   * @throws IllegalArgumentException when settings do not go together
   * @throws IllegalStateException when the builder has made a node already
   */
  public PeerNode start() throws StartException {
    checkUnused();
    PeerNode node = build();
    try {
      node.startServer(api);
      node.join();
    } catch (StartException | RuntimeException | Error e) {
      node.stop();
      throw e;
    }
    used = true;
    return node;
  }

  /**
   * Makes a node whose services are part of a host's server: what peers call, and administration
   * for callers on this machine. They carry their own interceptors and never block. Start the
   * server, then {@link PeerNode#join()}. The advertised endpoint must be given.
   *
   * @throws StartException when it cannot use its data directory
   * @throws IllegalArgumentException when settings do not go together
   * @throws IllegalStateException when the builder has made a node already
   */
  public PeerNode attachTo(ServerBuilder<?> host) throws StartException {
    checkUnused();
    if (advertised.isEmpty()) {
      throw new IllegalArgumentException(
          "advertise: a node in a host's server must be told where that is reached");
    }
    if (api.isPresent()) {
      throw new IllegalArgumentException("api: a node in a host's server has no listeners");
    }
    attached = true;
    try {
      PeerNode node = build();
      try {
        node.addTo(host);
      } catch (RuntimeException | Error e) {
        node.stop();
        throw e;
      }
      used = true;
      return node;
    } finally {
      attached = used;
    }
  }
}
