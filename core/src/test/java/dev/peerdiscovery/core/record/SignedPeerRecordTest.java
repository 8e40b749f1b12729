package dev.peerdiscovery.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.id.NodeId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignedPeerRecordTest {
  private static final PeerRecord CONTENT = new PeerRecord(NodeId.of(13), List.of(), 1, "test");

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "1024, 0, 0", "928, 32, 64", "0, 1024, 0", "0, 0, 1024"})
  void takesUpToOneKibibyteInAll(int encoded, int key, int signature) {
    SignedPeerRecord record =
        new SignedPeerRecord(CONTENT, bytes(encoded), bytes(key), bytes(signature));

    assertThat(record.id()).isEqualTo(NodeId.of(13));
    assertThat(record.encoded().size()).isEqualTo(encoded);
  }

  @ParameterizedTest
  @CsvSource({"1025, 0, 0", "1024, 1, 0", "1024, 0, 1", "929, 32, 64", "1000000, 0, 0"})
  void refusesMore(int encoded, int key, int signature) {
    Bytes bytes = bytes(encoded);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SignedPeerRecord(CONTENT, bytes, bytes(key), bytes(signature)))
        .withMessage("record: larger than 1024 bytes");
  }

  @Test
  void isEqual_whenAllBytesAre() {
    SignedPeerRecord record = new SignedPeerRecord(CONTENT, bytes(3), bytes(2), bytes(1));

    assertThat(record)
        .isEqualTo(new SignedPeerRecord(CONTENT, bytes(3), bytes(2), bytes(1)))
        .hasSameHashCodeAs(new SignedPeerRecord(CONTENT, bytes(3), bytes(2), bytes(1)))
        .isNotEqualTo(new SignedPeerRecord(CONTENT, bytes(4), bytes(2), bytes(1)))
        .isNotEqualTo(new SignedPeerRecord(CONTENT, bytes(3), bytes(2), bytes(2)));
  }

  private static Bytes bytes(int size) {
    return Bytes.copyOf(new byte[size]);
  }
}
