package dev.peerdiscovery.node;

import dev.peerdiscovery.core.engine.StreamId;
import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Reply;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.proto.PeerMethods;
import dev.peerdiscovery.proto.Refusals;
import io.grpc.Attributes;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;

/**
 * Answers peers on the transport thread: from what the engine published last, without waiting for
 * it. What a caller says about itself goes to the engine if it is news.
 */
final class PeerService {
  /** Bytes of records that wait for one watching peer, which are all that it is told at first. */
  private static final long MAX_WAITING_OF_STREAM = 1 << 20;

  /** Bytes of records that wait for all watching peers. */
  private static final long MAX_WAITING = 16 << 20;

  private final PeerMethods methods;
  private final Driver driver;
  private final Counters counters;
  private final LongAdder pings;
  private final LongAdder findNodes;
  private final LongAdder addProviders;
  private final LongAdder getProviders;
  private final LongAdder watches;
  private final Outbox.Room room = new Outbox.Room(MAX_WAITING_OF_STREAM, MAX_WAITING);

  /** Where ids are signed. */
  private final Optional<Proofs> proofs;

  PeerService(PeerMethods methods, Driver driver, Counters counters, Optional<Proofs> proofs) {
    this.proofs = proofs;
    this.methods = methods;
    this.driver = driver;
    this.counters = counters;
    this.pings = counters.counter("served.ping");
    this.findNodes = counters.counter("served.find_node");
    this.addProviders = counters.counter("served.add_provider");
    this.getProviders = counters.counter("served.get_providers");
    this.watches = counters.counter("served.watch_providers");
  }

  /** What a server is given. */
  ServerServiceDefinition definition() {
    return ServerServiceDefinition.builder(methods.service())
        .addMethod(methods.ping(), unary(this::ping))
        .addMethod(methods.findNode(), unary(this::findNode))
        .addMethod(methods.addProvider(), unary(this::addProvider))
        .addMethod(methods.getProviders(), unary(this::getProviders))
        .addMethod(
            methods.watchProviders(),
            (call, headers) ->
                ServerCalls.<WatchProvidersRequest, ProvidersUpdate>asyncServerStreamingCall(
                        (request, observer) -> watch(request, call.getAttributes(), observer))
                    .startCall(call, headers))
        .build();
  }

  /** Answers requests of one method. */
  private interface Answering<Q, A> {
    /**
     * Answers one.
     *
     * @param call the attributes of the call
     */
    void answer(Q request, Attributes call, StreamObserver<A> observer);
  }

  private static <Q, A> ServerCallHandler<Q, A> unary(Answering<Q, A> method) {
    return (call, headers) ->
        ServerCalls.<Q, A>asyncUnaryCall(
                (request, observer) -> method.answer(request, call.getAttributes(), observer))
            .startCall(call, headers);
  }

  private void ping(PingRequest request, Attributes call, StreamObserver<PingResponse> observer) {
    pings.increment();
    Optional<Endpoint> from = CallerAddress.of(call);
    Optional<Bytes> toSign =
        proofs.isPresent() ? driver.responder().toSign(request) : Optional.empty();
    answer(
        request,
        call,
        from,
        PingResponse.class,
        toSign.isPresent() ? new Proving(observer, toSign.get(), from) : observer);
  }

  /** Holds an answer back until it has its proof. */
  private final class Proving implements StreamObserver<PingResponse> {
    private final ServerCallStreamObserver<PingResponse> call;
    private final Bytes toSign;
    private final String caller;

    Proving(StreamObserver<PingResponse> call, Bytes toSign, Optional<Endpoint> from) {
      this.call = (ServerCallStreamObserver<PingResponse>) call;
      this.toSign = toSign;
      this.caller = from.map(Endpoint::host).orElse("");
    }

    @Override
    public void onNext(PingResponse response) {
      proofs
          .orElseThrow()
          .sign(
              caller,
              toSign,
              () -> !call.isCancelled(),
              proof -> {
                call.onNext(response.proving(proof));
                call.onCompleted();
              })
          .ifPresent(refusal -> refuse(refusal, call));
    }

    @Override
    public void onError(Throwable error) {
      call.onError(error);
    }

    /** That is said with the proof. */
    @Override
    public void onCompleted() {}
  }

  private void refuse(Refusal refusal, StreamObserver<?> observer) {
    counters.count("refused." + refusal.reason());
    observer.onError(Refusals.toException(refusal));
  }

  private void findNode(
      FindNodeRequest request, Attributes call, StreamObserver<FindNodeResponse> observer) {
    findNodes.increment();
    answer(request, call, Optional.empty(), FindNodeResponse.class, observer);
  }

  private void addProvider(
      AddProviderRequest request, Attributes call, StreamObserver<AddProviderResponse> observer) {
    addProviders.increment();
    answerByOwner(request, call, AddProviderResponse.class, observer);
  }

  private void getProviders(
      GetProvidersRequest request, Attributes call, StreamObserver<GetProvidersResponse> observer) {
    getProviders.increment();
    answerByOwner(request, call, GetProvidersResponse.class, observer);
  }

  private void watch(
      WatchProvidersRequest request, Attributes call, StreamObserver<ProvidersUpdate> observer) {
    watches.increment();
    Optional<Refusal> refusal = driver.responder().refusalOf(request);
    if (refusal.isPresent()) {
      refuse(refusal.get(), observer);
      return;
    }
    driver.answered(request, call);
    new Watching((ServerCallStreamObserver<ProvidersUpdate>) observer).begin(request);
  }

  /** A peer that is told of a key. */
  private final class Watching implements AnsweredStreams.Reader {
    private final CompletableFuture<StreamId> id = new CompletableFuture<>();
    private final Outbox<ProvidersUpdate> outbox;

    Watching(ServerCallStreamObserver<ProvidersUpdate> call) {
      this.outbox = new Outbox<>(call, room, () -> id.thenAccept(driver::close));
    }

    void begin(WatchProvidersRequest request) {
      id.complete(driver.open(request, this));
    }

    @Override
    public void updated(ProvidersUpdate update) {
      long bytes = 0;
      for (HeldProvider held : update.providers()) {
        bytes += held.record().size();
      }
      if (!outbox.send(update, bytes)) {
        refused(new Refusal(Refusal.Reason.OVERLOADED, "the stream is read too slowly"));
      }
    }

    @Override
    public void refused(Refusal why) {
      counters.count("refused." + why.reason());
      outbox.fail(Refusals.toException(why));
    }

    @Override
    public void ended() {
      outbox.end();
    }
  }

  /** What is kept for others only the engine's owner may touch; the transport thread goes on. */
  private <A extends Reply> void answerByOwner(
      Request request, Attributes call, Class<A> type, StreamObserver<A> observer) {
    Optional<Refusal> refusal = driver.responder().refusalOf(request);
    if (refusal.isPresent()) {
      refuse(refusal.get(), observer);
      return;
    }
    driver.answer(request, reply -> reply(request, call, reply, type, observer));
  }

  private <A extends Reply> void answer(
      Request request,
      Attributes call,
      Optional<Endpoint> from,
      Class<A> type,
      StreamObserver<A> observer) {
    reply(request, call, driver.responder().answer(request, from), type, observer);
  }

  private <A extends Reply> void reply(
      Request request, Attributes call, Reply reply, Class<A> type, StreamObserver<A> observer) {
    if (reply instanceof Refusal refusal) {
      refuse(refusal, observer);
      return;
    }
    driver.answered(request, call);
    observer.onNext(type.cast(reply));
    observer.onCompleted();
  }
}
