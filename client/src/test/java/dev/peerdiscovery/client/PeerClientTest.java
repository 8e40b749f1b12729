package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.RecordCodec;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  private ScriptedPeer peer(int number) throws IOException {
    ScriptedPeer peer = ScriptedPeer.start(number);
    opened.add(peer);
    return peer;
  }

  /** A client with these entry nodes; whoever was not started is dead. */
  private PeerClient client(int... entries) {
    PeerClient.Builder builder =
        PeerClient.builder().identity(IdentityMode.ASSIGNED).channels(ScriptedPeer::open);
    for (int entry : entries) {
      builder.via(ScriptedPeer.endpoint(entry));
    }
    PeerClient client = builder.build();
    opened.add(client);
    return client;
  }

  @Test
  void deadEntry_isPassedOver_andNotAskedFirstAgain() throws Exception {
    ScriptedPeer first = peer(1);
    first.close();
    ScriptedPeer second = peer(2);
    PeerClient client = client(1, 2);
    assertThat(client.ping().record().id()).isEqualTo(second.id);

    ScriptedPeer back = peer(1);
    assertThat(client.ping().record().id()).isEqualTo(second.id);
    assertThat(back.asked.get()).isZero();
    second.close();
    assertThat(client.ping().record().id()).isEqualTo(back.id);
  }

  @Test
  void busyEntry_isPassedOver() throws Exception {
    peer(1).mood = ScriptedPeer.Mood.IS_BUSY;
    ScriptedPeer second = peer(2);
    second.knows = List.of(peer(3).record());
    assertThat(client(1, 2).findNode(NodeId.of(3))).isEqualTo(second.knows);
  }

  @Test
  void refusal_isFinal() throws Exception {
    peer(1).mood = ScriptedPeer.Mood.REFUSES;
    ScriptedPeer second = peer(2);
    PeerException error = catchThrowableOfType(PeerException.class, () -> client(1, 2).ping());
    assertThat(error.isRefusal()).isTrue();
    assertThat(error.outcome())
        .isEqualTo(new Refusal(Refusal.Reason.OTHER_NETWORK, "as the test wants"));
    assertThat(second.asked.get()).isZero();
  }

  private PeerClient undecided() {
    PeerClient client =
        PeerClient.builder().via(ScriptedPeer.endpoint(1)).channels(ScriptedPeer::open).build();
    opened.add(client);
    return client;
  }

  @Test
  void clientThatWasNotTold_goesByTheEntryNode() throws Exception {
    peer(1).mood = ScriptedPeer.Mood.IS_NOT_SIGNED;
    PeerClient client = undecided();
    assertThat(client.ping().record().id()).isEqualTo(NodeId.of(1));
    assertThat(client.ping().proved()).isTrue();
  }

  /** It was signed before, so whoever says now that it is not is not to be trusted. */
  @Test
  void clientThatWasNotTold_isNotTalkedOutOfSigned() throws Exception {
    ScriptedPeer entry = peer(1);
    PeerClient client = undecided();
    client.ping();
    entry.mood = ScriptedPeer.Mood.IS_NOT_SIGNED;
    int before = entry.asked.get();
    PeerException error = catchThrowableOfType(PeerException.class, client::ping);
    assertThat(error.outcome())
        .isEqualTo(new Refusal(Refusal.Reason.OTHER_IDENTITY, "as the test wants"));
    assertThat(entry.asked).hasValue(before + 1);
  }

  @Test
  void nobody_isAnError() {
    PeerException error =
        catchThrowableOfType(PeerException.class, () -> client(1, 2).lookup(NodeId.of(3)));
    assertThat(error.isRefusal()).isFalse();
    assertThat(error).hasMessageContaining("10.9.0.2:7400");
  }

  @Test
  void lookup_goesHopByHop_andIsWatched() throws Exception {
    ScriptedPeer one = peer(1);
    ScriptedPeer two = peer(2);
    ScriptedPeer three = peer(3);
    one.knows = List.of(two.record());
    two.knows = List.of(three.record());
    List<LookupResult.Step> watched = new ArrayList<>();
    LookupResult result = client(1).lookupAsync(three.id, watched::add).get(20, TimeUnit.SECONDS);

    assertThat(result.exact()).hasValueSatisfying(c -> assertThat(c.id()).isEqualTo(three.id));
    assertThat(result.closest()).extracting(c -> c.id()).containsExactly(three.id, two.id, one.id);
    assertThat(result.steps()).extracting(LookupResult.Step::hop).containsExactly(0, 1, 2);
    assertThat(watched).isEqualTo(result.steps());
    assertThat(result.calls()).isEqualTo(3);
  }

  @Test
  void watcherThatFails_failsTheLookup() throws Exception {
    peer(1);
    CompletableFuture<LookupResult> lookup =
        client(1)
            .lookupAsync(
                NodeId.of(9),
                step -> {
                  throw new IllegalStateException("on purpose");
                });
    assertThatThrownBy(() -> lookup.get(20, TimeUnit.SECONDS)).hasRootCauseMessage("on purpose");
  }

  @Test
  void close_failsWhatIsUnderWay_andWhatComesLater() throws Exception {
    ScriptedPeer one = peer(1);
    ScriptedPeer two = peer(2);
    two.mood = ScriptedPeer.Mood.IS_SILENT;
    one.knows = List.of(two.record());
    PeerClient client = client(1);
    CompletableFuture<LookupResult> lookup = client.lookupAsync(NodeId.of(9), step -> {});
    await().atMost(PATIENCE).until(() -> two.asked.get() == 1);
    client.close();

    assertThatThrownBy(() -> lookup.get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(PeerException.class);
    assertThatThrownBy(client::ping).isInstanceOf(PeerException.class);
    assertThatThrownBy(() -> client.lookup(NodeId.of(9))).isInstanceOf(PeerException.class);
  }

  /** What blocks, and a peer that has been asked by then and says nothing. */
  private Thread blocked(Runnable call, ScriptedPeer silent, CompletableFuture<Throwable> thrown) {
    silent.mood = ScriptedPeer.Mood.IS_SILENT;
    Thread thread =
        new Thread(
            () -> {
              Throwable error = catchThrowable(call::run);
              thrown.complete(
                  Thread.currentThread().isInterrupted() ? error : new AssertionError("no flag"));
            });
    thread.setDaemon(true);
    thread.start();
    await().atMost(PATIENCE).until(() -> silent.asked.get() > 0);
    return thread;
  }

  @Test
  void anInterruptedCall_returnsAtOnce() throws Exception {
    ScriptedPeer silent = peer(1);
    PeerClient client = client(1);
    List<Runnable> calls =
        List.of(
            client::ping,
            () -> client.ping(silent.endpoint),
            () -> client.findNode(NodeId.of(9)),
            () -> client.lookup(NodeId.of(9)));
    for (Runnable call : calls) {
      silent.asked.set(0);
      CompletableFuture<Throwable> thrown = new CompletableFuture<>();
      blocked(call, silent, thrown).interrupt();
      assertThat(thrown.get(3, TimeUnit.SECONDS))
          .isInstanceOf(PeerException.class)
          .hasMessageContaining("interrupted");
    }
  }

  @Test
  void anInterruptedLookup_asksNoMorePeers() throws Exception {
    ScriptedPeer one = peer(1);
    ScriptedPeer two = peer(2);
    ScriptedPeer three = peer(3);
    one.knows = List.of(two.record());
    two.knows = List.of(three.record());
    two.mood = ScriptedPeer.Mood.IS_SILENT;
    PeerClient client = client(1);
    CompletableFuture<LookupResult> lookup = client.lookupAsync(three.id, step -> {});
    await().atMost(PATIENCE).until(() -> two.asked.get() == 1);
    lookup.cancel(false);
    two.goOn();
    await().atMost(PATIENCE).until(() -> two.answered.get() == 1);
    assertThat(client.ping().record().id()).isEqualTo(one.id);
    assertThat(three.asked).hasValue(0);
  }

  @Test
  void aCallTakesNoLongerThanItsLimit() throws Exception {
    peer(1).mood = ScriptedPeer.Mood.IS_SILENT;
    PeerClient client =
        PeerClient.builder()
            .identity(IdentityMode.ASSIGNED)
            .channels(ScriptedPeer::open)
            .via(ScriptedPeer.endpoint(1))
            .timeout(Duration.ofMillis(50))
            .build();
    opened.add(client);
    assertThatThrownBy(client::ping)
        .hasMessageContaining("no answer from [10.9.0.1:7400] within 50 ms");
    assertThatThrownBy(() -> client.lookupAsync(NodeId.of(3), step -> {}).get(3, TimeUnit.SECONDS))
        .hasMessageContaining("within 50 ms");
  }

  @Test
  void anErrorOfAWatcher_failsTheLookup() throws Exception {
    peer(1);
    CompletableFuture<LookupResult> lookup =
        client(1)
            .lookupAsync(
                NodeId.of(9),
                step -> {
                  throw new AssertionError("on purpose");
                });
    assertThatThrownBy(() -> lookup.get(3, TimeUnit.SECONDS)).hasRootCauseMessage("on purpose");
  }

  @Test
  void whatAHostThrows_whenAChannelIsOpened_orACallIsBegun_isTheCause() {
    for (Throwable fault :
        new Throwable[] {new IllegalStateException("on purpose"), new AssertionError("x")}) {
      PeerClient client =
          PeerClient.builder()
              .identity(IdentityMode.ASSIGNED)
              .via(ScriptedPeer.endpoint(1))
              .channels(
                  endpoint -> {
                    throw WaitingTest.raised(fault);
                  })
              .build();
      opened.add(client);
      PeerClient calling =
          PeerClient.builder()
              .identity(IdentityMode.ASSIGNED)
              .via(ScriptedPeer.endpoint(1))
              .channels(
                  endpoint -> ScriptedPeer.open(endpoint).intercept(new ThrowingInterceptor(fault)))
              .build();
      opened.add(calling);
      for (PeerClient each : List.of(client, calling)) {
        assertThatThrownBy(each::ping).isInstanceOf(PeerException.class).hasCause(fault);
        assertThatThrownBy(() -> each.findNode(NodeId.of(1))).hasCause(fault);
        assertThatThrownBy(() -> each.lookup(NodeId.of(1))).hasCause(fault);
      }
    }
  }

  private record ThrowingInterceptor(Throwable fault) implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      throw WaitingTest.raised(fault);
    }
  }

  @Test
  void whatACallerDoesWithAFuture_mayBlock() throws Exception {
    ScriptedPeer one = peer(1);
    PeerClient client = client(1);
    assertThat(
            client
                .pingAsync()
                .thenApply(pong -> client.lookup(one.id))
                .thenApply(found -> client.findNode(one.id))
                .get(5, TimeUnit.SECONDS))
        .isEmpty();
  }

  @Test
  void everyQuestion_hasAForm_thatDoesNotBlock() throws Exception {
    ScriptedPeer one = peer(1);
    one.knows = List.of(peer(2).record());
    PeerClient client = client(1);
    assertThat(client.pingAsync().get(3, TimeUnit.SECONDS).record().id()).isEqualTo(one.id);
    assertThat(client.pingAsync(one.endpoint).get(3, TimeUnit.SECONDS).proved()).isTrue();
    assertThat(client.findNodeAsync(NodeId.of(2)).get(3, TimeUnit.SECONDS)).isEqualTo(one.knows);
    assertThat(client.lookup(NodeId.of(2)).exact()).isPresent();
  }

  @Test
  void aPeerThatDoesNotProveItself_isNotSaidTo() throws Exception {
    ScriptedPeer one = peer(1);
    PeerClient client = client(1);
    PeerClient.Pong pong = client.ping();
    assertThat(pong.proved()).isTrue();
    assertThat(pong.roundTrip()).isBetween(Duration.ZERO, PATIENCE);
    one.proves = false;
    assertThat(client.ping().proved()).isFalse();
  }

  /**
   * Of the ways in which a network may have its ids only another identity is a reason to try one.
   */
  @Test
  void anotherRefusal_isNotAskedAgain_inTheOtherWay() throws Exception {
    ScriptedPeer entry = peer(1);
    entry.mood = ScriptedPeer.Mood.REFUSES;
    assertThatThrownBy(() -> undecided().ping()).hasMessageContaining("OTHER_NETWORK");
    assertThat(entry.asked).hasValue(1);
  }

  /** A peer at its second endpoint is found, and one that is nowhere ends no lookup. */
  @Test
  void lookup_triesTheNextEndpoint_andGoesOnWithoutTheDead() throws Exception {
    ScriptedPeer one = peer(1);
    ScriptedPeer two = peer(2);
    Endpoint dead = ScriptedPeer.endpoint(99);
    SignedPeerRecord moved =
        RecordCodec.unsigned()
            .sign(new PeerRecord(two.id, List.of(dead, two.endpoint), 1, "default"));
    SignedPeerRecord gone =
        RecordCodec.unsigned().sign(new PeerRecord(NodeId.of(3), List.of(dead), 1, "default"));
    one.knows = List.of(moved, gone);
    LookupResult result = client(1).lookup(NodeId.of(3));
    assertThat(result.closest()).extracting(c -> c.id()).containsExactly(two.id, one.id);
    assertThat(result.exact()).isEmpty();
  }

  /** Its call has two seconds, and is then without an answer. */
  @Test
  void lookup_goesOnWithout_aPeerThatSaysNothing() throws Exception {
    ScriptedPeer one = peer(1);
    ScriptedPeer silent = peer(2);
    silent.mood = ScriptedPeer.Mood.IS_SILENT;
    one.knows = List.of(silent.record());
    LookupResult result = client(1).lookup(NodeId.of(2));
    assertThat(result.closest()).extracting(c -> c.id()).containsExactly(one.id);
    assertThat(result.steps())
        .allSatisfy(step -> assertThat(step.roundTrip()).isBetween(Duration.ZERO, PATIENCE));
  }

  @Test
  void settingsOutOfBounds_areRefused() {
    assertThatThrownBy(() -> PeerClient.builder().build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("entry node");
    assertThatThrownBy(() -> PeerClient.builder().k(0)).hasMessageContaining("k: must be");
    assertThatThrownBy(() -> PeerClient.builder().k(65)).hasMessageContaining("k: must be");
    assertThatThrownBy(() -> PeerClient.builder().alpha(0)).hasMessageContaining("alpha: must");
    assertThatThrownBy(() -> PeerClient.builder().network("no spaces"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PeerClient.builder().via("a:1, b"))
        .hasMessageContaining("endpoint: no port");
    assertThatThrownBy(() -> PeerClient.builder().via("127.0.0.1"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
