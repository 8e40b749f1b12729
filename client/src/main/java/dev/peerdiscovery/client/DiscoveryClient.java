package dev.peerdiscovery.client;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.client.tls.Tls;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.SynchronizationContext;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
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
 * <p>Thread-safe. Close it after use.
 */
public final class DiscoveryClient implements AutoCloseable {
  /** A large service's snapshot: 4,096 instances with a KiB of metadata each. */
  private static final int MAX_ANSWER_BYTES = 16 << 20;

  /**
   * Nodes permit 30 s. A node that stopped without a word is noticed by it, and its instances are
   * with another one before their records run out: with the usual TTL of 90 s these hold for 54 s
   * at least.
   */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(35);

  private static final Duration KEEP_ALIVE_TIMEOUT = Duration.ofSeconds(5);

  private static final long CLOSE_MILLIS = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(DiscoveryClient.class);

  private final FailOver<DiscoveryNode> nodes;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final ScheduledExecutorService timer;
  private final boolean ownsTimer;

  /** Leases and watches that are not closed. */
  private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  private DiscoveryClient(Builder builder) {
    List<DiscoveryNode> all = new ArrayList<>();
    PeerTls tls = builder.peerTls();
    for (Endpoint endpoint : builder.nodes) {
      ManagedChannel channel = channel(builder, tls, endpoint);
      channels.add(channel);
      all.add(new DiscoveryNode(endpoint.toString(), channel, builder.namespace, tls));
    }
    builder.channel.ifPresent(
        channel ->
            all.add(
                new DiscoveryNode("the given node", channel, builder.namespace, PeerTls.off())));
    this.nodes = new FailOver<>(all, PeerClient::isWorthAnother);
    this.ownsTimer = builder.timer.isEmpty();
    this.timer = builder.timer.orElseGet(DiscoveryClient::newTimer);
  }

  private static ManagedChannel channel(Builder builder, PeerTls tls, Endpoint endpoint) {
    ManagedChannelBuilder<?> channel =
        builder.opener.isPresent() ? builder.opener.get().open(endpoint) : overTcp(tls, endpoint);
    builder.executor.ifPresent(channel::executor);
    return channel
        .disableRetry()
        .disableServiceConfigLookUp()
        .keepAliveTime(KEEP_ALIVE.toSeconds(), TimeUnit.SECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
        .maxInboundMessageSize(MAX_ANSWER_BYTES)
        .build();
  }

  private static ManagedChannelBuilder<?> overTcp(PeerTls tls, Endpoint endpoint) {
    NettyChannelBuilder channel =
        NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
            .proxyDetector(target -> null);
    tls.secure(channel);
    return channel;
  }

  private static ScheduledExecutorService newTimer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1,
            new ThreadFactoryBuilder().setDaemon(true).setNameFormat("peer-discovery-%d").build());
    timer.setRemoveOnCancelPolicy(true);
    // A stream may begin anew just when the client is closed.
    timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    timer.setKeepAliveTime(10, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
    return timer;
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

  /** Has a node look up the peers nearest to an id; nearest first, each has answered. */
  public List<Peer> lookup(NodeId target) {
    return PeerClient.join(lookupAsync(target));
  }

  /** Has a node look up the peers nearest to an id; nearest first, each has answered. */
  public CompletableFuture<List<Peer>> lookupAsync(NodeId target) {
    return ask(node -> node.lookup(target));
  }

  /**
   * Asks once who provides a service, in no order. Nobody is an answer. Of a service with more than
   * 64 instances it may be a part; {@link #resolution} says whether it is.
   *
   * @throws IllegalArgumentException when it is no name of a service
   */
  public List<Instance> resolve(String service) {
    return PeerClient.join(resolveAsync(service));
  }

  /** Asks once who provides a service, as {@link #resolve} does. */
  public CompletableFuture<List<Instance>> resolveAsync(String service) {
    return resolutionAsync(service).thenApply(Resolution::instances);
  }

  /**
   * Asks once who provides a service, and whether that is all.
   *
   * @throws IllegalArgumentException when it is no name of a service
   */
  public Resolution resolution(String service) {
    return PeerClient.join(resolutionAsync(service));
  }

  /** Asks once who provides a service, as {@link #resolution} does. */
  public CompletableFuture<Resolution> resolutionAsync(String service) {
    Registration.checkService(service);
    return ask(node -> node.resolve(service));
  }

  private <T> CompletableFuture<T> ask(Function<DiscoveryNode, CompletableFuture<T>> question) {
    return closed ? CompletableFuture.failedFuture(closedException()) : nodes.ask(question);
  }

  /**
   * Follows a service, and waits until the first look is over.
   *
   * @throws IllegalArgumentException when it is no name of a service
   */
  public Watch watch(String service) {
    return PeerClient.join(watchAsync(service));
  }

  /** Follows a service; completes when the first look is over. */
  public CompletableFuture<Watch> watchAsync(String service) {
    return orClosed(watch(service, change -> {}), Watch::synced);
  }

  /** Follows a service. */
  public Watch watch(String service, Watch.Listener listener) {
    Registration.checkService(service);
    Watch watch = new Watch(service, nodes, listener, newContext(), timer, open::remove);
    begin(watch, watch::start);
    return watch;
  }

  /**
   * Has an instance published until the lease is closed, and waits until it is published for the
   * first time. While its check fails it is not.
   */
  public Lease register(Registration registration) {
    return PeerClient.join(registerAsync(registration));
  }

  /** Has an instance published; completes when it is for the first time. */
  public CompletableFuture<Lease> registerAsync(Registration registration) {
    return orClosed(register(registration, state -> {}), Lease::published);
  }

  /** Has an instance published until the lease is closed. */
  public Lease register(Registration registration, Lease.Listener listener) {
    Lease lease = new Lease(registration, nodes, listener, newContext(), timer, open::remove);
    begin(lease, lease::start);
    return lease;
  }

  private void begin(AutoCloseable what, Runnable start) {
    if (closed) {
      throw closedException();
    }
    open.add(what);
    start.run();
  }

  /** Whoever does not get it cannot close it. */
  private static <T extends AutoCloseable> CompletableFuture<T> orClosed(
      T what, Function<T, CompletableFuture<T>> begun) {
    return begun
        .apply(what)
        .whenComplete(
            (ok, error) -> {
              if (error != null) {
                close(what);
              }
            });
  }

  private static PeerException closedException() {
    return new PeerException(
        "the client is closed", new Failure(Failure.Kind.CANCELLED, "the client is closed"));
  }

  /** What a listener throws is its own fault, and ends nothing. */
  private static SynchronizationContext newContext() {
    return new SynchronizationContext(
        (thread, error) -> LOG.error("a listener of a watch or a lease failed", error));
  }

  private static void close(AutoCloseable what) {
    try {
      what.close();
    } catch (Exception e) {
      throw new IllegalStateException("leases and watches close without exceptions", e);
    }
  }

  /** Ends all leases and watches, and closes the channels that it has opened. */
  @Override
  public void close() {
    end();
    // In order: what is said last, that leases have ended, is to go out.
    channels.forEach(ManagedChannel::shutdown);
    for (ManagedChannel channel : channels) {
      try {
        channel.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    closeNow();
  }

  /** The same, without waiting for anything. */
  void closeNow() {
    end();
    channels.forEach(ManagedChannel::shutdownNow);
    if (ownsTimer) {
      timer.shutdownNow();
    }
  }

  private void end() {
    closed = true;
    open.forEach(DiscoveryClient::close);
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
