package dev.peerdiscovery.proto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Protobuf's format by hand, at its edges. */
class WireTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 128, 129, 255, 256, 16_383})
  void lengths_areReadAsTheyAreWritten(int length) {
    byte[] bytes = new byte[4];
    int end = Wire.putLength(bytes, 1, length);
    assertThat(end).isEqualTo(1 + Wire.lengthBytes(length));
    assertThat(Wire.lengthAt(bytes, 1, end)).isEqualTo(length);
    // The message ends before the length does, or where it would begin; what follows is not of it.
    Arrays.fill(bytes, end, bytes.length, (byte) 1);
    assertThat(Wire.lengthAt(bytes, 1, end - 1)).isEqualTo(-1);
    assertThat(Wire.lengthAt(bytes, 1, 1)).isEqualTo(-1);
    assertThat(Wire.lengthAt(bytes, 1, 0)).isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource({"128, 0", "255, 0", "128, 128", "128, 129"})
  void lengthsThatAreNotTheShortest_orOfThreeBytes_areLeftToTheParser(int first, int second) {
    byte[] bytes = {(byte) first, (byte) second, 1};
    assertThat(Wire.lengthAt(bytes, 0, bytes.length)).isEqualTo(-1);
  }

  @Test
  void tags_areOfBytes() {
    assertThat(Wire.tag(1)).isEqualTo((byte) 10);
    assertThat(Wire.tag(4)).isEqualTo((byte) 34);
  }

  /** One with a key and no signature, or the other way round, is nobody's; but it can come. */
  @ParameterizedTest
  @CsvSource({"0, 0", "32, 64", "0, 64", "32, 0", "200, 200"})
  void records_areAsTheGeneratedClassesWriteThem(int keyBytes, int signatureBytes) {
    SignedPeerRecord plain = new Values(1).signedRecord();
    SignedPeerRecord record =
        new SignedPeerRecord(
            plain.content(),
            RecordCodec.encode(plain.content()),
            Bytes.copyOf(new byte[keyBytes]),
            Bytes.copyOf(new byte[signatureBytes]));
    byte[] expected = RecordCodec.encode(record).toByteArray();
    byte[] written = new byte[Wire.fieldBytes(record) + 3];
    int end = Wire.putRecord(written, 3, Wire.tag(2), record);
    assertThat(end).isEqualTo(written.length);
    assertThat(written[3]).isEqualTo(Wire.tag(2));
    int from = 4 + Wire.lengthBytes(expected.length);
    assertThat(Arrays.copyOfRange(written, from, end)).isEqualTo(expected);
    assertThat(Wire.isRecord(record, written, from, end)).isTrue();
    assertThat(Wire.isRecord(record, written, from, end - 1)).isFalse();
  }
}
