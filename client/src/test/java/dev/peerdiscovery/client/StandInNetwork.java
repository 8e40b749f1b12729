package dev.peerdiscovery.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.proto.Refusals;
import dev.peerdiscovery.proto.discovery.v1.DiscoveryServiceGrpc;
import dev.peerdiscovery.proto.discovery.v1.Instance;
import dev.peerdiscovery.proto.discovery.v1.LookupRequest;
import dev.peerdiscovery.proto.discovery.v1.LookupResponse;
import dev.peerdiscovery.proto.discovery.v1.Peer;
import dev.peerdiscovery.proto.discovery.v1.RegisterStreamRequest;
import dev.peerdiscovery.proto.discovery.v1.RegisterStreamResponse;
import dev.peerdiscovery.proto.discovery.v1.Registration;
import dev.peerdiscovery.proto.discovery.v1.ResolveRequest;
import dev.peerdiscovery.proto.discovery.v1.ResolveResponse;
import dev.peerdiscovery.proto.discovery.v1.WatchRequest;
import dev.peerdiscovery.proto.discovery.v1.WatchResponse;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code DiscoveryService} as its contract says, of nodes that all know the same at once: what the
 * client is tried against where a test has to say what a node does and when. All in one lock.
 */
final class StandInNetwork implements AutoCloseable {
  private final Map<String, Map<String, Instance>> services = new ConcurrentHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  /** The namespaces that watches named; empty where one named none. */
  final List<String> namespaces = new CopyOnWriteArrayList<>();

  /** A node in this JVM, at 10.9.0.{@code number}. */
  Node start(int number) throws IOException {
    return start(number, Integer.MAX_VALUE);
  }

  /** The same with room for so many calls at once. */
  synchronized Node start(int number, int room) throws IOException {
    Node node = new Node(number, room);
    nodes.removeIf(old -> old.number == number);
    nodes.add(node);
    return node;
  }

  /** A node behind a port of this machine; 0 takes any. */
  Node listen(int number, int port) throws IOException {
    return listen(number, "127.0.0.1", port);
  }

  /** A node behind a port of an address of this machine; 0 takes any. */
  synchronized Node listen(int number, String host, int port) throws IOException {
    Node node =
        new Node(
            number,
            Integer.MAX_VALUE,
            host,
            NettyServerBuilder.forAddress(new InetSocketAddress(host, port)));
    nodes.removeIf(old -> old.number == number);
    nodes.add(node);
    return node;
  }

  static Endpoint endpoint(int number) {
    return new Endpoint("10.9.0." + number, 7400);
  }

  static ManagedChannelBuilder<?> open(Endpoint endpoint) {
    return InProcessChannelBuilder.forName("discovery " + endpoint);
  }

  /** An instance that nobody has a lease for. */
  synchronized void put(String service, String endpoint, int publisher, String... metadata) {
    Instance.Builder instance = instance(Endpoint.parse(endpoint), publisher).toBuilder();
    for (int i = 0; i < metadata.length; i += 2) {
      instance.putMetadata(metadata[i], metadata[i + 1]);
    }
    put(service, instance.build());
  }

  /** An instance as a record of a moment, in which its publisher counts it as registered. */
  synchronized void putRegistered(
      String service, String endpoint, int publisher, long registered, String authority) {
    put(
        service,
        instance(Endpoint.parse(endpoint), publisher).toBuilder()
            .setRegistered(registered)
            .putMetadata("authority", authority)
            .build());
  }

  private void put(String service, Instance instance) {
    services(service).put(key(instance), instance);
    nodes.forEach(node -> node.tell(service, WatchResponse.newBuilder().addPresent(instance)));
  }

  synchronized void remove(String service, String endpoint, int publisher) {
    Instance instance = instance(Endpoint.parse(endpoint), publisher);
    services(service).remove(key(instance));
    Instance gone = instance.toBuilder().clearRemaining().build();
    nodes.forEach(node -> node.tell(service, WatchResponse.newBuilder().addGone(gone)));
  }

  /** As when everything has run out while no node was there. */
  synchronized void forgetAll() {
    services.clear();
  }

  private Map<String, Instance> services(String service) {
    return services.computeIfAbsent(service, name -> new ConcurrentHashMap<>());
  }

  private static String key(Instance instance) {
    return instance.getPublisher().hashCode() + " " + instance.getEndpoint();
  }

  private static Instance instance(Endpoint endpoint, int publisher) {
    return Instance.newBuilder()
        .setEndpoint(
            dev.peerdiscovery.proto.peer.v1.Endpoint.newBuilder()
                .setHost(endpoint.host())
                .setPort(endpoint.port()))
        .setPublisher(ByteString.copyFrom(NodeId.of(publisher).toBytes()))
        .setRemaining(Duration.newBuilder().setSeconds(90))
        .build();
  }

  @Override
  public void close() {
    List.copyOf(nodes).forEach(Node::kill);
  }

  /** One node. */
  final class Node {
    final Endpoint endpoint;
    private final int number;
    private final Server server;
    private final List<Watcher> watchers = new ArrayList<>();
    private boolean killed;

    /** Takes every call and says nothing, as a process that was stopped. */
    volatile boolean silent;

    /** Says that there are more than it tells. */
    volatile boolean truncated;

    /** Refuses each registration as one of an address that is not allowed. */
    volatile boolean refuses;

    /** Refuses each registration for this reason, unless it is UNKNOWN. */
    volatile Refusal.Reason refusesFor = Refusal.Reason.UNKNOWN;

    /** Why nothing that is registered here is published; empty when it is. */
    volatile String unpublished = "";

