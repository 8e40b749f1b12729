package dev.peerdiscovery.core;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.RecordVerifier.Verified;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.LongStream;

/** Records and contacts of a made-up network, for tests that need many of them. */
public final class Peers {
  /** The name of the network. */
  public static final String NETWORK = "test";

  private static final RecordVerifier VERIFIER =
      RecordVerifier.assigned(NETWORK, AddressPolicy.of(Scope.PRIVATE, false));

  private Peers() {}

  /** The first record of a peer. */
  public static SignedPeerRecord record(NodeId id) {
    return record(id, 1);
  }

  /** A record of a peer; its port follows the sequence, so another sequence is another endpoint. */
  public static SignedPeerRecord record(NodeId id, long sequence) {
    String host = "10.%d.%d.%d".formatted(id.w0() >>> 56, id.w3() >>> 8 & 0xff, id.w3() & 0xff);
    int port = 1 + (int) Long.remainderUnsigned(sequence, 65_535);
    return record(new PeerRecord(id, List.of(new Endpoint(host, port)), sequence, NETWORK));
  }

  /** What a peer says when it leaves. */
  public static SignedPeerRecord farewell(NodeId id, long sequence) {
    return record(new PeerRecord(id, List.of(), sequence, NETWORK));
  }

  /** A record as it travels, unsigned; the bytes are the id and the sequence. */
  public static SignedPeerRecord record(PeerRecord content) {
    byte[] encoded =
        ByteBuffer.allocate(NodeId.BYTES + Long.BYTES)
            .put(content.id().toBytes())
            .putLong(content.sequence())
            .array();
    return new SignedPeerRecord(content, Bytes.copyOf(encoded), Bytes.EMPTY, Bytes.EMPTY);
  }

  /** The contact of a peer's first record. */
  public static Contact contact(NodeId id) {
    return contact(record(id));
  }

  /** The contact of a record. */
  public static Contact contact(SignedPeerRecord record) {
    return ((Verified) VERIFIER.verify(record)).contact();
  }

  /** Ids by their small values. */
  public static List<NodeId> ids(long... values) {
    return LongStream.of(values).mapToObj(NodeId::of).toList();
  }
}
