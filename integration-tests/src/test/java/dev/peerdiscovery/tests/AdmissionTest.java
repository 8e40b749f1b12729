package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.node.Limits;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.admin.v1.Counter;
import dev.peerdiscovery.proto.admin.v1.GetStatusRequest;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PingRequest;
import dev.peerdiscovery.proto.peer.v1.PingResponse;
import dev.peerdiscovery.proto.peer.v1.WatchProvidersRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a node refuses for load or bad manners, and that nobody else pays for it. */
class AdmissionTest {
  private final List<PeerNode> nodes = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  @AfterEach
  void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    nodes.forEach(PeerNode::close);
  }

  private PeerNode start(Limits.Builder limits) throws Exception {
    PeerNode node =
        PeerNode.builder()
            .id(NodeId.of(nodes.size()))
            .listen("127.0.0.1:0")
            .limits(limits.build())
            .start();
    nodes.add(node);
    node.ready().get(Victim.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return node;
  }

  private ManagedChannel connect(PeerNode node) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", node.port()).usePlaintext().build();
    channels.add(channel);
    return channel;
  }

  /** Waits for its connection: calls that were begun before it was there can be overtaken. */
  private ManagedChannel connected(PeerNode node) {
    ManagedChannel channel = connect(node);
    await().atMost(Victim.PATIENCE).until(() -> channel.getState(true) == ConnectivityState.READY);
    return channel;
  }

  private static PeerServiceGrpc.PeerServiceBlockingStub stub(ManagedChannel channel) {
    return PeerServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(Victim.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static StatusRuntimeException refusal(ManagedChannel channel, PingRequest request) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> stub(channel).ping(request));
  }

  private static long counter(ManagedChannel channel, String name) {
    return AdminServiceGrpc.newBlockingStub(channel)
        .getStatus(GetStatusRequest.getDefaultInstance())
        .getCountersList()
        .stream()
        .filter(counter -> counter.getName().equals(name))
        .mapToLong(Counter::getValue)
        .sum();
  }

  private static void assertShed(StatusRuntimeException error, String reason, Duration retryAfter)
      throws InvalidProtocolBufferException {
    assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    List<Any> details = StatusProto.fromThrowable(error).getDetailsList();
    assertThat(details.get(0).unpack(ErrorInfo.class).getDomain()).isEqualTo("peerdiscovery.dev");
    assertThat(details.get(0).unpack(ErrorInfo.class).getReason()).isEqualTo(reason);
    assertThat(details.get(1).unpack(RetryInfo.class).getRetryDelay().getSeconds())
        .isEqualTo(retryAfter.toSeconds());
  }

  /** Ten others ask as they always did and get every answer. */
  @Row(49)
  @Test
  void floodByOnePeer_isRefusedWithAPause_andNobodyElsePays() throws Exception {
    PeerNode node = start(Limits.defaults().toBuilder().callsPerSecondPerPeer(50));
    ManagedChannel flooder = connect(node);
    StatusRuntimeException refused = null;
    for (int i = 0; i < 10_000 && refused == null; i++) {
      refused = refusal(flooder, Wire.ping().build());
    }
    assertShed(refused, "OVERLOADED", Duration.ofSeconds(1));
    for (int i = 0; i < 10; i++) {
      ManagedChannel other = connect(node);
      for (int call = 0; call < 40; call++) {
        assertThat(stub(other).findNode(Wire.findNode(NodeId.ZERO).build())).isNotNull();
        flood(flooder, 20);
      }
    }
    assertThat(counter(flooder, "refused.OVERLOADED.PEER")).isPositive();
    // It is the rate that is refused, not the connection.
    await()
        .atMost(Victim.PATIENCE)
        .ignoreException(StatusRuntimeException.class)
        .until(() -> stub(flooder).ping(Wire.ping().build()).hasResponder());
  }

  /** Calls whose outcome nobody waits for. */
  private static void flood(ManagedChannel channel, int calls) {
    var async = PeerServiceGrpc.newFutureStub(channel);
    for (int i = 0; i < calls; i++) {
      async.withDeadlineAfter(5, TimeUnit.SECONDS).ping(Wire.ping().build());
    }
  }

  @Row(50)
  @Test
  void tooMuchInAll_isRefused_andTheNodeStaysHealthy() throws Exception {
    PeerNode node = start(Limits.defaults().toBuilder().callsPerSecond(20));
    StatusRuntimeException refused = null;
    for (int i = 0; i < 10_000 && refused == null; i++) {
      refused = refusal(connectOnce(node, i % 8), Wire.ping().build());
    }
    assertShed(refused, "OVERLOADED", Duration.ofSeconds(1));
    assertThat(counter(channels.get(0), "refused.OVERLOADED.TOTAL")).isPositive();
    HealthCheckResponse health =
        HealthGrpc.newBlockingStub(channels.get(0))
            .check(
                HealthCheckRequest.newBuilder().setService(PeerServiceGrpc.SERVICE_NAME).build());
    assertThat(health.getStatus()).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
  }

  private ManagedChannel connectOnce(PeerNode node, int number) {
    return number < channels.size() ? channels.get(number) : connect(node);
  }

  /** They never say that their request is over. */
  @Row(39)
  @Test
  void callsWithoutADeadline_areEnded() throws Exception {
    PeerNode node =
        start(
            Limits.defaults().toBuilder()
                .callDeadline(Duration.ofMillis(200))
                .callsInFlight(5)
                .violations(1000));
    ManagedChannel channel = connect(node);
    List<CompletableFuture<Status>> ends = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ends.add(begin(channel, CallOptions.DEFAULT));
      ends.add(begin(channel, CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.HOURS)));
    }
    for (CompletableFuture<Status> end : ends) {
      assertThat(end.get(Victim.PATIENCE.toSeconds(), TimeUnit.SECONDS).getCode())
          .isIn(
              Status.Code.CANCELLED, Status.Code.DEADLINE_EXCEEDED, Status.Code.RESOURCE_EXHAUSTED);
    }
    // Their places are free again.
    await()
        .atMost(Victim.PATIENCE)
        .ignoreException(StatusRuntimeException.class)
        .until(() -> stub(channel).ping(Wire.ping().build()).hasResponder());
  }

  /** Its calls are refused and stay open; whoever else calls does not notice. */
  @Row(49)
  @Test
  void refusedCallsThatAreNotEnded_takeNobodyElsesPlace() throws Exception {
    PeerNode node = start(Limits.defaults().toBuilder().callsPerSecondPerPeer(5).callsInFlight(10));
    ManagedChannel flooder = connect(node);
    ManagedChannel other = connect(node);
    List<CompletableFuture<Status>> ends = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      ends.add(begin(flooder, CallOptions.DEFAULT));
    }
    // More than may be under way of all, and none of them over.
    await()
        .atMost(Victim.PATIENCE)
        .until(() -> counter(other, "refused.OVERLOADED.PEER") >= 60 - 2 * 5);
    assertThat(stub(other).ping(Wire.ping().build()).hasResponder()).isTrue();
    assertThat(ends.stream().filter(CompletableFuture::isDone)).isEmpty();
    assertThat(counter(other, "refused.OVERLOADED.IN_FLIGHT")).isZero();
  }

  /** It keeps within its rate, and never says that its requests are over; streams among them. */
  @Row(49)
  @Test
  void callsThatAreHeldOpen_areFewOfOnePeer_andTakeNobodyElsesPlace() throws Exception {
    PeerNode node =
        start(
            Limits.defaults().toBuilder()
                .callsInFlightPerPeer(6)
                .callDeadline(Duration.ofMinutes(1)));
    ManagedChannel holder = connected(node);
    ManagedChannel other = connect(node);
    List<CompletableFuture<Status>> held = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      held.add(begin(holder, CallOptions.DEFAULT));
      held.add(begin(holder, PeerServiceGrpc.getWatchProvidersMethod(), CallOptions.DEFAULT));
    }
    assertShed(refusal(holder, Wire.ping().build()), "OVERLOADED", Duration.ofSeconds(1));
    // Some of those that are refused are waited for, and then none.
    for (int i = 0; i < 6; i++) {
      held.add(begin(holder, CallOptions.DEFAULT));
    }
    Status atOnce =
        begin(holder, CallOptions.DEFAULT).get(Victim.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(atOnce.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(held.stream().filter(CompletableFuture::isDone)).isEmpty();
    assertThat(counter(other, "refused.OVERLOADED.PEER_IN_FLIGHT")).isEqualTo(1 + 6 + 1);
    assertThat(stub(other).ping(Wire.ping().build()).hasResponder()).isTrue();
    // It lets go, and is welcome.
    holder.shutdownNow();
    assertThat(stub(connect(node)).ping(Wire.ping().build()).hasResponder()).isTrue();
  }

  /** Health is for everybody, and its streams need no request that a node could look at. */
  @Row(49)
  @Test
  void healthThatIsHeldOpen_isOfOnePeerNoMoreThanItsCalls_andAnsweredToOthers() throws Exception {
    PeerNode node = start(Limits.defaults().toBuilder().callsInFlightPerPeer(4));
    ManagedChannel holder = connected(node);
    ManagedChannel other = connect(node);
    List<CompletableFuture<Status>> held = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      held.add(begin(holder, HealthGrpc.getWatchMethod(), CallOptions.DEFAULT));
      held.add(begin(holder, HealthGrpc.getCheckMethod(), CallOptions.DEFAULT));
    }
    HealthCheckRequest check = HealthCheckRequest.getDefaultInstance();
    var health = HealthGrpc.newBlockingStub(holder);
    assertShed(
        catchThrowableOfType(StatusRuntimeException.class, () -> health.check(check)),
        "OVERLOADED",
        Duration.ofSeconds(1));
    assertShed(refusal(holder, Wire.ping().build()), "OVERLOADED", Duration.ofSeconds(1));
    assertThat(held.stream().filter(CompletableFuture::isDone)).isEmpty();
    assertThat(HealthGrpc.newBlockingStub(other).check(check).getStatus())
        .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    assertThat(stub(other).ping(Wire.ping().build()).hasResponder()).isTrue();
  }

  /** A stream whose request never comes is nothing that the node's store could count. */
  @Row(50)
  @Test
  void streamsThatSayNothing_areNoMoreThanCallsInAll() throws Exception {
    PeerNode node = start(Limits.defaults().toBuilder().callsInFlight(3));
    List<CompletableFuture<Status>> held = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ManagedChannel holder = connect(node);
      held.add(begin(holder, PeerServiceGrpc.getWatchProvidersMethod(), CallOptions.DEFAULT));
      // What is answered on a connection came after the stream.
      assertThat(stub(holder).ping(Wire.ping().build()).hasResponder()).isTrue();
    }
    ManagedChannel other = connect(node);
    WatchProvidersRequest request = WatchProvidersRequest.getDefaultInstance();
    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> stub(other).watchProviders(request).hasNext());
    assertShed(refused, "OVERLOADED", Duration.ofSeconds(1));
    assertThat(stub(other).ping(Wire.ping().build()).hasResponder()).isTrue();
    assertThat(held.stream().filter(CompletableFuture::isDone)).isEmpty();
  }

  private static CompletableFuture<Status> begin(ManagedChannel channel, CallOptions options) {
    return begin(channel, PeerServiceGrpc.getFindNodeMethod(), options);
  }

  private static <Q, A> CompletableFuture<Status> begin(
      ManagedChannel channel, MethodDescriptor<Q, A> method, CallOptions options) {
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<Q, A> call =
        channel.newCall(
            // Of a call that sends one message nothing leaves before it is whole.
            method.toBuilder().setType(MethodDescriptor.MethodType.BIDI_STREAMING).build(),
            options);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(1);
    return end;
  }

  @Test
  void malformedRequests_timeAndAgain_areRefusedUnheardForAWhile() throws Exception {
    PeerNode node = start(Limits.defaults().toBuilder().quarantine(Duration.ofSeconds(2)));
    ManagedChannel clumsy = connect(node);
    ManagedChannel other = connect(node);
    for (int i = 0; i < 3; i++) {
      assertThat(refusal(clumsy, PingRequest.getDefaultInstance()).getStatus().getCode())
          .isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
    assertShed(refusal(clumsy, Wire.ping().build()), "QUARANTINED", Duration.ofSeconds(2));
    assertThat(stub(other).ping(Wire.ping().build()).hasResponder()).isTrue();
    assertThat(counter(other, "quarantined")).isEqualTo(1);
    await()
        .atMost(Victim.PATIENCE)
        .ignoreException(StatusRuntimeException.class)
        .until(() -> stub(clumsy).ping(Wire.ping().build()).hasResponder());
  }

  /** Each would otherwise count as under way for ever, and nobody be answered after a few. */
  @Test
  void timeoutsThatAreNone_areTheLatest_andLeaveNothingBehind() throws Exception {
    PeerNode node = start(Limits.defaults().toBuilder().callsInFlight(4));
    ManagedChannel channel = connect(node);
    for (String timeout : List.of("x", "S", "5s", "-1S", "999999999S", "+9999999H")) {
      Metadata headers = new Metadata();
      headers.put(Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER), timeout);
      for (int call = 0; call < 8; call++) {
        PingResponse response =
            PeerServiceGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .ping(Wire.ping().build());
        assertThat(response.hasResponder()).as(timeout).isTrue();
      }
    }
  }

  @Test
  void tooManyConnections_areRefused_andBeyondTwiceAsManyClosed() throws Exception {
    PeerNode node = start(Limits.defaults().toBuilder().connections(3));
    for (int i = 0; i < 3; i++) {
      assertThat(stub(connect(node)).ping(Wire.ping().build()).hasResponder()).isTrue();
    }
    for (int i = 0; i < 3; i++) {
      assertShed(refusal(connect(node), Wire.ping().build()), "OVERLOADED", Duration.ofSeconds(1));
    }
    assertThat(refusal(connect(node), Wire.ping().build()).getStatus().getCode())
        .isIn(Status.Code.UNAVAILABLE, Status.Code.INTERNAL);
    // One goes, and there is room.
    channels.forEach(ManagedChannel::shutdownNow);
    await()
        .atMost(Victim.PATIENCE)
        .ignoreException(StatusRuntimeException.class)
        .until(() -> stub(connect(node)).ping(Wire.ping().build()).hasResponder());
  }
}
