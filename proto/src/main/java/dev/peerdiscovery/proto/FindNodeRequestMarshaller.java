package dev.peerdiscovery.proto;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * FindNode's question. One in the node's own network, with its fields as protobuf writes them, is
 * read where it lies; every other, and whatever is wrong with one, is left to the generated class
 * and {@link Codec}.
 */
final class FindNodeRequestMarshaller
    extends ValueMarshaller<FindNodeRequest, dev.peerdiscovery.proto.peer.v1.FindNodeRequest> {
  private static final byte TARGET = Wire.tag(2);
  private static final byte CALLER = Wire.tag(3);
  private static final byte WANTED_ID = Wire.tag(4);

  private final Network network;

  /** The field that names the network, tag and length included. */
  private final byte[] networkField;

  private final RecordCache records;

  FindNodeRequestMarshaller(Network network, RecordCache records) {
    super(
        dev.peerdiscovery.proto.peer.v1.FindNodeRequest.getDefaultInstance(),
        Codec::encode,
        Codec::decode);
    this.network = network;
    this.networkField =
        dev.peerdiscovery.proto.peer.v1.FindNodeRequest.newBuilder()
            .setNetwork(Codec.encode(network))
            .build()
            .toByteArray();
    this.records = records;
  }

  @Override
  public InputStream stream(FindNodeRequest request) {
    return request.network().equals(network) ? prepared(request) : super.stream(request);
  }

  private InputStream prepared(FindNodeRequest request) {
    @Nullable SignedPeerRecord caller = request.caller().orElse(null);
    @Nullable NodeId wanted = request.wantedId().orElse(null);
    int size =
        networkField.length
            + Wire.ID_FIELD_BYTES
            + (caller == null ? 0 : Wire.fieldBytes(caller))
            + (wanted == null ? 0 : Wire.ID_FIELD_BYTES);
    return new Outgoing(size) {
      @Override
      void writeTo(byte[] message) {
        System.arraycopy(networkField, 0, message, 0, networkField.length);
        int at = Wire.putId(message, networkField.length, TARGET, request.target());
        if (caller != null) {
          at = Wire.putRecord(message, at, CALLER, caller);
        }
        if (wanted != null) {
          Wire.putId(message, at, WANTED_ID, wanted);
        }
      }
    };
  }

  @Override
  FindNodeRequest read(byte[] message, int size)
      throws MalformedMessageException, InvalidProtocolBufferException {
    @Nullable FindNodeRequest usual = readUsual(message, size);
    return usual == null ? super.read(message, size) : usual;
  }

  /** Reads a request that has these fields and no others, in this order; null when it is not so. */
  private @Nullable FindNodeRequest readUsual(byte[] message, int size) {
    int at = networkField.length;
    if (size < at || !Arrays.equals(message, 0, at, networkField, 0, at)) {
      return null;
    }
    @Nullable NodeId target = idAt(message, at, size, TARGET);
    if (target == null) {
      return null;
    }
    at += Wire.ID_FIELD_BYTES;
    @Nullable SignedPeerRecord caller = null;
    if (at < size && message[at] == CALLER) {
      int length = Wire.lengthAt(message, at + 1, size);
      int from = at + 1 + Wire.lengthBytes(length);
      if (length < 0 || length > size - from) {
        return null;
      }
      at = from + length;
      try {
        caller = records.decode(message, from, at);
      } catch (MalformedMessageException | InvalidProtocolBufferException e) {
        // The complaint is Codec's, of the request as a whole.
        return null;
      }
    }
    @Nullable NodeId wanted = idAt(message, at, size, WANTED_ID);
    if (wanted != null) {
      at += Wire.ID_FIELD_BYTES;
    }
    return at == size
        ? new FindNodeRequest(
            network, Optional.ofNullable(caller), Optional.ofNullable(wanted), target)
        : null;
  }

  private static @Nullable NodeId idAt(byte[] message, int at, int size, byte tag) {
    return size - at >= Wire.ID_FIELD_BYTES && message[at] == tag && message[at + 1] == NodeId.BYTES
        ? NodeId.fromBytes(message, at + 2)
        : null;
  }
}
