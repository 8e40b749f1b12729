package dev.peerdiscovery.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.proto.Refusals;
import dev.peerdiscovery.proto.discovery.v1.DiscoveryServiceGrpc;
import dev.peerdiscovery.proto.discovery.v1.LookupRequest;
import dev.peerdiscovery.proto.discovery.v1.LookupResponse;
import dev.peerdiscovery.proto.discovery.v1.RegisterStreamRequest;
import dev.peerdiscovery.proto.discovery.v1.RegisterStreamResponse;
import dev.peerdiscovery.proto.discovery.v1.ResolveRequest;
import dev.peerdiscovery.proto.discovery.v1.ResolveResponse;
import dev.peerdiscovery.proto.discovery.v1.WatchRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One node's {@code DiscoveryService}, and what it is asked. Thread-safe. */
final class DiscoveryNode {
  private static final Duration RESOLVE_DEADLINE = Duration.ofSeconds(5);
  private static final Duration LOOKUP_DEADLINE = Duration.ofSeconds(15);

  private final String name;
  private final Channel channel;
  private final Optional<String> namespace;
  private final PeerTls tls;

  /**
   * Over a channel.
   *
   * @param name what errors call the node
   * @param tls what secures the channel
   */
  DiscoveryNode(String name, Channel channel, Optional<String> namespace, PeerTls tls) {
    this.name = name;
    this.channel = channel;
    this.namespace = namespace;
    this.tls = tls;
  }

  /** Takes messages, one at a time, and then one end, unless the stream was cancelled before. */
  interface Sink<M> {
    void received(M message);

    void ended(PeerException why);
  }

  CompletableFuture<Resolution> resolve(String service) {
    return ask(
        "resolving " + service,
        DiscoveryServiceGrpc.getResolveMethod(),
        ResolveRequest.newBuilder().setService(service).setNamespace(namespace.orElse("")).build(),
        RESOLVE_DEADLINE,
        (ResolveResponse answer) ->
            new Resolution(
                ServiceView.latest(DiscoveryCodec.decode(answer.getInstancesList())),
                answer.getTruncated()));
  }

  CompletableFuture<List<DiscoveryClient.Peer>> lookup(NodeId target) {
    return ask(
        "looking up " + target,
        DiscoveryServiceGrpc.getLookupMethod(),
        LookupRequest.newBuilder().setTarget(DiscoveryCodec.encode(target)).build(),
        LOOKUP_DEADLINE,
        (LookupResponse answer) -> DiscoveryCodec.decodePeers(answer.getPeersList()));
  }

  /** Begins to watch a service; what comes back cancels it. */
  Runnable watch(String service, Sink<ServiceView.Update> sink) {
    return stream(
        "watching " + service,
        DiscoveryServiceGrpc.getWatchMethod(),
        WatchRequest.newBuilder().setService(service).setNamespace(namespace.orElse("")).build(),
        DiscoveryCodec::decode,
        sink);
  }

  /**
   * Has an instance published until it is cancelled, by what comes back.
   *
   * @param leaseId the same for each call that goes on with a lease
   */
  Runnable register(Registration registration, ByteString leaseId, Sink<Lease.State> sink) {
    return stream(
        "registering " + registration.service(),
        DiscoveryServiceGrpc.getRegisterStreamMethod(),
        RegisterStreamRequest.newBuilder()
            .setRegistration(DiscoveryCodec.encode(registration, namespace))
            .setLeaseId(leaseId)
            .build(),
        (RegisterStreamResponse answer) ->
            new Lease.State(answer.getPublished(), answer.getKeepers(), answer.getReason()),
        sink);
  }

