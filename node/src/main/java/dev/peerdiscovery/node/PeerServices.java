package dev.peerdiscovery.node;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.client.Caller;
import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.engine.Services;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.Provider;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.proto.Refusals;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Services, for the process that embeds a node: what {@code DiscoveryService} does for others. Got
 * from {@link PeerNode#services}; ends with the node. What is refused fails with a {@link
 * io.grpc.StatusRuntimeException}, as it would for others. Names are in the network's own
 * namespace. Futures complete and listeners are called on threads where they may block, as those of
 * {@link PeerNode} do. Thread-safe.
 */
public final class PeerServices {
  private final String network;
  private final Registrations registrations;
  private final Finder finder;
  private final ServerServiceDefinition discovery;
  private final Callbacks callbacks;
  private @Nullable Server inProcess;
  private boolean closed;

  /** Those that are neither closed nor ended. */
  private final Set<Registered> open = ConcurrentHashMap.newKeySet();

  PeerServices(
      String network,
      Engine engine,
      Driver driver,
      Registrations registrations,
      Function<NodeId, CompletableFuture<Event.LookupEnded>> lookup,
      Callbacks callbacks,
      int streamsPerConnection,
      long incarnation) {
    this.network = network;
    this.callbacks = callbacks;
    this.registrations = registrations;
    this.finder = new Finder(engine, driver);
    registrations.drivenBy(driver);
    this.discovery =
        Malformed.refusedBy(
            ServerInterceptors.intercept(
                new Discovery(
                    new DiscoveryMessages(network), registrations, finder, lookup, incarnation),
                StreamLimit.ofApplications(streamsPerConnection)));
  }

  static Registrations registrations(Engine engine, AddressPolicy policy, Caller caller) {
    return new Registrations(engine, policy, new EndpointChecks(caller));
  }

  /** What a server is given for applications. */
  ServerServiceDefinition discovery() {
    return discovery;
  }

  /** A registration that is held until it is closed, or the node is. Thread-safe. */
  public static final class Registered implements AutoCloseable {
    /**
     * What became of the instance last.
     *
     * @param published whether at least half of the nodes that should keep its record do, or this
     *     node is alone
     * @param keepers how many other nodes keep its record; 0 when it is published means that there
     *     is no other node
     * @param reason why it is not published, or that this node is alone; else empty
     */
    public record State(boolean published, int keepers, String reason) {}

    private final CompletableFuture<Void> published = new CompletableFuture<>();
    private final Callbacks callbacks;
    private final Runnable release;
    private volatile State state = new State(false, 0, "it was not checked yet");

    private Registered(Callbacks callbacks, Function<Registered, Runnable> release) {
      this.callbacks = callbacks;
      this.release = release.apply(this);
    }

    /** What became of the instance last; it changes without the caller's doing. */
    public State state() {
      return state;
    }

    /**
     * Completes when the instance is {@linkplain State#published published} for the first time;
     * fails when it is refused, or was taken back before.
     */
    public CompletableFuture<Void> published() {
      return callbacks.handOut(published);
    }

    /** Withdraws the instance; {@link #published} fails if it was not complete. */
    @Override
    public void close() {
      release.run();
      end(Registrations.released());
    }

    private void end(Refusal why) {
      state = new State(false, 0, why.detail());
      Registrations.failed(published, why);
    }
  }

  /**
   * Publishes an instance for as long as its registration is not closed.
   *
   * @param service what it provides
   * @param endpoint where
   * @param metadata what callers should know about it, at most 1 KiB
   * @param ttl for how long others keep a record that is not renewed, 10 s to 24 h; renewing is
   *     done here
   * @param check how to find out, before each publication, that it is there
   * @throws IllegalArgumentException when the name, the metadata or the TTL is out of bounds
   */
  public Registered register(
      String service,
      Endpoint endpoint,
      Map<String, String> metadata,
      Duration ttl,
      InstanceCheck check) {
    Registrations.Instance instance =
        new Registrations.Instance(name(service), endpoint, metadata, ttl, check);
    return new Registered(
        callbacks,
        registered -> {
          Registrations.Holder holder = holder(registered);
          open.add(registered);
          registrations.hold(instance, ByteString.EMPTY, holder);
          return () -> {
            open.remove(registered);
            registrations.release(instance.key(), holder);
          };
        });
  }

  private Registrations.Holder holder(Registered registered) {
    return new Registrations.Holder() {
      @Override
      public void published(int keepers) {
        registered.state =
            new Registered.State(true, keepers, keepers == 0 ? Registrations.ALONE : "");
        registered.published.complete(null);
      }

      @Override
      public boolean mayMove() {
        return false;
      }

      @Override
      public void unpublished(String why) {
        registered.state = new Registered.State(false, 0, why);
      }

      @Override
      public void ended(Refusal why) {
        open.remove(registered);
        registered.end(why);
      }
    };
  }

