package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.peerdiscovery.core.engine.EngineStatus;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.node.Limits;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.peer.v1.FindNodeResponse;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PingRequest;
import dev.peerdiscovery.proto.peer.v1.PingResponse;
import dev.peerdiscovery.proto.peer.v1.SignedPeerRecord;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a stranger can do to a connection, or with the calls on it. */
class HostileTransportTest extends HostileTest {
  private static Socket silent;

  @BeforeAll
  static void openSilently() throws IOException {
    silent = new Socket(InetAddress.getByName("127.0.0.1"), victim.node.port());
  }

  @AfterAll
  static void closeSilent() throws IOException {
    silent.close();
  }

  @Row({12, 36})
  @Test
  void messageOverTheLimit_isRefused_andTheConnectionLives() {
    SignedPeerRecord vast = Wire.peer(NodeId.ZERO, "a".repeat(1 << 20), 7400);
    assertThat(refusal(Wire.pingFrom(vast)).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    PingRequest large = Wire.ping().setNonce(Wire.bytes(70 * 1024)).build();
    assertThat(refusal(large).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Row(35)
  @Test
  void hugeMetadata_isRefused_andTheConnectionLives() {
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of("huge", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(6000));
    StatusRuntimeException error =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                victim
                    .stub()
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
                    .ping(Wire.ping().build()));
    assertThat(error.getStatus().getCode())
        .isIn(Status.Code.INTERNAL, Status.Code.RESOURCE_EXHAUSTED, Status.Code.UNKNOWN);
  }

  @Row(37)
  @Test
  void compressedBomb_isRefused() {
    // 10 MB of one unknown field, 10 KB on the wire.
    byte[] zeros = new byte[10 << 20];
    UnknownFieldSet vast =
        UnknownFieldSet.newBuilder()
            .addField(
                1000,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFrom(zeros))
                    .build())
            .build();
    PingRequest bomb = Wire.ping().setUnknownFields(vast).build();
    StatusRuntimeException error =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> victim.stub().withCompression("gzip").ping(bomb));
    assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Row({38, 40})
  @Test
  void deadlinesAndCancelling_leaveNothingBehind() throws Exception {
    PeerServiceGrpc.PeerServiceBlockingStub patient =
        PeerServiceGrpc.newBlockingStub(victim.channel());
    assertThat(patient.ping(Wire.ping().build()).hasResponder()).isTrue();
    for (long deadline : new long[] {0, -1}) {
      StatusRuntimeException error =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () ->
                  patient
                      .withDeadlineAfter(deadline, TimeUnit.NANOSECONDS)
                      .ping(Wire.ping().build()));
      assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
    // Cancelled calls count against their connection.
    ManagedChannel own = victim.connect();
    try {
      PeerServiceGrpc.PeerServiceFutureStub async = PeerServiceGrpc.newFutureStub(own);
      for (int i = 0; i < 100; i++) {
        Future<FindNodeResponse> call = async.findNode(Wire.findNode(random()).build());
        call.cancel(true);
      }
      assertThat(PeerServiceGrpc.newBlockingStub(own).ping(Wire.ping().build()).hasResponder())
          .isTrue();
    } finally {
      own.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  /** Whoever cancels by the thousand loses its connection; nobody else notices. */
  @Row(41)
  @Test
  void stormOfCancels_costsOnlyItsOwnConnection() throws Exception {
    ManagedChannel own = victim.connect();
    try {
      PeerServiceGrpc.PeerServiceFutureStub async = PeerServiceGrpc.newFutureStub(own);
      for (int i = 0; i < 2000; i++) {
        Future<PingResponse> call = async.ping(Wire.ping().build());
        call.cancel(true);
      }
      assertThat(victim.stub().ping(Wire.ping().build()).hasResponder()).isTrue();
    } finally {
      own.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  /** Opened before all other tests, closed by the node after ten seconds. */
  @Row(42)
  @Test
  void silentConnection_isClosed() throws IOException {
    silent.setSoTimeout((int) Victim.PATIENCE.toMillis());
    drain(silent.getInputStream());
  }

  /** Whoever connects and says nothing belongs to nobody, and cannot be counted as anybody's. */
  @Row(42)
  @Test
  void hundredSilentConnections_keepNobodyOut_andDoNotStay() throws Exception {
    Limits limits =
        Limits.defaults().toBuilder().halfOpen(16).handshake(Duration.ofMinutes(2)).build();
    List<Socket> silent = new ArrayList<>();
    try (PeerNode node =
        PeerNode.builder().id(random()).listen("127.0.0.1:0").limits(limits).start()) {
      for (int i = 0; i < 100; i++) {
        silent.add(new Socket(InetAddress.getByName("127.0.0.1"), node.port()));
      }
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", node.port()).usePlaintext().build();
      try {
        PingResponse answer =
            PeerServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(Victim.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .ping(Wire.ping().build());
        assertThat(answer.hasResponder()).isTrue();
      } finally {
        channel.shutdownNow();
      }
      // All but sixteen are closed at once, and not after two minutes.
      for (Socket socket : silent.subList(0, 100 - 16)) {
        socket.setSoTimeout((int) Victim.PATIENCE.toMillis());
        drain(socket.getInputStream());
      }
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @Row(44)
  @Test
  void otherProtocols_areDisconnected() throws IOException {
    byte[] hello = new byte[200];
    System.arraycopy(
        new byte[] {0x16, 3, 1, 0, (byte) 195, 1, 0, 0, (byte) 191, 3, 3}, 0, hello, 0, 11);
    for (byte[] greeting :
        List.of(
            "GET / HTTP/1.1\r\nHost: example\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
            hello,
            "EHLO example\r\n".repeat(10).getBytes(StandardCharsets.US_ASCII))) {
      try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), victim.node.port())) {
        socket.setSoTimeout((int) Victim.PATIENCE.toMillis());
        OutputStream out = socket.getOutputStream();
        out.write(greeting);
        out.flush();
        drain(socket.getInputStream());
      }
    }
  }

  /** Reads to the end, which comes when the other side closes; a time-out fails the test. */
  private static void drain(InputStream in) throws IOException {
    try {
      while (in.read() >= 0) {
        // What it says does not matter.
      }
    } catch (SocketException e) {
      // Reset: closed, too.
      assertThat(e).isNotNull();
    }
  }

  @Row(48)
  @Test
  void unknownMethod_isUnimplemented() {
    for (String method : List.of("Store", "Ping2", "")) {
      assertThat(rawRefusal(method, new byte[0]).getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    }
  }

  /** Nobody stands behind any of them, so they cost calls, a bounded number at a time. */
  @Test
  void floodOfStrangers_isBounded() throws Exception {
    int strangers = 10_000;
    int nobody = closedPort();
    PeerServiceGrpc.PeerServiceStub stub = PeerServiceGrpc.newStub(victim.channel());
    Semaphore permits = new Semaphore(50);
    CountDownLatch answered = new CountDownLatch(strangers);
    for (int i = 0; i < strangers; i++) {
      permits.acquire();
      stub.withDeadlineAfter(1, TimeUnit.MINUTES)
          .ping(
              Wire.pingFrom(Wire.peer(random(), "127.0.0.1", nobody)),
              new StreamObserver<>() {
                @Override
                public void onNext(PingResponse response) {}

                @Override
                public void onError(Throwable error) {
                  permits.release();
                }

                @Override
                public void onCompleted() {
                  answered.countDown();
                  permits.release();
                }
              });
      if (i % 1000 == 0) {
        EngineStatus status = victim.node.status().get();
        assertThat(status.callsUnderWay()).isLessThan(200);
        assertThat(status.replacements()).isLessThanOrEqualTo(256 * 20);
      }
    }
    assertThat(answered.await(60, TimeUnit.SECONDS)).isTrue();
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> victim.node.status().get().callsUnderWay() == 0);
    EngineStatus status = victim.node.status().get();
    assertThat(status.contacts()).isEqualTo(3);
    assertThat(status.replacements()).isLessThanOrEqualTo(256 * 20);
  }
}
