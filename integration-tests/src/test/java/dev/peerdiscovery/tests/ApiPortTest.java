package dev.peerdiscovery.tests;

import static io.grpc.health.v1.HealthCheckResponse.ServingStatus.NOT_SERVING;
import static io.grpc.health.v1.HealthCheckResponse.ServingStatus.SERVING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peerdiscovery.client.tls.Tls;
import dev.peerdiscovery.core.engine.EngineStatus;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.Limits;
import dev.peerdiscovery.node.ListenAddress;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.admin.v1.GetStatusRequest;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is told what on which port. */
class ApiPortTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String READY = PeerServiceGrpc.SERVICE_NAME;

  private final List<ManagedChannel> channels = new ArrayList<>();

  @AfterEach
  void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }

  private ManagedChannel channel(String host, int port) {
    ManagedChannel channel = NettyChannelBuilder.forAddress(host, port).usePlaintext().build();
    channels.add(channel);
    return channel;
  }

  @Test
  void api_takesOperatorsHealthAndReflectionAway_andAnswersPeersToo() throws Exception {
    try (PeerNode node =
        PeerNode.builder()
            .id(NodeId.of(1))
            .listen("127.0.0.1:0")
            .api(ListenAddress.parse("127.0.0.1:0"))
            .start()) {
      ManagedChannel main = channel("127.0.0.1", node.port());
      ManagedChannel api = channel("127.0.0.1", node.apiPort().orElseThrow());
      await().atMost(PATIENCE).until(() -> health(api, READY) == SERVING);

      assertThat(admin(api)).isEqualTo(Status.Code.OK);
      assertThat(services(api)).contains(PeerServiceGrpc.SERVICE_NAME);
      assertThat(ping(main)).isEqualTo(Status.Code.OK);

      assertThat(admin(main)).isEqualTo(Status.Code.UNIMPLEMENTED);
      StatusRuntimeException health =
          catchThrowableOfType(StatusRuntimeException.class, () -> health(main, ""));
      assertThat(health.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(catchThrowableOfType(ExecutionException.class, () -> services(main)).getCause())
          .hasMessageContaining("UNIMPLEMENTED");
    }
  }

  /** Or it would be a way in without a certificate. */
  @Test
  void api_doesNotAnswerPeers_whereTheyHaveTls() throws Exception {
    try (PeerNode node =
        PeerNode.builder()
            .listen("127.0.0.1:0")
            .tls(Tls.peer())
            .api(ListenAddress.parse("127.0.0.1:0"))
            .start()) {
      ManagedChannel api = channel("127.0.0.1", node.apiPort().orElseThrow());
      assertThat(ping(api)).isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(admin(api)).isEqualTo(Status.Code.OK);
      assertThat(services(api)).doesNotContain(PeerServiceGrpc.SERVICE_NAME);
    }
  }

  @Test
  void api_hasTheLimitsOfPeers_andConnectionsOfItsOwn() throws Exception {
    try (PeerNode node =
        PeerNode.builder()
            .id(NodeId.of(1))
            .listen("127.0.0.1:0")
            .api(ListenAddress.parse("127.0.0.1:0"))
            .limits(Limits.defaults().toBuilder().callsPerSecondPerPeer(3).connections(1).build())
            .start()) {
      int apiPort = node.apiPort().orElseThrow();
      assertThat(ping(channel("127.0.0.1", node.port()))).isEqualTo(Status.Code.OK);
      ManagedChannel api = channel("127.0.0.1", apiPort);
      assertThat(ping(api)).isEqualTo(Status.Code.OK);
      await().atMost(PATIENCE).until(() -> ping(api) == Status.Code.RESOURCE_EXHAUSTED);
      assertThat(admin(api)).isEqualTo(Status.Code.OK);
      // One connection too many may not call as a peer, but an operator gets through.
      ManagedChannel second = channel("127.0.0.1", apiPort);
      assertThat(ping(second)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(admin(second)).isEqualTo(Status.Code.OK);
    }
  }

  @Test
  void mainPort_tellsOperatorsOfThisMachineOnly() throws Exception {
    Optional<InetAddress> own = ownAddress();
    try (PeerNode node = PeerNode.builder().id(NodeId.of(1)).listen("0.0.0.0:0").start()) {
      ManagedChannel local = channel("127.0.0.1", node.port());
      await().atMost(PATIENCE).until(() -> health(local, READY) == SERVING);
      assertThat(admin(local)).isEqualTo(Status.Code.OK);
      assertThat(services(local)).contains(AdminServiceGrpc.SERVICE_NAME);

      assumeTrue(own.isPresent(), "this machine has no address but loopback");
      ManagedChannel outside = channel(own.get().getHostAddress(), node.port());
      assertThat(ping(outside)).isEqualTo(Status.Code.OK);
      assertThat(health(outside, "")).isEqualTo(SERVING);
      assertThat(admin(outside)).isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(catchThrowableOfType(ExecutionException.class, () -> services(outside)).getCause())
          .hasMessageContaining("PERMISSION_DENIED");
    }
  }

  @Test
  void health_tellsLivingFromTakingPart() throws Exception {
    try (PeerNode node =
        PeerNode.builder().id(NodeId.of(1)).listen("127.0.0.1:0").requirePeer(true).start()) {
      ManagedChannel channel = channel("127.0.0.1", node.port());
      await().atMost(PATIENCE).until(() -> node.status().get().state() == EngineStatus.State.ALONE);
      assertThat(health(channel, "")).isEqualTo(SERVING);
      assertThat(health(channel, "liveness")).isEqualTo(SERVING);
      assertThat(health(channel, READY)).isEqualTo(NOT_SERVING);
      StatusRuntimeException unknown =
          catchThrowableOfType(StatusRuntimeException.class, () -> health(channel, "unknown"));
      assertThat(unknown.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);

      try (PeerNode other =
          PeerNode.builder()
              .id(NodeId.of(2))
              .listen("127.0.0.1:0")
              .bootstrap(new Endpoint("127.0.0.1", node.port()))
              .start()) {
        other.ready().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        await().atMost(PATIENCE).until(() -> health(channel, READY) == SERVING);
        assertThat(node.ready()).isCompleted();
      }
    }
  }

  private static ServingStatus health(ManagedChannel channel, String service) {
    return HealthGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  private static Status.Code admin(ManagedChannel channel) {
    try {
      AdminServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .getStatus(GetStatusRequest.getDefaultInstance());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private static Status.Code ping(ManagedChannel channel) {
    try {
      PeerServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .ping(Wire.ping().build());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  /** The services that reflection lists. */
  private static List<String> services(ManagedChannel channel) throws Exception {
    CompletableFuture<List<String>> listed = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(channel)
            .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    listed.complete(
                        response.getListServicesResponse().getServiceList().stream()
                            .map(service -> service.getName())
                            .toList());
                  }

                  @Override
                  public void onError(Throwable error) {
                    listed.completeExceptionally(error);
                  }

                  @Override
                  public void onCompleted() {}
                });
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    List<String> services = listed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    requests.onCompleted();
    return services;
  }

  /** An address of this machine that is not loopback. */
  private static Optional<InetAddress> ownAddress() throws Exception {
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(each.getInetAddresses())) {
        if (each.isUp() && !address.isLoopbackAddress() && address.getAddress().length == 4) {
          return Optional.of(address);
        }
      }
    }
    return Optional.empty();
  }
}
