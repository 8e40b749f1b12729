package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.proto.PeerMethods;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PingRequest;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CallerTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final AddressPolicy LOCAL = AddressPolicy.of(Scope.PRIVATE, true);
  private static final PeerMethods METHODS = new PeerMethods(ScriptedPeer.NETWORK);

  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T kept(T closeable) {
    opened.add(closeable);
    return closeable;
  }

  private static ChannelLimits limits(int channels) {
    return ChannelLimits.defaults().withChannels(channels);
  }

  private Caller inProcess(int maxChannels) {
    return kept(Caller.over(ScriptedPeer::open, METHODS, LOCAL, limits(maxChannels)));
  }

  private Caller overTcp() {
    return kept(Caller.overTcp(METHODS, LOCAL, limits(4), PeerTls.off()));
  }

  private ScriptedPeer peer(int number) throws IOException {
    return kept(ScriptedPeer.start(number));
  }

  private static Outcome ping(Caller caller, Endpoint to) throws Exception {
    return ping(caller, to, DEADLINE);
  }

  private static Outcome ping(Caller caller, Endpoint to, Duration deadline) throws Exception {
    return caller.call(to, ScriptedPeer.ping(to), deadline).get(30, TimeUnit.SECONDS).outcome();
  }

  private static void assertFailed(Outcome outcome, Failure.Kind kind) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(kind));
  }

  @Test
  void answer_isDecoded() throws Exception {
    ScriptedPeer peer = peer(1);
    assertThat(ping(inProcess(4), peer.endpoint))
        .isInstanceOfSatisfying(
            PingResponse.class, answer -> assertThat(answer.responder().id()).isEqualTo(peer.id));
  }

  @Test
  void silence_isATimeout() throws Exception {
    ScriptedPeer peer = peer(1);
    peer.mood = ScriptedPeer.Mood.IS_SILENT;
    assertFailed(ping(inProcess(4), peer.endpoint, Duration.ofMillis(50)), Failure.Kind.TIMEOUT);
  }

  @Test
  void refusal_keepsItsReason() throws Exception {
    ScriptedPeer peer = peer(1);
    peer.mood = ScriptedPeer.Mood.REFUSES;
    assertThat(ping(inProcess(4), peer.endpoint))
        .isEqualTo(new Refusal(Refusal.Reason.OTHER_NETWORK, "as the test wants"));
  }

  @Test
  void nonsense_isAnInvalidAnswer() throws Exception {
    ScriptedPeer peer = peer(1);
    peer.mood = ScriptedPeer.Mood.TALKS_NONSENSE;
    Caller caller = inProcess(4);
    assertFailed(ping(caller, peer.endpoint), Failure.Kind.INVALID_ANSWER);
    FindNodeRequest find =
        new FindNodeRequest(ScriptedPeer.NETWORK, Optional.empty(), Optional.empty(), NodeId.of(1));
    assertFailed(
        caller.call(peer.endpoint, find, DEADLINE).get(30, TimeUnit.SECONDS).outcome(),
        Failure.Kind.INVALID_ANSWER);
  }

  @Test
  void addressThatThePolicyForbids_isNotDialled() throws Exception {
    Caller caller = overTcp();
    for (String host : List.of("169.254.169.254", "0.0.0.0", "224.0.0.1")) {
      assertFailed(ping(caller, new Endpoint(host, 7400)), Failure.Kind.NOT_DIALLED);
      assertFailed(ping(inProcess(4), new Endpoint(host, 7400)), Failure.Kind.NOT_DIALLED);
    }
    Caller apart =
        kept(
            Caller.overTcp(
                METHODS, AddressPolicy.of(Scope.PRIVATE, false), limits(4), PeerTls.off()));
    // The policy is asked about what the name resolves to, too.
    assertFailed(ping(apart, new Endpoint("localhost", 7400)), Failure.Kind.NOT_DIALLED);
    assertThat(caller.openChannels()).isZero();
    assertThat(apart.openChannels()).isZero();
  }

  @Test
  void nobodyListening_isUnreachable_andTheNextCallDialsAfresh() throws Exception {
    Caller caller = overTcp();
    int port = closedPort();
    Endpoint endpoint = new Endpoint("127.0.0.1", port);
    assertFailed(ping(caller, endpoint), Failure.Kind.UNREACHABLE);
    await().atMost(DEADLINE).until(() -> caller.openChannels() == 0);

    Server server = listening(port);
    try {
      assertThat(ping(caller, endpoint)).isInstanceOf(Refusal.class);
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void name_isResolved_andTheCallSaysWhereItLeftFrom() throws Exception {
    Server server = listening(0);
    try {
      Endpoint endpoint = new Endpoint("localhost", server.getPort());
      Caller caller = overTcp();
      // Whichever address of the name is drawn, one of them listens.
      await().atMost(DEADLINE).until(() -> ping(caller, endpoint) instanceof Refusal);
      Caller.Result result =
          caller
              .call(
                  new Endpoint("127.0.0.1", server.getPort()),
                  ScriptedPeer.ping(endpoint),
                  DEADLINE)
              .get(30, TimeUnit.SECONDS);
      assertThat(result.localAddress()).contains(InetAddress.getByName("127.0.0.1"));
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void everybodyBehindAName_isCalled_onConnectionsOfTheirOwn() throws Exception {
    Server server = listening(0);
    try {
      Endpoint name = new Endpoint("localhost", server.getPort());
      Caller caller = overTcp();
      for (int i = 0; i < 3; i++) {
        List<Outcome> outcomes = everybody(caller, name, 16);
        assertThat(outcomes).hasSameSizeAs(InetAddress.getAllByName("localhost"));
        // It listens at one address of the name.
        assertThat(outcomes).filteredOn(Refusal.class::isInstance).hasSize(1);
      }
      assertThat(caller.openChannels()).isZero();
      assertThat(everybody(caller, new Endpoint("127.0.0.1", server.getPort()), 16)).hasSize(1);
      assertThat(everybody(caller, name, 1)).hasSize(1);
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void nobodyBehindAName_isOneFailure() throws Exception {
    Caller caller = overTcp();
    assertThat(everybody(caller, new Endpoint("no-such-host.invalid", 7400), 16))
        .containsExactly(new Failure(Failure.Kind.UNREACHABLE, "the name cannot be resolved"));
    assertThat(everybody(inProcess(4), new Endpoint("169.254.169.254", 7400), 16))
        .singleElement()
        .satisfies(outcome -> assertFailed(outcome, Failure.Kind.NOT_DIALLED));
  }

  private static List<Outcome> everybody(Caller caller, Endpoint to, int most) throws Exception {
    List<Outcome> outcomes = new CopyOnWriteArrayList<>();
    caller
        .callEverybody(
            to, most, ScriptedPeer.ping(to), DEADLINE, result -> outcomes.add(result.outcome()))
        .get(30, TimeUnit.SECONDS);
    return outcomes;
  }

  @Test
  void nameThatDoesNotResolve_isUnreachable() throws Exception {
    Caller caller = overTcp();
    Outcome outcome = ping(caller, new Endpoint("no-such-host.invalid", 7400));
    assertThat(outcome)
        .isEqualTo(new Failure(Failure.Kind.UNREACHABLE, "the name cannot be resolved"));
    assertThat(caller.openChannels()).isZero();
  }

  @Test
  void channels_areBounded() throws Exception {
    Caller caller = inProcess(2);
    for (int round = 0; round < 2; round++) {
      for (int i = 1; i <= 5; i++) {
        ScriptedPeer peer = round == 0 ? peer(i) : null;
        Endpoint endpoint = peer == null ? ScriptedPeer.endpoint(i) : peer.endpoint;
        assertThat(ping(caller, endpoint)).isInstanceOf(PingResponse.class);
        assertThat(caller.openChannels()).isLessThanOrEqualTo(2);
      }
    }
  }

  @Test
  void openerThatFails_isAnOutcome() throws Exception {
    Caller caller =
        kept(
            Caller.over(
                endpoint -> {
                  throw new IllegalArgumentException("no");
                },
                METHODS,
                LOCAL,
                limits(4)));
    assertFailed(ping(caller, ScriptedPeer.endpoint(1)), Failure.Kind.NOT_DIALLED);
    assertThat(caller.openChannels()).isZero();
  }

  @Test
  void aPeerThatCancels_doesNotPassForOurOwnDoing() throws Exception {
    ScriptedPeer peer = peer(1);
    peer.mood = ScriptedPeer.Mood.CANCELS;

    assertFailed(ping(inProcess(4), peer.endpoint), Failure.Kind.INVALID_ANSWER);
  }

  @Test
  void close_cancelsWhatIsUnderWay_andWhatComesLater() throws Exception {
    ScriptedPeer peer = peer(1);
    peer.mood = ScriptedPeer.Mood.IS_SILENT;
    Caller caller = inProcess(4);
    CompletableFuture<Caller.Result> underWay =
        caller.call(peer.endpoint, ScriptedPeer.ping(peer.endpoint), DEADLINE);
    await().atMost(DEADLINE).until(() -> peer.asked.get() == 1);
    caller.close();
    Outcome outcome = underWay.get(30, TimeUnit.SECONDS).outcome();
    assertThat(outcome).isInstanceOf(Failure.class);
    assertFailed(ping(caller, peer.endpoint), Failure.Kind.CANCELLED);
  }

  /** A server on loopback that refuses everything. */
  private static Server listening(int port) throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
        .directExecutor()
        .addService(
            new PeerServiceGrpc.PeerServiceImplBase() {
              @Override
              public void ping(
                  PingRequest request,
                  StreamObserver<dev.peerdiscovery.proto.peer.v1.PingResponse> observer) {
                super.ping(request, observer);
              }
            })
        .build()
        .start();
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