  private <Q extends Message, A extends Message, M> CompletableFuture<M> ask(
      String question,
      MethodDescriptor<Q, A> method,
      Q request,
      Duration deadline,
      Function<A, M> decoder) {
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS);
    CompletableFuture<M> future = new CompletableFuture<>();
    try {
      dialAnew();
      ClientCall<Q, A> call = channel.newCall(method, options);
      future.whenComplete(
          (answer, error) -> {
            if (future.isCancelled()) {
              call.cancel("no longer wanted", null);
            }
          });
      ClientCalls.asyncUnaryCall(call, request, new Answer<>(question, call, decoder, future));
    } catch (Throwable thrown) {
      HostCode.passVirtualMachineErrors(thrown);
      future.completeExceptionally(PeerException.notOpened(question + " at " + name, thrown));
    }
    return future;
  }

  /** Takes the one answer of a call. */
  private final class Answer<A, M> implements StreamObserver<A> {
    private final String question;
    private final ClientCall<?, ?> call;
    private final Function<A, M> decoder;
    private final CompletableFuture<M> future;

    Answer(
        String question,
        ClientCall<?, ?> call,
        Function<A, M> decoder,
        CompletableFuture<M> future) {
      this.question = question;
      this.call = call;
      this.decoder = decoder;
      this.future = future;
    }

    @Override
    public void onNext(A answer) {
      try {
        future.complete(decoder.apply(answer));
      } catch (IllegalArgumentException e) {
        onError(e);
      }
    }

    @Override
    public void onError(Throwable error) {
      if (!future.isDone()) {
        future.completeExceptionally(failure(question, error, call));
      }
    }

    @Override
    public void onCompleted() {
      onError(Status.INTERNAL.withDescription("no answer").asRuntimeException());
    }
  }

  private <Q extends Message, A extends Message, M> Runnable stream(
      String question,
      MethodDescriptor<Q, A> method,
      Q request,
      Function<A, M> decoder,
      Sink<M> sink) {
    Optional<ClientCall<Q, A>> made = Optional.empty();
    try {
      dialAnew();
      ClientCall<Q, A> call = channel.newCall(method, CallOptions.DEFAULT);
      made = Optional.of(call);
      call.start(new Messages<>(question, call, decoder, sink), new Metadata());
      call.sendMessage(request);
      call.halfClose();
      call.request(1);
      return () -> call.cancel("no longer wanted", null);
    } catch (Throwable thrown) {
      HostCode.passVirtualMachineErrors(thrown);
      // Before the call says that it was cancelled.
      sink.ended(PeerException.notOpened(question + " at " + name, thrown));
      made.ifPresent(call -> call.cancel("it could not be opened", thrown));
      return () -> {};
    }
  }

  /** Takes the messages of a stream. */
  private final class Messages<A, M> extends ClientCall.Listener<A> {
    private final String question;
    private final ClientCall<?, A> call;
    private final Function<A, M> decoder;
    private final Sink<M> sink;

    Messages(String question, ClientCall<?, A> call, Function<A, M> decoder, Sink<M> sink) {
      this.question = question;
      this.call = call;
      this.decoder = decoder;
      this.sink = sink;
    }

    @Override
    public void onMessage(A answer) {
      try {
        sink.received(decoder.apply(answer));
        call.request(1);
      } catch (IllegalArgumentException e) {
        call.cancel("the answer is malformed", e);
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      Throwable error =
          status.isOk()
              ? Status.UNAVAILABLE.withDescription("the node ended it").asRuntimeException()
              : status.asRuntimeException(trailers);
      sink.ended(failure(question, error, call));
    }
  }

  /** Of its own accord gRPC would wait up to two minutes before it dials again. */
  private void dialAnew() {
    if (channel instanceof ManagedChannel managed) {
      managed.resetConnectBackoff();
    }
  }

  private PeerException failure(String question, Throwable error, ClientCall<?, ?> call) {
    String what = question + " at " + name;
    @Nullable Throwable cause = error.getCause();
    if (error instanceof IllegalArgumentException || cause instanceof IllegalArgumentException) {
      return PeerException.of(
          what, new Failure(Failure.Kind.INVALID_ANSWER, "the answer breaks a rule"));
    }
    if (Status.fromThrowable(error).getCode() == Status.Code.UNIMPLEMENTED) {
      return PeerException.of(
          what,
          new Refusal(
              Refusal.Reason.NOT_SERVING,
              "it does not answer applications from here; if the node has an --api address, ask"
                  + " there"));
    }
    boolean connected = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) != null;
    return PeerException.of(
        what, tls.outcomeOf(error, connected).orElseGet(() -> Refusals.outcomeOf(error)), cause);
  }

  @Override
  public String toString() {
    return name;
  }
}
