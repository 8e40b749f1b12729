package dev.peerdiscovery.proto;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * FindNode's answer: the bytes of records as they were received, one after the other. One that has
 * nothing else in it is read where it lies; every other is left to the generated class and {@link
 * Codec}.
 */
final class FindNodeResponseMarshaller
    extends ValueMarshaller<FindNodeResponse, dev.peerdiscovery.proto.peer.v1.FindNodeResponse> {
  private static final byte PEERS = Wire.tag(1);

  private final RecordCache records;

  FindNodeResponseMarshaller(RecordCache records) {
    super(
        dev.peerdiscovery.proto.peer.v1.FindNodeResponse.getDefaultInstance(),
        Codec::encode,
        Codec::decode);
    this.records = records;
  }

  @Override
  public InputStream stream(FindNodeResponse response) {
    List<SignedPeerRecord> peers = response.peers();
    int size = 0;
    for (int i = 0; i < peers.size(); i++) {
      size += Wire.fieldBytes(peers.get(i));
    }
    return new Outgoing(size) {
      @Override
      void writeTo(byte[] message) {
        int at = 0;
        for (int i = 0; i < peers.size(); i++) {
          at = Wire.putRecord(message, at, PEERS, peers.get(i));
        }
      }
    };
  }

  @Override
  FindNodeResponse read(byte[] message, int size)
      throws MalformedMessageException, InvalidProtocolBufferException {
    @Nullable FindNodeResponse usual = readUsual(message, size);
    return usual == null ? super.read(message, size) : usual;
  }

  /** Reads an answer that is nothing but records, not too many; null when it is not so. */
  private @Nullable FindNodeResponse readUsual(byte[] message, int size)
      throws InvalidProtocolBufferException {
    List<SignedPeerRecord> peers = new ArrayList<>();
    int at = 0;
    for (int found = 0; at < size; found++) {
      int length = message[at] == PEERS ? Wire.lengthAt(message, at + 1, size) : -1;
      int from = at + 1 + Wire.lengthBytes(length);
      if (length < 0 || length > size - from || found == FindNodeResponse.MAX_PEERS) {
        return null;
      }
      at = from + length;
      try {
        peers.add(records.decode(message, from, at));
      } catch (MalformedMessageException e) {
        // Left out, as by Codec.
      }
    }
    return new FindNodeResponse(peers);
  }
}
