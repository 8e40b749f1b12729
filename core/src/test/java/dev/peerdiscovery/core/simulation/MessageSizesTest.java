package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.ToyKey;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What unsigned messages count as; how long others are, {@code proto} compares with its codec. */
class MessageSizesTest {
  private static final Endpoint AT = new Endpoint("10.0.0.1", 7400);
  private static final MessageSigner KEY = new ToyKey(1);

  private static SignedPeerRecord record(Optional<MessageSigner> key) {
    return Wire.signer(key).sign(new PeerRecord(NodeId.of(7), List.of(AT), 3, "test"));
  }

  @Test
  void unsignedRecord_countsAsItWouldWithAKey() {
    FindNodeResponse unsigned = new FindNodeResponse(List.of(record(Optional.empty())));
    FindNodeResponse signed = new FindNodeResponse(List.of(record(Optional.of(KEY))));

    int size = MessageSizes.EXACT.of(signed);
    assertThat(MessageSizes.SIGNED.of(unsigned)).isEqualTo(size);
    assertThat(MessageSizes.SIGNED.of(signed)).isEqualTo(size);
    assertThat(MessageSizes.EXACT.of(unsigned)).isLessThan(size);
  }

  @Test
  void echoOfANonce_countsAsASignature_andWhatIsNotProvedAsNothing() {
    Bytes nonce = Bytes.copyOf(new byte[16]);
    Bytes signature = KEY.sign(nonce);
    PingResponse echo = new PingResponse(record(Optional.empty()), nonce, Optional.of(AT));
    PingResponse proof = new PingResponse(record(Optional.of(KEY)), signature, Optional.of(AT));
    PingResponse neither = new PingResponse(record(Optional.empty()), Bytes.EMPTY, Optional.of(AT));

    assertThat(MessageSizes.SIGNED.of(echo)).isEqualTo(MessageSizes.EXACT.of(proof));
    assertThat(MessageSizes.SIGNED.of(neither))
        .isEqualTo(MessageSizes.EXACT.of(proof) - 2 - signature.size());
  }
}
