package dev.peerdiscovery.proto;

import static dev.peerdiscovery.proto.Fields.checked;
import static dev.peerdiscovery.proto.Fields.optional;
import static dev.peerdiscovery.proto.Fields.required;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The one codec between generated messages and core's values, in both directions; what it does with
 * the records in them is {@link RecordCodec}'s. The names are core's; generated classes are spelled
 * out.
 *
 * <p>Decoding takes whatever a remote may have sent, and either gives a value that keeps all of
 * core's bounds or throws {@link MalformedMessageException}; nothing else.
 *
 * <p>Stateless; safe for use by several threads.
 */
public final class Codec {
  private Codec() {}

  /** Encodes a network. */
  public static dev.peerdiscovery.proto.peer.v1.Network encode(Network network) {
    return dev.peerdiscovery.proto.peer.v1.Network.newBuilder()
        .setName(network.name())
        .setIdentity(encode(network.identity()))
        .setScope(encode(network.scope()))
        .setProtocolVersion(network.protocolVersion())
        .build();
  }

  /** Decodes a network. */
  public static Network decode(dev.peerdiscovery.proto.peer.v1.Network message)
      throws MalformedMessageException {
    // An int holds what is 2^31 and more on the wire as a negative number.
    if (message.getProtocolVersion() < 1) {
      throw new MalformedMessageException("protocol_version", "must be 1 to 2147483647");
    }
    IdentityMode identity = decode(message.getIdentity());
    Scope scope = decode(message.getScope());
    return checked(
        () -> new Network(message.getName(), identity, scope, message.getProtocolVersion()));
  }

  /** Encodes a Ping. */
  public static dev.peerdiscovery.proto.peer.v1.PingRequest encode(PingRequest request) {
    var message =
        dev.peerdiscovery.proto.peer.v1.PingRequest.newBuilder()
            .setNetwork(encode(request.network()))
            .setDialled(RecordCodec.encode(request.dialled()));
    if (!request.nonce().isEmpty()) {
      message.setNonce(Fields.bytes(request.nonce()));
    }
    request.caller().ifPresent(caller -> message.setCaller(RecordCodec.encode(caller)));
    request.wantedId().ifPresent(id -> message.setWantedId(Fields.bytes(id)));
    return message.build();
  }

  /** Decodes a Ping. */
  public static PingRequest decode(dev.peerdiscovery.proto.peer.v1.PingRequest message)
      throws MalformedMessageException {
    Network network = required("network", message.hasNetwork(), () -> decode(message.getNetwork()));
    if (message.hasNonce() && message.getNonce().size() != PingRequest.NONCE_BYTES) {
      throw Fields.wrongLength("nonce", PingRequest.NONCE_BYTES, message.getNonce());
    }
    Optional<SignedPeerRecord> caller =
        optional("caller", message.hasCaller(), () -> RecordCodec.decode(message.getCaller()));
    Endpoint dialled =
        required("dialled", message.hasDialled(), () -> RecordCodec.decode(message.getDialled()));
    Optional<NodeId> wantedId = wantedId(message.hasWantedId(), message.getWantedId());
    return new PingRequest(network, caller, wantedId, dialled, Fields.bytes(message.getNonce()));
  }

  /** Encodes the answer to a Ping. */
  public static dev.peerdiscovery.proto.peer.v1.PingResponse encode(PingResponse response) {
    var message =
        dev.peerdiscovery.proto.peer.v1.PingResponse.newBuilder()
            .setResponder(RecordCodec.encode(response.responder()));
    if (!response.proof().isEmpty()) {
      message.setProof(Fields.bytes(response.proof()));
    }
    response.observed().ifPresent(observed -> message.setObserved(RecordCodec.encode(observed)));
    return message.build();
  }

  /** Decodes the answer to a Ping. An empty proof is none. */
  public static PingResponse decode(dev.peerdiscovery.proto.peer.v1.PingResponse message)
      throws MalformedMessageException {
    SignedPeerRecord responder =
        required(
            "responder", message.hasResponder(), () -> RecordCodec.decode(message.getResponder()));
    Optional<Endpoint> observed =
        optional(
            "observed", message.hasObserved(), () -> RecordCodec.decode(message.getObserved()));
    return checked(() -> new PingResponse(responder, Fields.bytes(message.getProof()), observed));
  }

