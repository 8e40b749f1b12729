package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.admin.v1.GetStatusRequest;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A node in the server of a service that has other things to do, too. */
class HostedNodeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Counts the calls that it sees. */
  private static final class Counting implements ServerInterceptor {
    final AtomicInteger calls = new AtomicInteger();

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      calls.incrementAndGet();
      return next.startCall(call, headers);
    }
  }

  @Test
  void hostedNode_livesNextToAnotherService_onItsThreads() throws Exception {
    int port = freePort();
    Counting peerCalls = new Counting();
    // The host's own executor: the node's services must not need gRPC's direct one.
    NettyServerBuilder host =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
            .addService(new HealthStatusManager().getHealthService());
    PeerNode hosted =
        PeerNode.builder()
            .id(NodeId.of(1))
            .advertise(new Endpoint("127.0.0.1", port))
            .intercept(peerCalls)
            .attachTo(host);
    assertThat(hosted.port()).isZero();
    Server server = host.build().start();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      // Before it takes part nobody is answered.
      StatusRuntimeException tooEarly =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () -> PeerServiceGrpc.newBlockingStub(channel).ping(Wire.ping().build()));
      assertThat(tooEarly.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);

      hosted.join();
      hosted.ready().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      try (PeerNode other =
          PeerNode.builder()
              .id(NodeId.of(2))
              .listen("127.0.0.1:0")
              .bootstrap(new Endpoint("127.0.0.1", port))
              .start()) {
        other.ready().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        await().atMost(PATIENCE).until(() -> hosted.status().get().contacts() == 1);
        assertThat(hosted.lookup(NodeId.of(2)).get(30, TimeUnit.SECONDS))
            .extracting(Contact::id)
            .containsExactly(NodeId.of(2));
        assertThat(peerCalls.calls.get()).isPositive();
      }

      int before = peerCalls.calls.get();
      assertThat(
              HealthGrpc.newBlockingStub(channel)
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatusValue())
          .isPositive();
      assertThat(
              AdminServiceGrpc.newBlockingStub(channel)
                  .getStatus(GetStatusRequest.getDefaultInstance())
                  .getNetwork())
          .isEqualTo("default");
      assertThat(peerCalls.calls.get()).isEqualTo(before);

      // The node leaves; the host goes on, and says that there is no node.
      hosted.close();
      StatusRuntimeException gone =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () -> PeerServiceGrpc.newBlockingStub(channel).ping(Wire.ping().build()));
      assertThat(gone.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());
    } finally {
      hosted.close();
      channel.shutdownNow();
      server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