  /**
   * Asks once who provides a service. That no instance is there is an answer; of more than 64
   * instances it may be a part. Completes within a few seconds, and fails with UNAVAILABLE and the
   * reason REGION_UNREACHABLE when too few of the nodes answered that keep the service's records.
   */
  public CompletableFuture<List<Provider>> resolve(String service) {
    return callbacks.handOut(finder.resolve(name(service)).thenApply(Event.Resolved::providers));
  }

  /**
   * Tells of a service: of all instances, once the first look is over and after each change.
   *
   * @param listener called one at a time, on a thread where it may block; what changes meanwhile is
   *     told by one call afterwards, which has the latest of it. What it throws is logged, and it
   *     is called again at the next change
   * @param failed called once, after the listener's last call, when there is nothing more to come;
   *     not when the watch was closed. With the reason REGION_UNREACHABLE the node could not find
   *     out for ten seconds: what was told last may still hold, and another watch may be begun
   * @return ends the watch when it is closed: from then on no call begins
   */
  public AutoCloseable watch(
      String service, Consumer<List<Provider>> listener, Consumer<Throwable> failed) {
    ServiceName name = name(service);
    Listening watcher = new Listening(listener, failed, callbacks.inOrder());
    finder.watch(name, watcher);
    return () -> {
      watcher.close();
      finder.unwatch(name, watcher);
    };
  }

  private static final class Listening implements Finder.Watcher {
    private record Instance(NodeId publisher, Endpoint endpoint) {
      static Instance of(Provider provider) {
        return new Instance(provider.publisher(), provider.endpoint());
      }
    }

    private final Consumer<List<Provider>> listener;
    private final Consumer<Throwable> failed;
    private final Executor inOrder;
    private final Map<Instance, Provider> present = new LinkedHashMap<>();
    private boolean synced;
    private long version;

    /** What the listener is told next, if it has not heard the latest yet. */
    private final AtomicReference<@Nullable List<Provider>> untold = new AtomicReference<>();

    private volatile boolean closed;

    Listening(Consumer<List<Provider>> listener, Consumer<Throwable> failed, Executor inOrder) {
      this.listener = listener;
      this.failed = failed;
      this.inOrder = inOrder;
    }

    void close() {
      closed = true;
    }

    /** However slow the listener is, one list waits for it at most. */
    private void tell() {
      if (untold.getAndSet(List.copyOf(present.values())) == null) {
        inOrder.execute(
            () -> {
              List<Provider> latest = untold.getAndSet(null);
              if (latest != null && !closed) {
                listener.accept(latest);
              }
            });
      }
    }

    @Override
    public void began(Services.View view) {
      version = view.version();
      view.providers().forEach(provider -> present.put(Instance.of(provider), provider));
      if (view.synced()) {
        synced(version, view.truncated());
      }
    }

    @Override
    public void changed(Event.ServiceChanged change, boolean truncated) {
      if (change.version() > version) {
        version = change.version();
        change.present().forEach(provider -> present.put(Instance.of(provider), provider));
        change.gone().forEach(provider -> present.remove(Instance.of(provider)));
        if (synced) {
          tell();
        }
      }
    }

    @Override
    public void synced(long atVersion, boolean truncated) {
      if (!synced) {
        synced = true;
        tell();
      }
    }

    @Override
    public void ended(Refusal why) {
      inOrder.execute(
          () -> {
            if (!closed) {
              failed.accept(Refusals.toException(why));
            }
          });
    }
  }

  /**
   * A channel to the node's {@code DiscoveryService} that leaves the process nowhere, for whatever
   * is written against its stubs. The caller shuts it down.
   *
   * @throws IllegalStateException when the node is closed
   */
  public ManagedChannel inProcessChannel() {
    return InProcessChannelBuilder.forName(inProcessName()).build();
  }

  private synchronized String inProcessName() {
    if (closed) {
      throw new IllegalStateException("the node is closed");
    }
    if (inProcess == null) {
      String name = InProcessServerBuilder.generateName();
      try {
        inProcess =
            InProcessServerBuilder.forName(name)
                .directExecutor()
                .addStreamTracerFactory(Discovery.callEnds())
                .addService(discovery)
                .build()
                .start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return ((io.grpc.inprocess.InProcessSocketAddress) inProcess.getListenSockets().get(0))
        .getName();
  }

  private ServiceName name(String service) {
    return new ServiceName(network, service);
  }

  /** The owner's: something happened. */
  void observe(Event event) {
    Driver.attempt("telling holders of registrations", () -> registrations.observe(event));
    Driver.attempt("telling watchers of services", () -> finder.observe(event));
  }

  /**
   * The owner's: the node is about to leave; callers with a call open go elsewhere.
   *
   * @return how many of the instances are held by callers that can go on at another node
   */
  int endAll() {
    int held = registrations.held();
    Driver.attempt("ending registrations", registrations::endAll);
    Driver.attempt("ending watches", finder::endAll);
    return held;
  }

  /** There is nobody left to answer. */
  void close() {
    synchronized (this) {
      closed = true;
      if (inProcess != null) {
        inProcess.shutdownNow();
      }
    }
    // Also where the host's threads are gone, on which the engine's owner would have told them.
    open.forEach(registered -> registered.end(Registrations.closing()));
    open.clear();
  }
}
