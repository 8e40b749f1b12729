package dev.peerdiscovery.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Durations;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.engine.Services;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Provider;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.proto.Refusals;
import dev.peerdiscovery.proto.discovery.v1.DeregisterRequest;
import dev.peerdiscovery.proto.discovery.v1.DeregisterResponse;
import dev.peerdiscovery.proto.discovery.v1.DiscoveryServiceGrpc;
import dev.peerdiscovery.proto.discovery.v1.LookupRequest;
import dev.peerdiscovery.proto.discovery.v1.LookupResponse;
import dev.peerdiscovery.proto.discovery.v1.RegisterRequest;
import dev.peerdiscovery.proto.discovery.v1.RegisterResponse;
import dev.peerdiscovery.proto.discovery.v1.RegisterStreamRequest;
import dev.peerdiscovery.proto.discovery.v1.RegisterStreamResponse;
import dev.peerdiscovery.proto.discovery.v1.ResolveRequest;
import dev.peerdiscovery.proto.discovery.v1.ResolveResponse;
import dev.peerdiscovery.proto.discovery.v1.WatchRequest;
import dev.peerdiscovery.proto.discovery.v1.WatchResponse;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What applications ask the node, in any language. Requests are checked on the transport thread;
 * the engine's owner does the rest in its turn, and nobody waits for it.
 */
final class Discovery extends DiscoveryServiceGrpc.DiscoveryServiceImplBase {
  /** Of larger services an answer that every client takes has a part, and says so. */
  static final int MAX_RESOLVED = 1_000;

  private static final int MAX_IN_MESSAGE = 64;

  /** Enough for the snapshot of the largest service. */
  private static final long MAX_WAITING_OF_STREAM = 8 << 20;

