package dev.peerdiscovery.tests;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.proto.peer.v1.Endpoint;
import dev.peerdiscovery.proto.peer.v1.FindNodeRequest;
import dev.peerdiscovery.proto.peer.v1.IdentityMode;
import dev.peerdiscovery.proto.peer.v1.Network;
import dev.peerdiscovery.proto.peer.v1.PeerRecord;
import dev.peerdiscovery.proto.peer.v1.PingRequest;
import dev.peerdiscovery.proto.peer.v1.Scope;
import dev.peerdiscovery.proto.peer.v1.SignedPeerRecord;

/** Messages as they are on the wire, good ones to make bad ones of. */
final class Wire {
  private Wire() {}

  static Network network() {
    return Network.newBuilder()
        .setName("default")
        .setIdentity(IdentityMode.IDENTITY_MODE_ASSIGNED)
        .setScope(Scope.SCOPE_PRIVATE)
        .setProtocolVersion(1)
        .build();
  }

  static ByteString bytes(NodeId id) {
    return ByteString.copyFrom(id.toBytes());
  }

  static ByteString bytes(int count) {
    return ByteString.copyFrom(new byte[count]);
  }

  static Endpoint endpoint(String host, int port) {
    return Endpoint.newBuilder().setHost(host).setPort(port).build();
  }

  /** The content of a record, of the lowest sequence there is. */
  static PeerRecord.Builder record(NodeId id, Endpoint... endpoints) {
    PeerRecord.Builder record =
        PeerRecord.newBuilder().setId(bytes(id)).setSequence(1).setNetwork("default");
    for (Endpoint endpoint : endpoints) {
      record.addEndpoints(endpoint);
    }
    return record;
  }

  static SignedPeerRecord signed(PeerRecord.Builder record) {
    return SignedPeerRecord.newBuilder().setRecord(record.build().toByteString()).build();
  }

  static SignedPeerRecord peer(NodeId id, String host, int port) {
    return signed(record(id, endpoint(host, port)));
  }

  static PingRequest.Builder ping() {
    return PingRequest.newBuilder()
        .setNetwork(network())
        .setNonce(bytes(32))
        .setDialled(endpoint("127.0.0.1", 7400));
  }

  static PingRequest pingFrom(SignedPeerRecord caller) {
    return ping().setCaller(caller).build();
  }

  static FindNodeRequest.Builder findNode(NodeId target) {
    return FindNodeRequest.newBuilder().setNetwork(network()).setTarget(bytes(target));
  }
}
