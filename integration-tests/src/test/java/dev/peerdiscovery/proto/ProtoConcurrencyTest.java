package dev.peerdiscovery.proto;

import static dev.peerdiscovery.tests.Interleavings.require;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.tests.Interleavings;
import java.util.List;
import java.util.stream.IntStream;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What more than one thread touches in the codec. */
@Tag(Interleavings.TAG)
class ProtoConcurrencyTest {
  /** Whoever decodes gets the record that the bytes are, whatever others push out meanwhile. */
  @Param(name = "record", gen = IntGen.class, conf = "0:5")
  public static class OfRecordCache {
    /** Of one id, so that all have the same four slots. */
    private static final List<SignedPeerRecord> RECORDS =
        IntStream.range(0, 6)
            .mapToObj(
                number ->
                    RecordCodec.unsigned()
                        .sign(
                            new PeerRecord(
                                NodeId.powerOfTwo(255),
                                List.of(new Endpoint("10.0.0." + number, 1)),
                                1,
                                "test")))
            .toList();

    private static final List<byte[]> ENCODED =
        RECORDS.stream().map(record -> RecordCodec.encode(record).toByteArray()).toList();

    private final RecordCache cache = new RecordCache();

    @Operation
    public boolean decode(@Param(name = "record") int record)
        throws InvalidProtocolBufferException {
      byte[] in = ENCODED.get(record);
      try {
        SignedPeerRecord decoded = cache.decode(in, 0, in.length);
        require(decoded.equals(RECORDS.get(record)), decoded);
        return true;
      } catch (MalformedMessageException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void recordCache() {
    Interleavings.stress(OfRecordCache.class);
  }
}