  private static final long MAX_WAITING = 64 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);

  private final DiscoveryMessages messages;
  private final Registrations registrations;
  private final Finder finder;
  private final Function<NodeId, CompletableFuture<Event.LookupEnded>> lookup;
  private final Outbox.Room room = new Outbox.Room(MAX_WAITING_OF_STREAM, MAX_WAITING);

  /** Of this run of the node. */
  private final long incarnation;

  Discovery(
      DiscoveryMessages messages,
      Registrations registrations,
      Finder finder,
      Function<NodeId, CompletableFuture<Event.LookupEnded>> lookup,
      long incarnation) {
    this.messages = messages;
    this.registrations = registrations;
    this.finder = finder;
    this.lookup = lookup;
    this.incarnation = incarnation;
  }

  /** Has to be given to each server of this service: tells how calls that hold leases end. */
  static ServerStreamTracer.Factory callEnds() {
    return CallEnd.of(DiscoveryServiceGrpc.getRegisterStreamMethod());
  }

  /** Does what a request asks for, unless that breaks a rule. */
  private static void checked(StreamObserver<?> observer, Runnable work) {
    try {
      work.run();
    } catch (IllegalArgumentException e) {
      observer.onError(
          Refusals.toException(
              new Refusal(Refusal.Reason.MALFORMED, String.valueOf(e.getMessage()))));
    }
  }

  private static <T, A> void answer(
      StreamObserver<A> observer, CompletableFuture<T> result, Function<T, A> message) {
    // Whoever does not wait any more is no error.
    ((ServerCallStreamObserver<A>) observer).setOnCancelHandler(() -> {});
    result
        .thenApply(message)
        .whenComplete(
            (response, error) -> {
              if (error == null) {
                observer.onNext(response);
                observer.onCompleted();
              } else {
                observer.onError(statusOf(error));
              }
            });
  }

  private static StatusRuntimeException statusOf(Throwable thrown) {
    Throwable error =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    if (error instanceof StatusRuntimeException status) {
      return status;
    }
    if (error instanceof PendingLookups.Refused refused) {
      return Refusals.toException(refused.why());
    }
    LOG.error("a call of an application failed in an unexpected way", error);
    return Status.INTERNAL
        .withDescription("the node failed; its log says why")
        .asRuntimeException();
  }

  @Override
  public void lookup(LookupRequest request, StreamObserver<LookupResponse> observer) {
    checked(
        observer,
        () ->
            answer(
                observer,
                lookup.apply(messages.target(request.getTarget())),
                DiscoveryMessages::response));
  }

  @Override
  public void register(RegisterRequest request, StreamObserver<RegisterResponse> observer) {
    checked(
        observer,
        () -> {
          Registrations.Instance instance =
              messages.instance(request.hasRegistration(), request.getRegistration());
          Duration lease = messages.lease(request, instance.ttl());
          answer(
              observer,
              registrations.lease(instance, lease),
              keepers ->
                  RegisterResponse.newBuilder()
                      .setLease(Durations.fromNanos(lease.toNanos()))
                      .setKeepers(keepers)
                      .setReason(keepers == 0 ? Registrations.ALONE : "")
                      .build());
        });
  }

  @Override
  public void registerStream(
      RegisterStreamRequest request, StreamObserver<RegisterStreamResponse> observer) {
    checked(
        observer,
        () -> {
          Registrations.Instance instance =
              messages.instance(request.hasRegistration(), request.getRegistration());
          ByteString leaseId = DiscoveryMessages.leaseId(request.getLeaseId());
          Holding holding =
              new Holding(
                  instance.key(), (ServerCallStreamObserver<RegisterStreamResponse>) observer);
          registrations.hold(instance, leaseId, holding);
        });
  }

  /** A call that holds a registration. */
  private final class Holding implements Registrations.Holder {
    private final Outbox<RegisterStreamResponse> outbox;

    Holding(Registrations.Key key, ServerCallStreamObserver<RegisterStreamResponse> call) {
      CallEnd end = CallEnd.current();
      this.outbox =
          new Outbox<>(
              call,
              room,
              () -> {
                if (end.wasLost()) {
                  registrations.lost(key, this);
                } else {
                  registrations.release(key, this);
                }
              });
    }

    @Override
    public void published(int keepers) {
      send(
          RegisterStreamResponse.newBuilder()
              .setPublished(true)
              .setKeepers(keepers)
              .setReason(keepers == 0 ? Registrations.ALONE : "")
              .build());
    }

    @Override
    public boolean mayMove() {
      return true;
    }

    @Override
    public void unpublished(String why) {
      send(RegisterStreamResponse.newBuilder().setReason(why).build());
    }

    private void send(RegisterStreamResponse message) {
      Discovery.send(outbox, message, message.getSerializedSize());
    }

    @Override
    public void ended(Refusal why) {
      outbox.fail(Refusals.toException(why));
    }
  }

  private static <T> void send(Outbox<T> outbox, T message, long bytes) {
    if (!outbox.send(message, bytes)) {
      outbox.fail(
          Refusals.toException(
              new Refusal(Refusal.Reason.OVERLOADED, "the stream is read too slowly")));
    }
  }

  @Override
  public void deregister(DeregisterRequest request, StreamObserver<DeregisterResponse> observer) {
    checked(
        observer,
        () ->
            answer(
                observer,
                registrations.deregister(
                    messages.key(
                        request.getService(),
                        request.getNamespace(),
                        request.hasEndpoint(),
                        request::getEndpoint)),
                registered -> DeregisterResponse.newBuilder().setRegistered(registered).build()));
  }

  @Override
  public void resolve(ResolveRequest request, StreamObserver<ResolveResponse> observer) {
    checked(
        observer,
        () ->
            answer(
                observer,
                finder.resolve(messages.service(request.getService(), request.getNamespace())),
                Discovery::response));
  }

  private static ResolveResponse response(Event.Resolved resolved) {
    List<Services.Found> found = resolved.found();
    ResolveResponse.Builder response =
        ResolveResponse.newBuilder()
            .setTruncated(resolved.truncated() || found.size() > MAX_RESOLVED);
    found.stream()
        .limit(MAX_RESOLVED)
        .forEach(each -> response.addInstances(DiscoveryMessages.found(each)));
    return response.build();
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
    checked(
        observer,
        () -> {
          ServiceName service = messages.service(request.getService(), request.getNamespace());
          finder.watch(
              service, new Watching(service, (ServerCallStreamObserver<WatchResponse>) observer));
        });
  }

  /** A call that is told of a service. */
  private final class Watching implements Finder.Watcher {
    private final Outbox<WatchResponse> outbox;
    private boolean synced;
    private boolean truncated;
    private long version;

    Watching(ServiceName service, ServerCallStreamObserver<WatchResponse> call) {
      this.outbox = new Outbox<>(call, room, () -> finder.unwatch(service, this));
    }

    @Override
    public void began(Services.View view) {
      version = view.version();
      truncated = view.truncated();
      send(view.providers(), List.of(), view.synced());
    }

    @Override
    public void changed(Event.ServiceChanged change, boolean nowTruncated) {
      // What it began with may hold changes that are told only now.
      if (change.version() > version) {
        version = change.version();
        truncated = nowTruncated;
        send(change.present(), change.gone(), synced);
      }
    }

    @Override
    public void synced(long atVersion, boolean nowTruncated) {
      if (!synced) {
        truncated = nowTruncated;
        send(List.of(), List.of(), true);
      }
    }

    /** In parts, each of which every client takes; only the last may say that the look is over. */
    private void send(List<Provider> present, List<Provider> gone, boolean isOver) {
      int count = Math.max(present.size(), gone.size());
      int from = 0;
      do {
        int to = Math.min(from + MAX_IN_MESSAGE, count);
        WatchResponse.Builder message =
            WatchResponse.newBuilder()
                .setVersion(version)
                .setIncarnation(incarnation)
                .setTruncated(truncated);
        part(present, from, to).forEach(p -> message.addPresent(DiscoveryMessages.present(p)));
        part(gone, from, to).forEach(p -> message.addGone(DiscoveryMessages.gone(p)));
        from = to;
        synced |= isOver && from >= count;
        WatchResponse built = message.setSynced(synced).build();
        Discovery.send(outbox, built, built.getSerializedSize());
      } while (from < count);
    }

    private List<Provider> part(List<Provider> all, int from, int to) {
      return all.subList(Math.min(from, all.size()), Math.min(to, all.size()));
    }

    @Override
    public void ended(Refusal why) {
      outbox.fail(Refusals.toException(why));
    }
  }
}
