package dev.peerdiscovery.client;

import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.client.tls.Tls;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.Channel;
import io.grpc.SynchronizationContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an application asks a node: to publish its instances of services, and who else provides one.
 *
 * <pre>{@code
 * try (DiscoveryClient client = DiscoveryClient.builder().via("127.0.0.1:7400").build();
 *     Lease lease = client.register(Registration.of("orders", "10.0.0.5:8080"))) {
 *   client.resolve("billing").forEach(instance -> System.out.println(instance.endpoint()));
 * }
 * }</pre>
 *
 * <p>It is given one or more nodes beside which the application runs, or a channel to an embedded
 * one. A question goes to the node that answered last, and when that cannot be reached to the next.
 * Leases and watches last until they are closed, over whatever happens to the nodes. Every method
 * comes in a form that blocks and throws {@link PeerException}, and in one that ends in {@code
 * Async}, whose future fails with it; leases and watches have one with a listener, too.
 *
 * <p>Nothing waits for ever: there is a {@linkplain Builder#timeout limit} for each wait, and an
 * interrupt of the waiting thread, or {@link #close} from another one, ends it at once. A future
 * that is cancelled, or completed otherwise by the caller, ends what it was for; so does each wait
 * that fails. Continuations of the futures run on threads of the client's own, and may block.
 *
 * <p>Each lease and each watch is a stream on the one connection to its node, and a node takes at
 * most 48 streams a connection, unless its limits say otherwise. What is more is refused: a lease
 * or watch for which no node has room when it begins is over at once, with a {@link PeerException}
 * of the reason {@link dev.peerdiscovery.core.message.Refusal.Reason#FULL}. An application that
 * needs more builds a second client.
 *
 * <p>Thread-safe. Close it after use.
 */
public final class DiscoveryClient implements AutoCloseable {
  /** How long a caller waits unless something else is set. */
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(DiscoveryClient.class);

  private final FailOver<DiscoveryNode> nodes;
  private final NodeChannels channels;
  private final ClientThreads threads;
  private final Waiting waiting;
  private final Duration timeout;

  /** Leases and watches that are not closed, and what ends each of them. */
  private final Map<AutoCloseable, Consumer<PeerException>> open = new ConcurrentHashMap<>();

  private DiscoveryClient(Builder builder) {
    PeerTls tls = builder.peerTls();
    this.channels = new NodeChannels(tls, builder.opener, builder.executor);
    List<DiscoveryNode> all = new ArrayList<>();
    for (Endpoint endpoint : builder.nodes) {
      all.add(
          new DiscoveryNode(endpoint.toString(), channels.open(endpoint), builder.namespace, tls));
    }
    builder.channel.ifPresent(
        channel ->
            all.add(
                new DiscoveryNode("the given node", channel, builder.namespace, PeerTls.off())));
    this.nodes = new FailOver<>(all, PeerClient::isWorthAnother);
    this.threads = new ClientThreads("peer-discovery", builder.timer);
    this.waiting = new Waiting(threads);
    this.timeout = builder.timeout;
  }

  /** A builder; at least one {@link Builder#via node}, or a channel to one, must be given. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A peer that {@link #lookup} found.
   *
   * @param id its id
   * @param endpoints where it can be dialled, preferred first
   */
  public record Peer(NodeId id, List<Endpoint> endpoints) {
    /** Copies the list. */
    public Peer {
      endpoints = List.copyOf(endpoints);
    }
  }

  /**
   * Has a node look up the peers nearest to an id; nearest first, each has answered. A node has 15
   * s for the answer, all of them together what {@link Builder#timeout} says.
   *
   * @throws PeerException when no node answers in time
   */
  public List<Peer> lookup(NodeId target) {
    return waiting.block(timeout, () -> lookingUp(target));
  }

  /** Has a node look up the peers nearest to an id, as {@link #lookup} does. */
  public CompletableFuture<List<Peer>> lookupAsync(NodeId target) {
    return waiting.future(timeout, () -> lookingUp(target));
  }

  private Waiting.Begun<List<Peer>> lookingUp(NodeId target) {
    return asking("looking up " + target, node -> node.lookup(target));
  }

  /**
   * Asks once which instances a service has, in no order, one for each endpoint: of several records
   * that name it the one that was registered last. None is an answer. Of a service with more than
   * 64 instances it may be a part; {@link #resolution} says whether it is. A node has 5 s for the
   * answer, all of them together what {@link Builder#timeout} says.
   *
   * @throws IllegalArgumentException when it is no name of a service
   * @throws PeerException when no node answers in time, or none knows: with the reason
   *     REGION_UNREACHABLE too few of the nodes answered that keep the service's records
   */
  public List<Instance> resolve(String service) {
    return waiting.block(timeout, () -> instances(service));
  }

  /** Asks once which instances a service has, as {@link #resolve} does. */
  public CompletableFuture<List<Instance>> resolveAsync(String service) {
    return waiting.future(timeout, () -> instances(service));
  }

  private Waiting.Begun<List<Instance>> instances(String service) {
    Waiting.Begun<Resolution> whole = resolving(service);
    return new Waiting.Begun<>(
        whole.what(),
        Waiting.linked(whole.result(), Resolution::instances),
        whole.missing(),
        instances -> {});
  }

  /**
   * Asks once which instances a service has, and whether those are all, as {@link #resolve} does.
   *
   * @throws IllegalArgumentException when it is no name of a service
   * @throws PeerException when no node answers in time
   */
  public Resolution resolution(String service) {
    return waiting.block(timeout, () -> resolving(service));
  }

  /** Asks once which instances a service has, as {@link #resolution} does. */
  public CompletableFuture<Resolution> resolutionAsync(String service) {
    return waiting.future(timeout, () -> resolving(service));
  }

  private Waiting.Begun<Resolution> resolving(String service) {
    Registration.checkService(service);
    return asking("resolving " + service, node -> node.resolve(service));
  }

  private <T> Waiting.Begun<T> asking(
      String what, Function<DiscoveryNode, CompletableFuture<T>> question) {
    checkOpen();
    return new Waiting.Begun<>(
        what, nodes.ask(question), () -> "no answer from " + nodes.nodes(), answer -> {});
  }

  /**
   * Follows a service, and waits until the first look is over, at most for what {@link
   * Builder#timeout} says.
   *
   * @throws IllegalArgumentException when it is no name of a service
   * @throws PeerException when no node can be asked, or the time is over; the watch has ended then
   */
  public Watch watch(String service) {
    return watch(service, timeout);
  }

  /**
   * Follows a service, and waits until the first look is over.
   *
   * @param limit how long it waits at most, 1 ms to 24 h
   * @throws IllegalArgumentException when it is no name of a service, or the limit is out of bounds
   * @throws PeerException when no node can be asked, or the time is over; the watch has ended then
   */
  public Watch watch(String service, Duration limit) {
    return waiting.block(Waiting.checkLimit(limit), () -> watching(service));
  }

  /** Follows a service, as {@link #watch(String)} does; completes when the first look is over. */
  public CompletableFuture<Watch> watchAsync(String service) {
    return watchAsync(service, timeout);
  }

  /** Follows a service, as {@link #watch(String, Duration)} does. */
  public CompletableFuture<Watch> watchAsync(String service, Duration limit) {
    return waiting.future(Waiting.checkLimit(limit), () -> watching(service));
  }

  private Waiting.Begun<Watch> watching(String service) {
    return watch(service, change -> {}).begun();
  }

  /**
   * Follows a service until the watch is closed. Returns at once.
   *
   * @throws IllegalArgumentException when it is no name of a service
   * @throws PeerException when the client is closed
   */
  public Watch watch(String service, Watch.Listener listener) {
    return watch(service, instance -> true, listener, false);
  }

  /**
   * Follows a service as far as its instances pass, and goes on, too, when no node has had room for
   * it.
   */
  Watch watchAlways(String service, Predicate<Instance> accepted, Watch.Listener listener) {
    return watch(service, accepted, listener, true);
  }

  private Watch watch(
      String service, Predicate<Instance> accepted, Watch.Listener listener, boolean persistent) {
    Registration.checkService(service);
    Watch watch =
        new Watch(
            service,
            accepted,
            nodes,
            listener,
            newContext(),
            threads,
            waiting,
            persistent,
            open::remove);
    begin(watch, watch::start, watch::end);
    return watch;
  }

  /**
   * Has an instance published until the lease is closed, and waits until it is published for the
   * first time, at most for what {@link Builder#timeout} says. While its check fails it is not; a
   * log says once what it waits for.
   *
   * @throws PeerException when no node can be asked, one refuses, or the time is over; it says what
   *     was missing, and the lease has ended then
   */
  public Lease register(Registration registration) {
    return register(registration, timeout);
  }

  /**
   * Has an instance published until the lease is closed, and waits until it is published for the
   * first time, as {@link #register(Registration)} does.
   *
   * @param limit how long it waits at most, 1 ms to 24 h
   * @throws IllegalArgumentException when the limit is out of bounds
   */
  public Lease register(Registration registration, Duration limit) {
    return waiting.block(Waiting.checkLimit(limit), () -> registering(registration));
  }

  /** Has an instance published, as {@link #register(Registration)} does. */
  public CompletableFuture<Lease> registerAsync(Registration registration) {
    return registerAsync(registration, timeout);
  }

  /** Has an instance published, as {@link #register(Registration, Duration)} does. */
  public CompletableFuture<Lease> registerAsync(Registration registration, Duration limit) {
    return waiting.future(Waiting.checkLimit(limit), () -> registering(registration));
  }

  private Waiting.Begun<Lease> registering(Registration registration) {
    return register(registration, new LeaseLog(registration)).begun();
  }

  /**
   * Has an instance published until the lease is closed. Returns at once.
   *
   * @throws PeerException when the client is closed
   */
  public Lease register(Registration registration, Lease.Listener listener) {
    Lease lease =
        new Lease(registration, nodes, listener, newContext(), threads, waiting, open::remove);
    begin(lease, lease::start, lease::end);
    return lease;
  }

  private void begin(AutoCloseable what, Runnable start, Consumer<PeerException> end) {
    open.put(what, end);
    // After it can be found by close.
    if (waiting.isClosed()) {
      open.remove(what);
      throw PeerException.closed();
    }
    start.run();
  }

  private void checkOpen() {
    if (waiting.isClosed()) {
      throw PeerException.closed();
    }
  }

  /** Listeners are guarded one by one; what comes here is a fault of the library's. */
  private static SynchronizationContext newContext() {
    return new SynchronizationContext(
        (thread, error) -> LOG.error("a watch or a lease failed", error));
  }

  /**
   * Ends all leases and watches, lets go of all callers that wait, and closes the channels that it
   * has opened, for which it waits up to a second. May be called from any thread, more than once.
   */
  @Override
  public void close() {
    end();
    channels.close();
    threads.close();
  }

  /** The same, without waiting for anything. */
  void closeNow() {
    end();
    channels.closeNow();
    threads.close();
  }

  private void end() {
    waiting.close();
    open.values().forEach(end -> end.accept(PeerException.closed()));
  }

  /** Configures a {@link DiscoveryClient}. Not thread-safe. */
  public static final class Builder {
    private final List<Endpoint> nodes = new ArrayList<>();
    private Optional<Channel> channel = Optional.empty();
    private Optional<String> namespace = Optional.empty();
    private Optional<ChannelOpener> opener = Optional.empty();
    private Tls tls = Tls.off();
    private Optional<ScheduledExecutorService> timer = Optional.empty();
    private Optional<Executor> executor = Optional.empty();
    private Duration timeout = TIMEOUT;

    private Builder() {}

    /** Adds a node; the order is the order in which they are tried. */
    public Builder via(Endpoint node) {
      nodes.add(node);
      return this;
    }

    /**
     * Adds nodes, each {@code HOST:PORT}, several in one text with commas between them.
     *
     * @throws IllegalArgumentException when one is no endpoint
     */
    public Builder via(String... node) {
      for (String text : node) {
        Endpoint.parseAll(text).forEach(this::via);
      }
      return this;
    }

    /** Adds a node by a channel to it, such as an embedded one's; the client does not close it. */
    public Builder channel(Channel value) {
      channel = Optional.of(value);
      return this;
    }

    /**
     * Sets where the names of services belong; the network's name unless set.
     *
     * @throws IllegalArgumentException when it is no namespace
     */
    public Builder namespace(String name) {
      Registration.checkNamespace(name);
      namespace = Optional.of(name);
      return this;
    }

    /**
     * Sets what protects the connections to the nodes, as their listener has it: {@link Tls#off()}
     * unless set. With {@link Tls#peer()} the client has an identity of its own for as long as it
     * lives.
     */
    public Builder tls(Tls value) {
      tls = value;
      return this;
    }

    /**
     * Sets how long a caller waits at most, in the forms that block and in the futures: for an
     * answer, for the first look of a watch, for the first publication of a lease. 1 ms to 24 h; 30
     * s unless set.
     *
     * @throws IllegalArgumentException when it is out of bounds
     */
    public Builder timeout(Duration limit) {
      timeout = Waiting.checkLimit(limit);
      return this;
    }

    private PeerTls peerTls() {
      try {
        return PeerClient.tls(tls);
      } catch (IOException e) {
        throw new IllegalArgumentException("tls: " + e.getMessage(), e);
      }
    }

    /** Has channels opened in another way than over TCP. */
    public Builder channels(ChannelOpener value) {
      opener = Optional.of(value);
      return this;
    }

    /** Has pauses timed by somebody else's timer, which the client does not close. */
    Builder timer(ScheduledExecutorService value) {
      timer = Optional.of(value);
      return this;
    }

    /** Has answers taken on somebody else's threads. */
    Builder executor(Executor value) {
      executor = Optional.of(value);
      return this;
    }

    /**
     * The client. It dials when there is something to ask.
     *
     * @throws IllegalArgumentException when no node is given, or TLS cannot be set up
     */
    public DiscoveryClient build() {
      if (nodes.isEmpty() && channel.isEmpty()) {
        throw new IllegalArgumentException("via: at least one node is needed");
      }
      if (opener.isPresent() && tls.mode() != Tls.Mode.OFF) {
        throw new IllegalArgumentException("tls: whoever opens the channels has to secure them");
      }
      return new DiscoveryClient(this);
    }
  }
}