    /** Tells of instances whose publishers are none. */
    volatile boolean nonsense;

    /** How many calls at once it has room for. */
    volatile int room;

    /** Calls for which there was no room. */
    final AtomicInteger refused = new AtomicInteger();

    /** Calls that were not ended, by either side. */
    final AtomicInteger underWay = new AtomicInteger();

    private Node(int number, int room) throws IOException {
      this(number, room, "", InProcessServerBuilder.forName("discovery " + endpoint(number)));
    }

    private Node(int number, int room, String host, ServerBuilder<?> builder) throws IOException {
      this.number = number;
      this.room = room;
      this.server =
          builder.directExecutor().intercept(new Count()).addService(new Service()).build().start();
      this.endpoint =
          server.getPort() > 0 ? new Endpoint(host, server.getPort()) : endpoint(number);
    }

    /** Counts calls until they end, however that is. */
    private final class Count implements ServerInterceptor {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        int calls = underWay.incrementAndGet();
        if (calls > room) {
          underWay.decrementAndGet();
          refused.incrementAndGet();
          StatusRuntimeException full =
              Refusals.toException(new Refusal(Refusal.Reason.FULL, "no room for another stream"));
          call.close(full.getStatus(), full.getTrailers());
          return new ServerCall.Listener<>() {};
        }
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
          @Override
          public void onCancel() {
            underWay.decrementAndGet();
            super.onCancel();
          }

          @Override
          public void onComplete() {
            underWay.decrementAndGet();
            super.onComplete();
          }
        };
      }
    }

    private List<Instance> told(Collection<Instance> instances) {
      return instances.stream()
          .map(
              instance ->
                  nonsense
                      ? instance.toBuilder().setPublisher(ByteString.copyFromUtf8("me")).build()
                      : instance)
          .toList();
    }

    int watchers() {
      synchronized (StandInNetwork.this) {
        return watchers.size();
      }
    }

    /** Ends at once; what it has published stays. */
    void kill() {
      synchronized (StandInNetwork.this) {
        killed = true;
      }
      server.shutdownNow();
      try {
        server.awaitTermination();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void tell(String service, WatchResponse.Builder news) {
      watchers.stream()
          .filter(watcher -> watcher.service.equals(service))
          .forEach(watcher -> watcher.tell(news));
    }

    private final class Watcher {
      final String service;
      final ServerCallStreamObserver<WatchResponse> observer;
      private long version;

      Watcher(String service, StreamObserver<WatchResponse> observer) {
        this.service = service;
        this.observer = (ServerCallStreamObserver<WatchResponse>) observer;
      }

      void tell(WatchResponse.Builder news) {
        if (!silent && !observer.isCancelled()) {
          observer.onNext(
              news.setVersion(++version)
                  .setTruncated(truncated)
                  .setIncarnation(System.identityHashCode(Node.this))
                  .build());
        }
      }
    }

    private final class Service extends DiscoveryServiceGrpc.DiscoveryServiceImplBase {
      @Override
      public void lookup(LookupRequest request, StreamObserver<LookupResponse> observer) {
        if (silent) {
          return;
        }
        observer.onNext(
            LookupResponse.newBuilder()
                .addPeers(
                    Peer.newBuilder()
                        .setId(request.getTarget())
                        .addEndpoints(instance(endpoint, number).getEndpoint()))
                .setCalls(1)
                .build());
        observer.onCompleted();
      }

      @Override
      public void resolve(ResolveRequest request, StreamObserver<ResolveResponse> observer) {
        if (silent) {
          return;
        }
        observer.onNext(
            ResolveResponse.newBuilder()
                .addAllInstances(told(services(request.getService()).values()))
                .setTruncated(truncated)
                .build());
        observer.onCompleted();
      }

      @Override
      public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
        namespaces.add(request.getNamespace());
        synchronized (StandInNetwork.this) {
          Watcher watcher = new Watcher(request.getService(), observer);
          watcher.observer.setOnCancelHandler(
              () -> {
                synchronized (StandInNetwork.this) {
                  watchers.remove(watcher);
                }
              });
          watchers.add(watcher);
          told(services(request.getService()).values())
              .forEach(instance -> watcher.tell(WatchResponse.newBuilder().addPresent(instance)));
          watcher.tell(WatchResponse.newBuilder().setSynced(true));
        }
      }

      @Override
      public void registerStream(
          RegisterStreamRequest request, StreamObserver<RegisterStreamResponse> observer) {
        if (silent) {
          return;
        }
        if (refuses || refusesFor != Refusal.Reason.UNKNOWN) {
          Refusal.Reason reason = refuses ? Refusal.Reason.ADDRESS_NOT_ALLOWED : refusesFor;
          observer.onError(Refusals.toException(new Refusal(reason, "as the test wants")));
          return;
        }
        Registration registration = request.getRegistration();
        if (!unpublished.isEmpty()) {
          observer.onNext(RegisterStreamResponse.newBuilder().setReason(unpublished).build());
          return;
        }
        String at =
            new Endpoint(registration.getEndpoint().getHost(), registration.getEndpoint().getPort())
                .toString();
        ((ServerCallStreamObserver<RegisterStreamResponse>) observer)
            .setOnCancelHandler(
                () -> {
                  if (!killed) {
                    remove(registration.getService(), at, number);
                  }
                });
        synchronized (StandInNetwork.this) {
          put(
              registration.getService(),
              instance(Endpoint.parse(at), number).toBuilder()
                  .putAllMetadata(registration.getMetadataMap())
                  .build());
          observer.onNext(
              RegisterStreamResponse.newBuilder().setPublished(true).setKeepers(1).build());
        }
      }
    }
  }
}
