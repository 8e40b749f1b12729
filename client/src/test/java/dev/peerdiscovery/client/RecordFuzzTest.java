package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.PublicKey;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.MalformedMessageException;
import dev.peerdiscovery.proto.RecordCodec;

/**
 * Whatever bytes are given as a signed record, they are refused or are what the key of their id has
 * signed. No fuzzer makes a signature, so what is let pass is one of the seeds.
 *
 * <pre>
 * JAZZER_FUZZ=1 mvn test -pl client -am -Dtest=RecordFuzzTest      fuzzes it
 * </pre>
 */
class RecordFuzzTest {
  private final RecordVerifier verifier =
      RecordVerifier.signed("main", AddressPolicy.of(Scope.PRIVATE, false), Ed25519::verify);

  @FuzzTest(maxDuration = "10m")
  void signedRecord(byte[] bytes) {
    SignedPeerRecord record;
    try {
      record =
          RecordCodec.decode(dev.peerdiscovery.proto.peer.v1.SignedPeerRecord.parseFrom(bytes));
    } catch (InvalidProtocolBufferException | MalformedMessageException e) {
      return;
    }
    if (!(verifier.verify(record) instanceof RecordVerifier.Refused)) {
      assertThat(new PublicKey(record.publicKey()).id()).isEqualTo(record.id());
      assertThat(record.content().network()).isEqualTo("main");
    }
  }
}
