package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.proto.peer.v1.FindNodeRequest;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PingRequest;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/**
 * A node that something hostile is done to; after each test it answers as before and knows whom it
 * knew.
 */
abstract class HostileTest {
  static Victim victim;

  @BeforeAll
  static void startVictim() throws Exception {
    victim = new Victim();
  }

  @AfterAll
  static void stopVictim() {
    victim.close();
  }

  @AfterEach
  void unharmed() throws Exception {
    victim.assertUnharmed();
  }

  static void assertMalformed(PingRequest request, String detail) {
    assertMalformed(refusal(request), detail);
  }

  static void assertMalformed(FindNodeRequest request, String detail) {
    assertMalformed(
        catchThrowableOfType(StatusRuntimeException.class, () -> victim.stub().findNode(request))
            .getStatus(),
        detail);
  }

  static void assertMalformed(Status status, String detail) {
    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).contains(detail);
  }

  static void assertRefused(PingRequest request, String reason) {
    StatusRuntimeException error =
        catchThrowableOfType(StatusRuntimeException.class, () -> victim.stub().ping(request));
    assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    Any detail = StatusProto.fromThrowable(error).getDetails(0);
    try {
      ErrorInfo info = detail.unpack(ErrorInfo.class);
      assertThat(info.getDomain()).isEqualTo("peerdiscovery.dev");
      assertThat(info.getReason()).isEqualTo(reason);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Status refusal(PingRequest request) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> victim.stub().ping(request))
        .getStatus();
  }

  static Status rawRefusal(String method, byte[] request) {
    return catchThrowableOfType(
            StatusRuntimeException.class, () -> raw(method, request, CallOptions.DEFAULT))
        .getStatus();
  }

  /** Calls with whatever bytes. */
  static byte[] raw(String method, byte[] request, CallOptions options) {
    MethodDescriptor.Marshaller<byte[]> bytes =
        new MethodDescriptor.Marshaller<>() {
          @Override
          public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
          }

          @Override
          public byte[] parse(InputStream stream) {
            try {
              return stream.readAllBytes();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(
                MethodDescriptor.generateFullMethodName(PeerServiceGrpc.SERVICE_NAME, method))
            .setRequestMarshaller(bytes)
            .setResponseMarshaller(bytes)
            .build();
    return ClientCalls.blockingUnaryCall(
        victim.channel(),
        descriptor,
        options.withDeadlineAfter(Victim.PATIENCE.toSeconds(), TimeUnit.SECONDS),
        request);
  }

  static NodeId random() {
    return NodeId.random(victim.random);
  }

  /** A port at which nobody listens; taken and given back. */
  static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
