package dev.peerdiscovery.tests;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.proto.peer.v1.FindNodeRequest;
import dev.peerdiscovery.proto.peer.v1.FindNodeResponse;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PingRequest;
import dev.peerdiscovery.proto.peer.v1.PingResponse;
import dev.peerdiscovery.proto.peer.v1.SignedPeerRecord;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A peer that proves its id as it should, so that others take it in, and answers FindNode as a test
 * wants, or throws its refusal. It also answers for any other id that it is asked for.
 */
final class HostilePeer implements AutoCloseable {
  final NodeId id;
  final int port;
  final AtomicInteger asked = new AtomicInteger();

  private final Server server;
  private volatile Function<FindNodeRequest, FindNodeResponse> answer =
      request -> FindNodeResponse.getDefaultInstance();

  HostilePeer(NodeId id) throws Exception {
    this.id = id;
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .directExecutor()
            .addService(new Service())
            .build()
            .start();
    this.port = server.getPort();
  }

  Endpoint endpoint() {
    return new Endpoint("127.0.0.1", port);
  }

  SignedPeerRecord record() {
    return Wire.peer(id, "127.0.0.1", port);
  }

  void answers(Function<FindNodeRequest, FindNodeResponse> value) {
    answer = value;
  }

  private final class Service extends PeerServiceGrpc.PeerServiceImplBase {
    @Override
    public void ping(PingRequest request, StreamObserver<PingResponse> observer) {
      SignedPeerRecord responder =
          request.hasWantedId()
              ? Wire.signed(
                  Wire.record(id, Wire.endpoint("127.0.0.1", port)).setId(request.getWantedId()))
              : record();
      observer.onNext(
          PingResponse.newBuilder().setResponder(responder).setProof(request.getNonce()).build());
      observer.onCompleted();
    }

    @Override
    public void findNode(FindNodeRequest request, StreamObserver<FindNodeResponse> observer) {
      asked.incrementAndGet();
      try {
        observer.onNext(answer.apply(request));
        observer.onCompleted();
      } catch (StatusRuntimeException refusal) {
        observer.onError(refusal);
      }
    }
  }

  /** The id in a record as it travels. */
  static NodeId idOf(SignedPeerRecord record) {
    try {
      return NodeId.fromBytes(
          dev.peerdiscovery.proto.peer.v1.PeerRecord.parseFrom(record.getRecord())
              .getId()
              .toByteArray());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
