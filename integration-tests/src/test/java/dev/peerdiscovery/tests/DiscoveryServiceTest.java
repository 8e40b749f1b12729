package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.rpc.ErrorInfo;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.admin.v1.GetStatusRequest;
import dev.peerdiscovery.proto.discovery.v1.Check;
import dev.peerdiscovery.proto.discovery.v1.DeregisterRequest;
import dev.peerdiscovery.proto.discovery.v1.DiscoveryServiceGrpc;
import dev.peerdiscovery.proto.discovery.v1.Instance;
import dev.peerdiscovery.proto.discovery.v1.LookupRequest;
import dev.peerdiscovery.proto.discovery.v1.RegisterRequest;
import dev.peerdiscovery.proto.discovery.v1.RegisterStreamRequest;
import dev.peerdiscovery.proto.discovery.v1.RegisterStreamResponse;
import dev.peerdiscovery.proto.discovery.v1.Registration;
import dev.peerdiscovery.proto.discovery.v1.ResolveRequest;
import dev.peerdiscovery.proto.discovery.v1.WatchRequest;
import dev.peerdiscovery.proto.discovery.v1.WatchResponse;
import dev.peerdiscovery.proto.peer.v1.Endpoint;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.WatchProvidersRequest;
import dev.peerdiscovery.proto.peer.v1.WatchProvidersResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.protobuf.services.HealthStatusManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an application that has only the stubs can ask of a real node, and what it is refused. */
class DiscoveryServiceTest {
  private static final java.time.Duration PATIENCE = java.time.Duration.ofSeconds(30);

