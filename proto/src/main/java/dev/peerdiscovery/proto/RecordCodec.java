package dev.peerdiscovery.proto;

import static dev.peerdiscovery.proto.Fields.checked;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Domain;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.RecordSigner;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of the {@linkplain Codec codec} that is for records, which travel outside of requests,
 * too.
 *
 * <p>The bytes of a record are kept as they came, unknown fields included, because they may be
 * signed: to relay a record is to send those bytes, never to encode its content anew.
 *
 * <p>Stateless; safe for use by several threads.
 */
public final class RecordCodec {
  private RecordCodec() {}

  /** Encodes an endpoint. */
  public static dev.peerdiscovery.proto.peer.v1.Endpoint encode(Endpoint endpoint) {
    return dev.peerdiscovery.proto.peer.v1.Endpoint.newBuilder()
        .setHost(endpoint.host())
        .setPort(endpoint.port())
        .build();
  }

  /** Decodes an endpoint; the host comes out in its canonical form. */
  public static Endpoint decode(dev.peerdiscovery.proto.peer.v1.Endpoint message)
      throws MalformedMessageException {
    return checked(() -> new Endpoint(message.getHost(), message.getPort()));
  }

  /** Serialises what a peer says about itself: what is signed, and travels in a signed record. */
  public static Bytes encode(PeerRecord record) {
    var message =
        dev.peerdiscovery.proto.peer.v1.PeerRecord.newBuilder()
            .setId(Fields.bytes(record.id()))
            .setSequence(record.sequence())
            .setNetwork(record.network());
    record.endpoints().forEach(endpoint -> message.addEndpoints(encode(endpoint)));
    return Bytes.copyOf(message.build().toByteArray());
  }

  /** Parses a serialised record; fields that this version does not know are passed over. */
  public static PeerRecord decodeRecord(Bytes encoded) throws MalformedMessageException {
    dev.peerdiscovery.proto.peer.v1.PeerRecord message;
    try {
      message = dev.peerdiscovery.proto.peer.v1.PeerRecord.parseFrom(encoded.toArray());
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedMessageException("record", "not a serialised PeerRecord");
    }
    return Fields.in("record", () -> decode(message));
  }

  private static PeerRecord decode(dev.peerdiscovery.proto.peer.v1.PeerRecord message)
      throws MalformedMessageException {
    NodeId id = Fields.requiredId("id", message.getId());
    List<Endpoint> endpoints = new ArrayList<>();
    for (var endpoint : message.getEndpointsList()) {
      endpoints.add(Fields.in("endpoints", () -> decode(endpoint)));
    }
    return new PeerRecord(id, endpoints, message.getSequence(), message.getNetwork());
  }

  /** Encodes a record as it travels, its bytes as they are. */
  public static dev.peerdiscovery.proto.peer.v1.SignedPeerRecord encode(SignedPeerRecord record) {
    return dev.peerdiscovery.proto.peer.v1.SignedPeerRecord.newBuilder()
        .setRecord(Fields.bytes(record.encoded()))
        .setPublicKey(Fields.bytes(record.publicKey()))
        .setSignature(Fields.bytes(record.signature()))
        .build();
  }

  /** Decodes a record as it travels. It stays unverified. */
  public static SignedPeerRecord decode(dev.peerdiscovery.proto.peer.v1.SignedPeerRecord message)
      throws MalformedMessageException {
    if (message.getRecord().isEmpty()) {
      throw new MalformedMessageException("record", "required");
    }
    // Before anything is parsed: the limit also bounds the work.
    int size =
        message.getRecord().size() + message.getPublicKey().size() + message.getSignature().size();
    if (size > SignedPeerRecord.MAX_BYTES) {
      throw new MalformedMessageException(
          "record", "larger than " + SignedPeerRecord.MAX_BYTES + " bytes");
    }
    Bytes encoded = Fields.bytes(message.getRecord());
    return new SignedPeerRecord(
        decodeRecord(encoded),
        encoded,
        Fields.bytes(message.getPublicKey()),
        Fields.bytes(message.getSignature()));
  }

  /**
   * The signer for {@link IdentityMode#ASSIGNED}: it serialises, without key and signature. It
   * throws an IllegalArgumentException for a record over {@value SignedPeerRecord#MAX_BYTES} bytes,
   * which eight endpoints with long names can make.
   */
  public static RecordSigner unsigned() {
    return new RecordSigner() {
      @Override
      public SignedPeerRecord sign(PeerRecord record) {
        return new SignedPeerRecord(record, encode(record), Bytes.EMPTY, Bytes.EMPTY);
      }

      @Override
      public SignedProviderRecord sign(ProviderRecord record) {
        return new SignedProviderRecord(
            record, ProviderCodec.encode(record), Bytes.EMPTY, Bytes.EMPTY);
      }
    };
  }

  /**
   * The signer for {@link IdentityMode#SIGNED}: it serialises, and signs the very bytes. It throws
   * an IllegalArgumentException for a record that with key and signature is over {@value
   * SignedPeerRecord#MAX_BYTES} bytes.
   */
  public static RecordSigner signed(MessageSigner key) {
    return new RecordSigner() {
      @Override
      public SignedPeerRecord sign(PeerRecord record) {
        Bytes encoded = encode(record);
        return new SignedPeerRecord(
            record, encoded, key.publicKey(), key.sign(Domain.PEER_RECORD.bytesOf(encoded)));
      }

      @Override
      public SignedProviderRecord sign(ProviderRecord record) {
        Bytes encoded = ProviderCodec.encode(record);
        return new SignedProviderRecord(
            record, encoded, key.publicKey(), key.sign(Domain.PROVIDER_RECORD.bytesOf(encoded)));
      }
    };
  }
}