  /** Encodes a FindNode. */
  public static dev.peerdiscovery.proto.peer.v1.FindNodeRequest encode(FindNodeRequest request) {
    var message =
        dev.peerdiscovery.proto.peer.v1.FindNodeRequest.newBuilder()
            .setNetwork(encode(request.network()))
            .setTarget(Fields.bytes(request.target()));
    request.caller().ifPresent(caller -> message.setCaller(RecordCodec.encode(caller)));
    request.wantedId().ifPresent(id -> message.setWantedId(Fields.bytes(id)));
    return message.build();
  }

  /** Decodes a FindNode. */
  public static FindNodeRequest decode(dev.peerdiscovery.proto.peer.v1.FindNodeRequest message)
      throws MalformedMessageException {
    Network network = required("network", message.hasNetwork(), () -> decode(message.getNetwork()));
    NodeId target = Fields.requiredId("target", message.getTarget());
    Optional<SignedPeerRecord> caller =
        optional("caller", message.hasCaller(), () -> RecordCodec.decode(message.getCaller()));
    Optional<NodeId> wantedId = wantedId(message.hasWantedId(), message.getWantedId());
    return new FindNodeRequest(network, caller, wantedId, target);
  }

  /** Encodes the answer to a FindNode. */
  public static dev.peerdiscovery.proto.peer.v1.FindNodeResponse encode(FindNodeResponse response) {
    var message = dev.peerdiscovery.proto.peer.v1.FindNodeResponse.newBuilder();
    response.peers().forEach(peer -> message.addPeers(RecordCodec.encode(peer)));
    return message.build();
  }

  /**
   * Decodes the answer to a FindNode. A malformed record in it is left out, because the responder
   * relays what others made, and the good ones are of use; too many of them is its own doing.
   */
  public static FindNodeResponse decode(dev.peerdiscovery.proto.peer.v1.FindNodeResponse message)
      throws MalformedMessageException {
    if (message.getPeersCount() > FindNodeResponse.MAX_PEERS) {
      throw new MalformedMessageException("peers", "more than " + FindNodeResponse.MAX_PEERS);
    }
    List<SignedPeerRecord> peers = new ArrayList<>();
    for (var peer : message.getPeersList()) {
      try {
        peers.add(RecordCodec.decode(peer));
      } catch (MalformedMessageException e) {
        // Left out.
      }
    }
    return new FindNodeResponse(peers);
  }

  static dev.peerdiscovery.proto.peer.v1.IdentityMode encode(IdentityMode identity) {
    return switch (identity) {
      case ASSIGNED -> dev.peerdiscovery.proto.peer.v1.IdentityMode.IDENTITY_MODE_ASSIGNED;
      case SIGNED -> dev.peerdiscovery.proto.peer.v1.IdentityMode.IDENTITY_MODE_SIGNED;
    };
  }

  static IdentityMode decode(dev.peerdiscovery.proto.peer.v1.IdentityMode identity)
      throws MalformedMessageException {
    return switch (identity) {
      case IDENTITY_MODE_ASSIGNED -> IdentityMode.ASSIGNED;
      case IDENTITY_MODE_SIGNED -> IdentityMode.SIGNED;
      case IDENTITY_MODE_UNSPECIFIED -> throw new MalformedMessageException("identity", "required");
      case UNRECOGNIZED -> throw new MalformedMessageException("identity", "unknown");
    };
  }

  static dev.peerdiscovery.proto.peer.v1.Scope encode(Scope scope) {
    return switch (scope) {
      case PRIVATE -> dev.peerdiscovery.proto.peer.v1.Scope.SCOPE_PRIVATE;
      case PUBLIC -> dev.peerdiscovery.proto.peer.v1.Scope.SCOPE_PUBLIC;
      case LOOPBACK -> dev.peerdiscovery.proto.peer.v1.Scope.SCOPE_LOOPBACK;
    };
  }

  static Scope decode(dev.peerdiscovery.proto.peer.v1.Scope scope)
      throws MalformedMessageException {
    return switch (scope) {
      case SCOPE_PRIVATE -> Scope.PRIVATE;
      case SCOPE_PUBLIC -> Scope.PUBLIC;
      case SCOPE_LOOPBACK -> Scope.LOOPBACK;
      case SCOPE_UNSPECIFIED -> throw new MalformedMessageException("scope", "required");
      case UNRECOGNIZED -> throw new MalformedMessageException("scope", "unknown");
    };
  }

  static Optional<NodeId> wantedId(boolean present, ByteString bytes)
      throws MalformedMessageException {
    return optional("wanted_id", present, () -> Fields.id("wanted_id", bytes));
  }
}