  private PeerNode node;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    node = PeerNode.builder().id(NodeId.of(1)).listen("127.0.0.1:0").start();
    node.ready().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    channel = NettyChannelBuilder.forAddress("127.0.0.1", node.port()).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    node.close();
  }

  private DiscoveryServiceGrpc.DiscoveryServiceBlockingStub stub() {
    return DiscoveryServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static Endpoint endpoint(int port) {
    return Endpoint.newBuilder().setHost("127.0.0.1").setPort(port).build();
  }

  private static Registration registration(int port) {
    return Registration.newBuilder()
        .setService("orders")
        .setEndpoint(endpoint(port))
        .setTtl(Duration.newBuilder().setSeconds(10))
        .putMetadata("zone", "a")
        .build();
  }

  private static RegisterRequest register(Registration registration) {
    return RegisterRequest.newBuilder().setRegistration(registration).build();
  }

  private int registrations() {
    return AdminServiceGrpc.newBlockingStub(channel)
        .getStatus(GetStatusRequest.getDefaultInstance())
        .getServices()
        .getRegistrations();
  }

  private List<Instance> resolved() {
    return stub()
        .resolve(ResolveRequest.newBuilder().setService("orders").build())
        .getInstancesList();
  }

  private static void assertRefused(
      Runnable call, Status.Code code, String reason, String description) {
    StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call::run);
    assertThat(refused).isNotNull();
    assertThat(refused.getStatus().getDescription()).startsWith(description);
    assertThat(refused.getStatus().getCode()).isEqualTo(code);
    assertThat(StatusProto.fromThrowable(refused).getDetailsList())
        .anySatisfy(
            detail -> {
              ErrorInfo info = detail.unpack(ErrorInfo.class);
              assertThat(info.getDomain()).isEqualTo("peerdiscovery.dev");
              assertThat(info.getReason()).isEqualTo(reason);
            });
  }

  private void assertMalformed(UnaryOperator<Registration.Builder> wrong, String description) {
    Registration bad = wrong.apply(registration(8080).toBuilder()).build();
    assertRefused(
        () -> stub().register(register(bad)),
        Status.Code.INVALID_ARGUMENT,
        "MALFORMED",
        description);
    RegisterStreamRequest stream = RegisterStreamRequest.newBuilder().setRegistration(bad).build();
    assertRefused(
        () -> stub().registerStream(stream).next(),
        Status.Code.INVALID_ARGUMENT,
        "MALFORMED",
        description);
  }

  @Row(32)
  @Test
  void registrationOutOfBounds_isMalformed() {
    assertMalformed(r -> r.setService(""), "service: ");
    assertMalformed(r -> r.setService("-orders"), "service: ");
    assertMalformed(r -> r.setService("orders now"), "service: ");
    assertMalformed(r -> r.setService("o".repeat(129)), "service: ");
    assertMalformed(r -> r.setNamespace("n".repeat(65)), "namespace: ");
    assertMalformed(r -> r.clearEndpoint(), "endpoint: required");
    assertMalformed(r -> r.setEndpoint(endpoint(0)), "endpoint.port: ");
    assertMalformed(r -> r.setEndpoint(endpoint(65_536)), "endpoint.port: ");
    assertMalformed(
        r -> r.setEndpoint(Endpoint.newBuilder().setHost("a b").setPort(1)), "endpoint.host: ");
    assertMalformed(r -> r.putMetadata("", "x"), "metadata: ");
    assertMalformed(r -> r.putMetadata("k", "x".repeat(1024)), "metadata: ");
    assertMalformed(r -> r.setTtl(Duration.newBuilder().setSeconds(9)), "ttl: ");
    assertMalformed(r -> r.setTtl(Duration.newBuilder().setSeconds(86_401)), "ttl: ");
    assertMalformed(r -> r.setTtl(Duration.newBuilder().setSeconds(-1)), "ttl: ");
    assertMalformed(r -> r.setTtl(Duration.newBuilder().setSeconds(10).setNanos(1)), "ttl: ");
    assertMalformed(r -> r.setTtl(Duration.newBuilder().setSeconds(Long.MAX_VALUE)), "ttl: ");
    assertMalformed(r -> r.setCheckValue(99), "check: ");
    assertMalformed(
        r -> {
          for (int i = 0; i < 32; i++) {
            r.putMetadata("k" + i, "v");
          }
          return r;
        },
        "metadata: ");
    assertRefused(
        () -> stub().register(RegisterRequest.getDefaultInstance()),
        Status.Code.INVALID_ARGUMENT,
        "MALFORMED",
        "registration: required");
    for (long seconds : new long[] {-1, 0, 9, 86_401, Long.MAX_VALUE}) {
      RegisterRequest lease =
          register(registration(8080)).toBuilder()
              .setLease(Duration.newBuilder().setSeconds(seconds))
              .build();
      assertRefused(
          () -> stub().register(lease), Status.Code.INVALID_ARGUMENT, "MALFORMED", "lease: ");
    }
    assertThat(resolved()).isEmpty();
  }

  @Test
  void questionsOutOfBounds_areMalformed() {
    assertRefused(
        () -> stub().resolve(ResolveRequest.getDefaultInstance()),
        Status.Code.INVALID_ARGUMENT,
        "MALFORMED",
        "service: ");
    assertRefused(
        () -> stub().watch(WatchRequest.newBuilder().setService("a/b").build()).next(),
        Status.Code.INVALID_ARGUMENT,
        "MALFORMED",
        "service: ");
    assertRefused(
        () -> stub().deregister(DeregisterRequest.newBuilder().setService("orders").build()),
        Status.Code.INVALID_ARGUMENT,
        "MALFORMED",
        "endpoint: required");
    for (int length : new int[] {0, 31, 33}) {
      LookupRequest wrong =
          LookupRequest.newBuilder().setTarget(ByteString.copyFrom(new byte[length])).build();
      assertRefused(
          () -> stub().lookup(wrong), Status.Code.INVALID_ARGUMENT, "MALFORMED", "target: ");
    }
  }

  @Test
  void endpointThatTheScopeForbids_isRefused_andNotDialled() {
    for (String host : List.of("169.254.169.254", "0.0.0.0", "224.0.0.1")) {
      Registration bad =
          registration(80).toBuilder()
              .setEndpoint(Endpoint.newBuilder().setHost(host).setPort(80))
              .build();
      assertRefused(
          () -> stub().register(register(bad)),
          Status.Code.FAILED_PRECONDITION,
          "ADDRESS_NOT_ALLOWED",
          "endpoint: ");
    }
  }

  @Test
  void instanceThatIsNotThere_isRefused_andOneThatIsIsResolved_untilItIsWithdrawn()
      throws Exception {
    int port;
    try (ServerSocket application = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = application.getLocalPort();
      assertThat(stub().register(register(registration(port))).getLease().getSeconds())
          .isEqualTo(10);
      await().atMost(PATIENCE).until(() -> resolved().size() == 1);
      Instance instance = resolved().get(0);
      assertThat(instance.getEndpoint()).isEqualTo(endpoint(port));
      assertThat(instance.getMetadataMap()).containsOnly(java.util.Map.entry("zone", "a"));
      assertThat(instance.getPublisher().toByteArray()).isEqualTo(node.id().toBytes());
      assertThat(instance.getRemaining().getSeconds()).isBetween(0L, 10L);
      assertThat(instance.getRegistered()).isNotZero();

      DeregisterRequest gone =
          DeregisterRequest.newBuilder().setService("orders").setEndpoint(endpoint(port)).build();
      assertThat(stub().deregister(gone).getRegistered()).isTrue();
      assertThat(stub().deregister(gone).getRegistered()).isFalse();
      assertThat(resolved()).isEmpty();
    }
    assertRefused(
        () -> stub().register(register(registration(port))),
        Status.Code.FAILED_PRECONDITION,
        "NOT_THERE",
        "endpoint: nothing takes connections there");
  }

  @Test
  void health_isAskedFor_whereThatIsWanted() throws Exception {
    HealthStatusManager health = new HealthStatusManager();
    Server application =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(health.getHealthService())
            .build()
            .start();
    try {
      Registration checked =
          registration(application.getPort()).toBuilder().setCheck(Check.CHECK_GRPC_HEALTH).build();
      // The server as a whole serves, and knows no health of the service.
      stub().register(register(checked));
      health.setStatus("orders", ServingStatus.NOT_SERVING);
      assertRefused(
          () -> stub().register(register(checked)),
          Status.Code.FAILED_PRECONDITION,
          "NOT_THERE",
          "endpoint: its health is not SERVING");
      // The first registration stands, but its next publication is a tombstone.
      await().atMost(PATIENCE).until(() -> resolved().isEmpty());
      health.setStatus("orders", ServingStatus.SERVING);
      stub().register(register(checked));
      await().atMost(PATIENCE).until(() -> resolved().size() == 1);
    } finally {
      application.shutdownNow();
    }
  }

  @Test
  void registerStream_tellsWhatBecomesOfIt_andEndsItWithTheCall() throws Exception {
    Iterator<RegisterStreamResponse> told;
    Context.CancellableContext call = Context.current().withCancellation();
    try (ServerSocket application = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Registration wanted = registration(application.getLocalPort());
      told =
          call.call(
              () ->
                  stub()
                      .registerStream(
                          RegisterStreamRequest.newBuilder().setRegistration(wanted).build()));
      assertThat(told.next().getPublished()).isTrue();
      await().atMost(PATIENCE).until(() -> resolved().size() == 1);
    }
    // Its application is gone, and still wants to be published when it is back.
    assertThat(registrations()).isEqualTo(1);
    RegisterStreamResponse failing = told.next();
    assertThat(failing.getPublished()).isFalse();
    assertThat(failing.getReason()).isEqualTo("endpoint: nothing takes connections there");
    assertThat(resolved()).isEmpty();
    call.cancel(null);
    await().atMost(PATIENCE).until(() -> registrations() == 0);
  }

  @Test
  void whoeverRegistersWhatIsNotThere_isToldSo_everyTime() throws Exception {
    int port;
    try (ServerSocket application = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = application.getLocalPort();
    }
    RegisterStreamRequest request =
        RegisterStreamRequest.newBuilder().setRegistration(registration(port)).build();
    for (int i = 0; i < 2; i++) {
      RegisterStreamResponse told = stub().registerStream(request).next();
      assertThat(told.getPublished()).isFalse();
      assertThat(told.getReason()).isEqualTo("endpoint: nothing takes connections there");
    }
  }

  @Test
  void theCallThatRegistersLast_hasTheInstance() throws Exception {
    Registration unchecked = registration(8080).toBuilder().setCheck(Check.CHECK_NONE).build();
    RegisterStreamRequest request =
        RegisterStreamRequest.newBuilder().setRegistration(unchecked).build();
    Iterator<RegisterStreamResponse> first = stub().registerStream(request);
    assertThat(first.next().getPublished()).isTrue();
    Context.CancellableContext call = Context.current().withCancellation();
    Iterator<RegisterStreamResponse> second = call.call(() -> stub().registerStream(request));
    assertThat(second.next().getPublished()).isTrue();
    RegisterStreamResponse told = first.next();
    assertThat(told.getPublished()).isFalse();
    assertThat(told.getReason()).startsWith("another call has registered the same instance");
    assertThat(resolved()).hasSize(1);
    call.cancel(null);
    // It takes it up again, and the next that it is told is that it is published.
    assertThat(first.next().getPublished()).isTrue();
    assertThat(resolved()).hasSize(1);
    DeregisterRequest gone =
        DeregisterRequest.newBuilder().setService("orders").setEndpoint(endpoint(8080)).build();
    assertThat(stub().deregister(gone).getRegistered()).isTrue();
    assertRefused(
        first::next, Status.Code.FAILED_PRECONDITION, "WITHDRAWN", "a Deregister call withdrew");
    assertThat(resolved()).isEmpty();
  }

  @Test
  void callersOfOneInstance_haveABound() {
    Registration unchecked = registration(8080).toBuilder().setCheck(Check.CHECK_NONE).build();
    RegisterStreamRequest request =
        RegisterStreamRequest.newBuilder().setRegistration(unchecked).build();
    for (int i = 0; i < 8; i++) {
      stub().registerStream(request).next();
    }
    assertRefused(
        () -> stub().registerStream(request).next(),
        Status.Code.RESOURCE_EXHAUSTED,
        "FULL",
        "callers that hold one instance at a node: 8");
    assertRefused(
        () -> stub().register(register(unchecked)),
        Status.Code.FAILED_PRECONDITION,
        "HELD",
        "an open RegisterStream call holds this instance");
  }

  @Test
  void aLeaseGoesOn_byWhateverCallNamesIt() {
    Registration unchecked = registration(8080).toBuilder().setCheck(Check.CHECK_NONE).build();
    RegisterStreamRequest request =
        RegisterStreamRequest.newBuilder()
            .setRegistration(unchecked)
            .setLeaseId(ByteString.copyFrom(new byte[16]))
            .build();
    Iterator<RegisterStreamResponse> first = stub().registerStream(request);
    assertThat(first.next().getPublished()).isTrue();
    Iterator<RegisterStreamResponse> other =
        stub().registerStream(request.toBuilder().clearLeaseId().build());
    assertThat(other.next().getPublished()).isTrue();
    assertThat(first.next().getPublished()).isFalse();

    // It goes on where it was: behind the call that registered after it.
    Iterator<RegisterStreamResponse> again = stub().registerStream(request);
    assertThat(again.next().getReason()).startsWith("another call has registered");
    assertRefused(
        first::next,
        Status.Code.FAILED_PRECONDITION,
        "SUPERSEDED",
        "another call goes on with the same lease");
    for (int bytes : new int[] {1, 15, 17}) {
      RegisterStreamRequest wrong =
          request.toBuilder().setLeaseId(ByteString.copyFrom(new byte[bytes])).build();
      assertRefused(
          () -> stub().registerStream(wrong).next(),
          Status.Code.INVALID_ARGUMENT,
          "MALFORMED",
          "lease_id: ");
    }
  }

  @Test
  void tooManyInstancesOfOneService_areRefused() {
    for (int i = 0; i < 16; i++) {
      stub()
          .register(
              register(registration(8000 + i).toBuilder().setCheck(Check.CHECK_NONE).build()));
    }
    assertRefused(
        () ->
            stub()
                .register(
                    register(registration(9000).toBuilder().setCheck(Check.CHECK_NONE).build())),
        Status.Code.RESOURCE_EXHAUSTED,
        "FULL",
        "services registered at a node: 256, instances of one service: 16");
  }

  @Test
  void watch_saysThatThereIsNobody_andThenWhoComesAndGoes() {
    Iterator<WatchResponse> told =
        stub().watch(WatchRequest.newBuilder().setService("orders").build());
    WatchResponse last = told.next();
    while (!last.getSynced()) {
      last = told.next();
    }
    assertThat(last.getPresentList()).isEmpty();
    assertThat(last.getVersion()).isZero();
    long incarnation = last.getIncarnation();
    assertThat(incarnation).isNotZero();

    Registration unchecked = registration(8080).toBuilder().setCheck(Check.CHECK_NONE).build();
    stub().register(register(unchecked));
    WatchResponse came = told.next();
    assertThat(came.getPresentList())
        .extracting(Instance::getEndpoint)
        .containsOnly(endpoint(8080));
    assertThat(came.getPresent(0).getRegistered()).isNotZero();
    assertThat(came.getVersion()).isEqualTo(1);
    assertThat(came.getIncarnation()).isEqualTo(incarnation);
    assertThat(came.getSynced()).isTrue();

    Iterator<WatchResponse> another =
        stub().watch(WatchRequest.newBuilder().setService("orders").build());
    WatchResponse snapshot = another.next();
    assertThat(snapshot.getSynced()).isTrue();
    assertThat(snapshot.getVersion()).isEqualTo(1);
    assertThat(snapshot.getPresentCount()).isEqualTo(1);

    stub()
        .deregister(
            DeregisterRequest.newBuilder()
                .setService("orders")
                .setEndpoint(endpoint(8080))
                .build());
    for (Iterator<WatchResponse> each : List.of(told, another)) {
      WatchResponse went = each.next();
      assertThat(went.getGoneList()).extracting(Instance::getEndpoint).containsOnly(endpoint(8080));
      assertThat(went.getVersion()).isEqualTo(2);
    }
  }

  @Test
  void namespaces_areApart() {
    Registration elsewhere =
        registration(8080).toBuilder().setCheck(Check.CHECK_NONE).setNamespace("other").build();
    stub().register(register(elsewhere));
    assertThat(resolved()).isEmpty();
    ResolveRequest there =
        ResolveRequest.newBuilder().setService("orders").setNamespace("other").build();
    assertThat(stub().resolve(there).getInstancesList()).hasSize(1);
  }

  @Test
  void streamsOfOneConnection_leaveRoomForCalls() {
    int most = 48;
    List<Iterator<WatchResponse>> open = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      Iterator<WatchResponse> told =
          stub().watch(WatchRequest.newBuilder().setService("service-" + i).build());
      told.next();
      open.add(told);
    }
    assertRefused(
        () -> stub().watch(WatchRequest.newBuilder().setService("orders").build()).next(),
        Status.Code.RESOURCE_EXHAUSTED,
        "FULL",
        "too many streams of one connection: at most 48, set by --streams-per-connection");
    assertThat(resolved()).isEmpty();
    assertThat(open).hasSize(most);
  }

  private int streams() {
    return AdminServiceGrpc.newBlockingStub(channel)
        .getStatus(GetStatusRequest.getDefaultInstance())
        .getServices()
        .getStreams();
  }

  /** What waits for it is bounded by its being dropped; the other stream hears of everything. */
  @Test
  void peerThatDoesNotRead_isDropped() {
    ManagedChannel slow =
        NettyChannelBuilder.forAddress("127.0.0.1", node.port()).usePlaintext().build();
    try {
      ClientCall<WatchProvidersRequest, WatchProvidersResponse> call =
          slow.newCall(PeerServiceGrpc.getWatchProvidersMethod(), CallOptions.DEFAULT);
      call.start(new ClientCall.Listener<>() {}, new Metadata());
      ServiceName orders = new ServiceName("default", "orders");
      call.sendMessage(
          WatchProvidersRequest.newBuilder()
              .setNetwork(Wire.network())
              .setKey(ByteString.copyFrom(orders.key().toBytes()))
              .build());
      call.halfClose();
      await().atMost(PATIENCE).until(() -> streams() == 1);
      int said = 0;
      while (streams() == 1 && said < 3_000) {
        said++;
        stub()
            .register(
                register(
                    registration(8080).toBuilder()
                        .setCheck(Check.CHECK_NONE)
                        .putMetadata("k", said + "x".repeat(1_000))
                        .build()));
      }
      assertThat(said).isBetween(700, 2_000);
      assertThat(streams()).isZero();
    } finally {
      slow.shutdownNow();
    }
  }

  @Test
  void lookup_tellsOfPeersThatAnswered() throws Exception {
    try (PeerNode other =
        PeerNode.builder()
            .id(NodeId.of(2))
            .listen("127.0.0.1:0")
            .bootstrap("127.0.0.1:" + node.port())
            .start()) {
      other.ready().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      LookupRequest request =
          LookupRequest.newBuilder().setTarget(ByteString.copyFrom(NodeId.of(7).toBytes())).build();
      await().atMost(PATIENCE).until(() -> stub().lookup(request).getPeersCount() == 1);
      var peer = stub().lookup(request).getPeers(0);
      assertThat(peer.getId().toByteArray()).isEqualTo(other.id().toBytes());
      assertThat(peer.getEndpoints(0)).isEqualTo(endpoint(other.port()));
    }
  }

  @Test
  void close_endsWhatIsOpen_atOnce() throws Exception {
    Iterator<WatchResponse> told =
        stub().watch(WatchRequest.newBuilder().setService("orders").build());
    told.next();
    long began = System.nanoTime();
    node.close();
    assertThat(java.time.Duration.ofNanos(System.nanoTime() - began))
        .isLessThan(java.time.Duration.ofSeconds(8));
    StatusRuntimeException ended =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> {
              while (true) {
                told.next();
              }
            });
    assertThat(ended.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void inProcessChannel_leadsToTheSame() throws Exception {
    try (var registered =
        node.services()
            .register(
                "orders",
                new dev.peerdiscovery.core.record.Endpoint("127.0.0.1", 8080),
                java.util.Map.of(),
                java.time.Duration.ofSeconds(10),
                dev.peerdiscovery.node.InstanceCheck.NONE)) {
      registered.published().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      ManagedChannel inside = node.inProcessChannel();
      assertThat(
              DiscoveryServiceGrpc.newBlockingStub(inside)
                  .resolve(ResolveRequest.newBuilder().setService("orders").build())
                  .getInstancesList())
          .hasSize(1);
      assertThat(node.services().resolve("orders").get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .hasSize(1);
      inside.shutdownNow();
    }
    await().atMost(PATIENCE).until(() -> resolved().isEmpty());
  }
}
