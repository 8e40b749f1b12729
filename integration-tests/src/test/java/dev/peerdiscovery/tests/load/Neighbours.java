package dev.peerdiscovery.tests.load;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.proto.peer.v1.FindNodeRequest;
import dev.peerdiscovery.proto.peer.v1.FindNodeResponse;
import dev.peerdiscovery.proto.peer.v1.IdentityMode;
import dev.peerdiscovery.proto.peer.v1.Network;
import dev.peerdiscovery.proto.peer.v1.PeerRecord;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PingRequest;
import dev.peerdiscovery.proto.peer.v1.PingResponse;
import dev.peerdiscovery.proto.peer.v1.Scope;
import dev.peerdiscovery.proto.peer.v1.SignedPeerRecord;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The peers that a node of a large network has in its table: one server that proves whatever id it
 * is called by, and the ids that fill the buckets as a million random ones would.
 */
final class Neighbours implements AutoCloseable {
  /** Twenty in each of the fifteen buckets that a million peers fill. */
  static final int COUNT = 300;

  private static final int PER_BUCKET = 20;
  private static final long SEED = 7;

  /** A field that no version knows, as long as a key and a signature with their framing. */
  private static final UnknownFieldSet PADDING =
      UnknownFieldSet.newBuilder()
          .addField(
              15,
              UnknownFieldSet.Field.newBuilder()
                  .addLengthDelimited(ByteString.copyFrom(new byte[98]))
                  .build())
          .build();

  private final Server server;

  Neighbours() throws Exception {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .directExecutor()
            .addService(new Service())
            .build()
            .start();
  }

  Endpoint endpoint() {
    return new Endpoint("127.0.0.1", server.getPort());
  }

  /** The ids of the peers in a node's table, those of the farthest bucket first. */
  static List<NodeId> ids(NodeId node) {
    SplittableRandom random = new SplittableRandom(SEED);
    List<NodeId> ids = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      int bucket = NodeId.BITS - 1 - i / PER_BUCKET;
      ids.add(inBucket(node, bucket, random));
    }
    return ids;
  }

  private static NodeId inBucket(NodeId node, int bucket, SplittableRandom random) {
    NodeId drawn = NodeId.random(random);
    byte[] bytes = drawn.toBytes();
    byte[] own = node.toBytes();
    for (int bit = NodeId.BITS - 1; bit >= bucket; bit--) {
      int at = (NodeId.BITS - 1 - bit) / 8;
      int mask = 1 << (bit % 8);
      int wanted = own[at] & mask;
      wanted = bit == bucket ? wanted ^ mask : wanted;
      bytes[at] = (byte) ((bytes[at] & ~mask) | wanted);
    }
    return NodeId.fromBytes(bytes);
  }

  /** A record as long as one with a key and a signature, 173 bytes for an IPv4 address. */
  static SignedPeerRecord record(NodeId id, Endpoint at) {
    return record(content(id, at).setUnknownFields(PADDING));
  }

  /** A record of a network with assigned ids. */
  static SignedPeerRecord unsigned(NodeId id, Endpoint at) {
    return record(content(id, at));
  }

  private static SignedPeerRecord record(PeerRecord.Builder content) {
    return SignedPeerRecord.newBuilder().setRecord(content.build().toByteString()).build();
  }

  private static PeerRecord.Builder content(NodeId id, Endpoint at) {
    return PeerRecord.newBuilder()
        .setId(ByteString.copyFrom(id.toBytes()))
        .addEndpoints(
            dev.peerdiscovery.proto.peer.v1.Endpoint.newBuilder()
                .setHost(at.host())
                .setPort(at.port()))
        .setSequence(1_750_000_000_000L)
        .setNetwork("default");
  }

  static Network network() {
    return Network.newBuilder()
        .setName("default")
        .setIdentity(IdentityMode.IDENTITY_MODE_ASSIGNED)
        .setScope(Scope.SCOPE_PRIVATE)
        .setProtocolVersion(1)
        .build();
  }

  /** The introduction that has a node call a peer back and take it in. */
  PingRequest introduction(NodeId id) {
    return PingRequest.newBuilder()
        .setNetwork(network())
        .setDialled(
            dev.peerdiscovery.proto.peer.v1.Endpoint.newBuilder().setHost("127.0.0.1").setPort(1))
        .setCaller(record(id, endpoint()))
        .build();
  }

  private final class Service extends PeerServiceGrpc.PeerServiceImplBase {
    @Override
    public void ping(PingRequest request, StreamObserver<PingResponse> observer) {
      NodeId wanted = NodeId.fromBytes(request.getWantedId().toByteArray());
      observer.onNext(
          PingResponse.newBuilder()
              .setResponder(record(wanted, endpoint()))
              .setProof(request.getNonce())
              .build());
      observer.onCompleted();
    }

    @Override
    public void findNode(FindNodeRequest request, StreamObserver<FindNodeResponse> observer) {
      observer.onNext(FindNodeResponse.getDefaultInstance());
      observer.onCompleted();
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
