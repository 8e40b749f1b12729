package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.StreamEnded;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.proto.PeerMethods;
import dev.peerdiscovery.proto.Refusals;
import dev.peerdiscovery.proto.peer.v1.HeldProvider;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.WatchProvidersResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A stream from a peer that does as a test wants. */
class PeerStreamTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LONG = Duration.ofMinutes(30);
  private static final Endpoint PEER = new Endpoint("10.9.1.1", 7400);
  private static final WatchProvidersRequest REQUEST =
      new WatchProvidersRequest(
          ScriptedPeer.NETWORK, Optional.empty(), Optional.empty(), NodeId.of(1));
  private static final WatchProvidersResponse NOTHING =
      WatchProvidersResponse.newBuilder().setSynced(true).build();

  private final List<ProvidersUpdate> updates = new CopyOnWriteArrayList<>();
  private final List<Runnable> nexts = new CopyOnWriteArrayList<>();
  private final Caller caller =
      Caller.over(
          to -> InProcessChannelBuilder.forName("stream of " + to),
          new PeerMethods(ScriptedPeer.NETWORK),
          AddressPolicy.of(Scope.PRIVATE, false),
          ChannelLimits.defaults());

  private Optional<Server> server = Optional.empty();

  @AfterEach
  void close() {
    caller.close();
    server.ifPresent(Server::shutdownNow);
  }

  private void peer(Consumer<ServerCallStreamObserver<WatchProvidersResponse>> does)
      throws Exception {
    server =
        Optional.of(
            InProcessServerBuilder.forName("stream of " + PEER)
                .directExecutor()
                .addService(
                    new PeerServiceGrpc.PeerServiceImplBase() {
                      @Override
                      public void watchProviders(
                          dev.peerdiscovery.proto.peer.v1.WatchProvidersRequest request,
                          StreamObserver<WatchProvidersResponse> observer) {
                        does.accept((ServerCallStreamObserver<WatchProvidersResponse>) observer);
                      }
                    })
                .build()
                .start());
  }

  private PeerStream watch(Duration deadline) {
    return caller.watch(
        PEER,
        REQUEST,
        deadline,
        (update, next) -> {
          updates.add(update);
          nexts.add(next);
        });
  }

  private static Outcome outcome(PeerStream stream) throws Exception {
    return stream.outcome().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static void assertFailed(Outcome outcome, Failure.Kind kind) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(kind));
  }

  @Test
  void theNextUpdate_isReadWhenTheLastWasTakenIn_andTheEndIsNoFailure() throws Exception {
    peer(
        call -> {
          call.onNext(NOTHING);
          call.onNext(NOTHING);
          call.onCompleted();
        });
    PeerStream stream = watch(LONG);
    await().atMost(PATIENCE).until(() -> updates.size() == 1);
    assertThat(stream.outcome()).isNotDone();
    nexts.get(0).run();
    await().atMost(PATIENCE).until(() -> updates.size() == 2);
    nexts.get(1).run();
    assertThat(outcome(stream)).isEqualTo(new StreamEnded());
  }

  @Test
  void cancelled_isOverAtOnce_andThePeerHearsOfIt() throws Exception {
    List<String> heard = new CopyOnWriteArrayList<>();
    peer(
        call -> {
          call.setOnCancelHandler(() -> heard.add("cancelled"));
          call.onNext(NOTHING);
        });
    PeerStream stream = watch(LONG);
    await().atMost(PATIENCE).until(() -> updates.size() == 1);
    stream.cancel();
    assertFailed(outcome(stream), Failure.Kind.CANCELLED);
    await().atMost(PATIENCE).until(() -> heard.size() == 1);
  }

  @Test
  void thatItsTimeIsOver_isTheEnd_butNotWhenItNeverSaidAnything() throws Exception {
    peer(call -> call.onNext(NOTHING));
    assertThat(outcome(watch(Duration.ofSeconds(3)))).isEqualTo(new StreamEnded());
    assertThat(updates).hasSize(1);
    server.orElseThrow().shutdownNow().awaitTermination();
    peer(call -> {});
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertFailed(outcome(watch(Duration.ofMillis(300))), Failure.Kind.TIMEOUT));
  }

  @Test
  void silence_isATimeout() throws Exception {
    peer(call -> {});
    PeerStream stream =
        new PeerStream(
            (update, next) -> {}, (error, call) -> new StreamEnded(), Duration.ofMillis(50));
    ManagedChannel channel = InProcessChannelBuilder.forName("stream of " + PEER).build();
    try {
      stream.begin(
          channel.newCall(
              new PeerMethods(ScriptedPeer.NETWORK).watchProviders(), io.grpc.CallOptions.DEFAULT),
          REQUEST);
      assertFailed(outcome(stream), Failure.Kind.TIMEOUT);
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void refusalAndNonsense_areWhatTheyAreForOtherCalls() throws Exception {
    peer(
        call ->
            call.onError(
                Refusals.toException(new Refusal(Refusal.Reason.OVERLOADED, "as it wants"))));
    assertThat(outcome(watch(LONG)))
        .isEqualTo(new Refusal(Refusal.Reason.OVERLOADED, "as it wants"));
    server.orElseThrow().shutdownNow().awaitTermination();
    WatchProvidersResponse.Builder tooMany = WatchProvidersResponse.newBuilder();
    for (int i = 0; i < 65; i++) {
      tooMany.addProviders(HeldProvider.getDefaultInstance());
    }
    peer(call -> call.onNext(tooMany.build()));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertFailed(outcome(watch(LONG)), Failure.Kind.INVALID_ANSWER));
  }

  @Test
  void nobodyThere_isUnreachable_andClosed_isCancelled() throws Exception {
    assertFailed(outcome(watch(LONG)), Failure.Kind.UNREACHABLE);
    caller.close();
    assertFailed(outcome(watch(LONG)), Failure.Kind.CANCELLED);
  }
}
