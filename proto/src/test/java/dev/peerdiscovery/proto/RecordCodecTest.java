package dev.peerdiscovery.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Domain;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.RecordSigner;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordCodecTest {
  private static final PeerRecord RECORD =
      new PeerRecord(NodeId.of(13), List.of(Endpoint.parse("10.0.0.13:7400")), 1, "demo");

  /**
   * The bytes that a peer of a later version may send: two fields that this version does not know,
   * and then the known ones in descending order, which protobuf allows.
   */
  static Bytes foreignEncoding(PeerRecord record) {
    var id =
        dev.peerdiscovery.proto.peer.v1.PeerRecord.newBuilder().setId(Fields.bytes(record.id()));
    var endpoints = dev.peerdiscovery.proto.peer.v1.PeerRecord.newBuilder();
    record.endpoints().forEach(endpoint -> endpoints.addEndpoints(RecordCodec.encode(endpoint)));
    var sequence =
        dev.peerdiscovery.proto.peer.v1.PeerRecord.newBuilder().setSequence(record.sequence());
    var network =
        dev.peerdiscovery.proto.peer.v1.PeerRecord.newBuilder().setNetwork(record.network());
    ByteString text = ByteString.copyFromUtf8("from a later version");
    UnknownFieldSet unknown =
        UnknownFieldSet.newBuilder()
            .addField(15, UnknownFieldSet.Field.newBuilder().addLengthDelimited(text).build())
            .addField(16, UnknownFieldSet.Field.newBuilder().addVarint(42).build())
            .build();
    return Fields.bytes(
        unknown
            .toByteString()
            .concat(network.build().toByteString())
            .concat(sequence.build().toByteString())
            .concat(endpoints.build().toByteString())
            .concat(id.build().toByteString()));
  }

  @Test
  void aRecordIsRelayedByteForByte() throws Exception {
    Bytes encoded = foreignEncoding(RECORD);
    var received =
        dev.peerdiscovery.proto.peer.v1.SignedPeerRecord.newBuilder()
            .setRecord(ByteString.copyFrom(encoded.toArray()))
            .build();

    SignedPeerRecord record = RecordCodec.decode(received);

    assertThat(record.content()).isEqualTo(RECORD);
    assertThat(record.encoded()).isEqualTo(encoded);
    assertThat(RecordCodec.encode(record)).isEqualTo(received);
    // Without the bytes it would have become another record, whose signature is wrong.
    assertThat(
            dev.peerdiscovery.proto.peer.v1.PeerRecord.parseFrom(encoded.toArray()).toByteArray())
        .isNotEqualTo(encoded.toArray());
    assertThat(RecordCodec.encode(record.content())).isNotEqualTo(encoded);
  }

  @Test
  void hostsAreComparedInTheirCanonicalForm() throws Exception {
    var message =
        dev.peerdiscovery.proto.peer.v1.Endpoint.newBuilder()
            .setHost("2001:DB8:0:0::1")
            .setPort(7400)
            .build();
    assertThat(RecordCodec.decode(message)).isEqualTo(Endpoint.parse("[2001:db8::1]:7400"));
  }

  @Test
  void unsignedRecordsAreBytesAndNothingElse() throws Exception {
    SignedPeerRecord record = RecordCodec.unsigned().sign(RECORD);

    assertThat(record.content()).isEqualTo(RECORD);
    assertThat(record.publicKey()).isEqualTo(Bytes.EMPTY);
    assertThat(record.signature()).isEqualTo(Bytes.EMPTY);
    assertThat(RecordCodec.decodeRecord(record.encoded())).isEqualTo(RECORD);
    assertThat(RecordCodec.unsigned().sign(RECORD)).isEqualTo(record);
  }

  @Test
  void aRecordOfItsOwnThatIsTooLargeIsTheCallersFault() {
    Endpoint longest = new Endpoint(("a".repeat(49) + ".").repeat(5) + "abc", 7400);
    PeerRecord record = new PeerRecord(NodeId.of(1), Collections.nCopies(8, longest), 1, "demo");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordCodec.unsigned().sign(record))
        .withMessage("record: larger than 1024 bytes");
  }

  /** Each of the three alone can be too much, before anything is made of it. */
  @Test
  void keysAndSignaturesCount() {
    ByteString vast = ByteString.copyFrom(new byte[SignedPeerRecord.MAX_BYTES]);
    var message =
        dev.peerdiscovery.proto.peer.v1.SignedPeerRecord.newBuilder()
            .setRecord(Fields.bytes(RecordCodec.encode(RECORD)));
    for (var each :
        List.of(
            message.clone().setPublicKey(vast).build(),
            message.clone().setSignature(vast).build())) {
      assertThatThrownBy(() -> RecordCodec.decode(each))
          .isInstanceOf(MalformedMessageException.class)
          .hasMessage("record: larger than 1024 bytes");
    }
  }

  @Test
  void signedRecords_areSignedForWhatTheyAre() {
    TestKey key = new TestKey("00".repeat(32));
    RecordSigner signer = RecordCodec.signed(key);
    SignedPeerRecord peer = signer.sign(RECORD);
    assertThat(peer.publicKey()).isEqualTo(key.publicKey());
    assertThat(peer.signature())
        .isEqualTo(key.sign(Domain.PEER_RECORD.bytesOf(RecordCodec.encode(RECORD))));
    ProviderRecord record = new Values(1).provider();
    SignedProviderRecord provider = signer.sign(record);
    assertThat(provider.content()).isEqualTo(record);
    assertThat(provider.publicKey()).isEqualTo(key.publicKey());
    assertThat(provider.signature())
        .isEqualTo(key.sign(Domain.PROVIDER_RECORD.bytesOf(ProviderCodec.encode(record))));
  }

  @Test
  void aRecordOfExactlyTheLimitIsTaken() throws Exception {
    Bytes encoded = RecordCodec.encode(RECORD);
    SignedPeerRecord record =
        new SignedPeerRecord(
            RECORD,
            encoded,
            Bytes.EMPTY,
            Bytes.copyOf(new byte[SignedPeerRecord.MAX_BYTES - encoded.size()]));
    assertThat(RecordCodec.decode(RecordCodec.encode(record))).isEqualTo(record);
  }
}
