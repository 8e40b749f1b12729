package dev.peerdiscovery.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.ToyKey;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.RecordVerifier.Left;
import dev.peerdiscovery.core.record.RecordVerifier.Reason;
import dev.peerdiscovery.core.record.RecordVerifier.Refused;
import dev.peerdiscovery.core.record.RecordVerifier.Verified;
import dev.peerdiscovery.core.simulation.Wire;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way in which a signed record can be wrong, and that nothing dear is done for cheap ones. */
class SignedRecordVerifierTest {
  private static final ToyKey KEY = new ToyKey(1);
  private static final Endpoint HERE = Endpoint.parse("10.0.0.1:7400");

  private final AtomicInteger checked = new AtomicInteger();
  private final RecordVerifier verifier =
      RecordVerifier.signed(
          "test",
          AddressPolicy.of(Scope.PRIVATE, false),
          (key, message, signature) -> {
            checked.incrementAndGet();
            return ToyKey.verify(key, message, signature);
          });

  private static PeerRecord content(NodeId id, String network, Endpoint... endpoints) {
    return new PeerRecord(id, List.of(endpoints), 7, network);
  }

  private static SignedPeerRecord good() {
    return Wire.sign(content(KEY.id(), "test", HERE), KEY);
  }

  private static SignedPeerRecord with(Bytes key, Bytes signature) {
    return new SignedPeerRecord(good().content(), good().encoded(), key, signature);
  }

  private void assertRefused(SignedPeerRecord record, Reason reason, int checks) {
    int before = checked.get();
    assertThat(verifier.verify(record)).isEqualTo(new Refused(reason));
    assertThat(checked).hasValue(before + checks);
    assertThat(verifier.isGenuine(record)).isFalse();
  }

  @Test
  void good_isVerified_asItCame() {
    assertThat(((Verified) verifier.verify(good())).contact().record()).isEqualTo(good());
    assertThat(verifier.isGenuine(good())).isTrue();
  }

  @Test
  void farewell_isVerified() {
    SignedPeerRecord farewell = Wire.sign(content(KEY.id(), "test"), KEY);
    assertThat(verifier.verify(farewell)).isEqualTo(new Left(farewell));
    assertRefused(
        new SignedPeerRecord(
            farewell.content(), farewell.encoded(), KEY.publicKey(), good().signature()),
        Reason.BAD_SIGNATURE,
        1);
  }

  @Test
  void unsigned_isOfAnotherIdentity() {
    assertRefused(with(Bytes.EMPTY, Bytes.EMPTY), Reason.OTHER_IDENTITY, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 63, 65, 128})
  void signatureOfOtherLength_isNotChecked(int length) {
    assertRefused(with(KEY.publicKey(), Bytes.copyOf(new byte[length])), Reason.BAD_SIGNATURE, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 33})
  void keyOfOtherLength_orOfSmallOrder_isNotChecked(int length) {
    assertRefused(with(Bytes.copyOf(new byte[length]), good().signature()), Reason.BAD_KEY, 0);
    assertRefused(with(Bytes.copyOf(new byte[32]), good().signature()), Reason.BAD_KEY, 0);
  }

  @Test
  void anothersKey_isNotChecked() {
    ToyKey other = new ToyKey(2);
    assertRefused(Wire.sign(content(KEY.id(), "test", HERE), other), Reason.OTHER_KEY, 0);
  }

  @Test
  void anotherNetwork_isNotChecked() {
    assertRefused(Wire.sign(content(KEY.id(), "other", HERE), KEY), Reason.OTHER_NETWORK, 0);
  }

  @Test
  void everyBitOfTheRecord_isSigned() {
    SignedPeerRecord good = good();
    for (int bit = 0; bit < 8 * good.encoded().size(); bit++) {
      byte[] flipped = good.encoded().toArray();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      SignedPeerRecord forged =
          new SignedPeerRecord(
              good.content(), Bytes.copyOf(flipped), good.publicKey(), good.signature());
      assertThat(verifier.verify(forged)).isEqualTo(new Refused(Reason.BAD_SIGNATURE));
    }
  }

  @Test
  void signatureForAnotherPurpose_isNone() {
    Bytes encoded = good().encoded();
    for (Domain domain : List.of(Domain.NODE_ID, Domain.PING_PROOF)) {
      assertThat(verifier.verify(with(KEY.publicKey(), KEY.sign(domain.bytesOf(encoded)))))
          .isEqualTo(new Refused(Reason.BAD_SIGNATURE));
    }
    assertThat(verifier.verify(with(KEY.publicKey(), KEY.sign(encoded))))
        .isEqualTo(new Refused(Reason.BAD_SIGNATURE));
  }

  @Test
  void addresses_areLast() {
    assertThat(
            verifier.verify(Wire.sign(content(KEY.id(), "test", new Endpoint("0.0.0.0", 1)), KEY)))
        .isEqualTo(new Refused(Reason.ADDRESS_NOT_ALLOWED));
    assertThat(checked).hasValue(1);
  }

  @Test
  void remembered_isCheckedOnce_whereverItIsDialled_andForgedIsNotRemembered() {
    RecordVerifier remembering = verifier.remembering(10);
    Endpoint second = Endpoint.parse("10.0.0.2:7400");
    SignedPeerRecord record = Wire.sign(content(KEY.id(), "test", HERE, second), KEY);
    for (int i = 0; i < 3; i++) {
      assertThat(remembering.verify(record)).isInstanceOf(Verified.class);
      assertThat(((Verified) remembering.verify(record, second)).contact().endpoint())
          .isEqualTo(second);
      assertThat(remembering.isGenuine(record)).isTrue();
    }
    assertThat(checked).hasValue(1);

    SignedPeerRecord forged =
        new SignedPeerRecord(
            record.content(), record.encoded(), record.publicKey(), good().signature());
    assertThat(remembering.verify(forged)).isEqualTo(new Refused(Reason.BAD_SIGNATURE));
    assertThat(remembering.verify(forged)).isEqualTo(new Refused(Reason.BAD_SIGNATURE));
    assertThat(remembering.verify(record)).isInstanceOf(Verified.class);
    assertThat(checked).hasValue(3);
  }

  @Test
  void remembered_isBounded() {
    RecordVerifier remembering = verifier.remembering(2);
    for (int key = 1; key <= 3; key++) {
      ToyKey each = new ToyKey(key);
      remembering.verify(Wire.sign(content(each.id(), "test", HERE), each));
    }
    remembering.verify(good());
    assertThat(checked).as("the third made it forget the first").hasValue(4);
  }

  @Test
  void parts_areToldApart() {
    Bytes a = Bytes.copyOf(new byte[] {1, 2});
    Bytes b = Bytes.copyOf(new byte[] {3});
    Bytes ab = Bytes.copyOf(new byte[] {1, 2, 3});
    assertThat(
            List.of(
                Domain.PING_PROOF.bytesOf(a, b),
                Domain.PING_PROOF.bytesOf(ab),
                Domain.PING_PROOF.bytesOf(ab, Bytes.EMPTY),
                Domain.PING_PROOF.bytesOf(Bytes.EMPTY, ab),
                Domain.PEER_RECORD.bytesOf(a, b)))
        .doesNotHaveDuplicates();
  }

  @Test
  void reasons_tellForgeriesFromTheRest() {
    assertThat(Reason.values())
        .filteredOn(Reason::isForgery)
        .containsExactly(Reason.BAD_KEY, Reason.OTHER_KEY, Reason.BAD_SIGNATURE);
  }

  @Test
  void signatures_whereIdsAreAssigned_areNoGood() {
    RecordVerifier assigned =
        RecordVerifier.assigned("test", AddressPolicy.of(Scope.PRIVATE, false));
    Bytes message = Bytes.copyOf(new byte[] {1});
    assertThat(assigned.signatures().verify(KEY.publicKey(), message, KEY.sign(message))).isFalse();
    assertThat(verifier.signatures().verify(KEY.publicKey(), message, KEY.sign(message))).isTrue();
  }

  private static final Endpoint LOOPBACK = Endpoint.parse("127.0.0.1:7400");
  private static final Endpoint THERE = Endpoint.parse("10.0.0.2:7400");

  @Test
  void next_isTheNextEndpointThatIsAllowed() {
    SignedPeerRecord record =
        Wire.sign(content(KEY.id(), "test", LOOPBACK, HERE, LOOPBACK, THERE), KEY);
    assertThat(verifier.dialled(record)).contains(HERE);
    Contact first = ((Verified) verifier.verify(record)).contact();
    Contact second = verifier.next(first).orElseThrow();
    assertThat(second.endpoint()).isEqualTo(THERE);
    assertThat(second.record()).isSameAs(record);
    assertThat(verifier.next(second)).isEmpty();
    assertThat(verifier.dialled(Wire.sign(content(KEY.id(), "test", LOOPBACK), KEY))).isEmpty();
  }

  @Test
  void inPublic_thereIsNoNext_andAProofElsewhereIsNone() {
    Endpoint one = Endpoint.parse("20.0.0.1:7400");
    Endpoint two = Endpoint.parse("20.0.0.2:7400");
    RecordVerifier open =
        RecordVerifier.signed("test", AddressPolicy.of(Scope.PUBLIC, false), ToyKey::verify);
    SignedPeerRecord record = Wire.sign(content(KEY.id(), "test", one, two), KEY);
    Contact first = ((Verified) open.verify(record, one)).contact();
    assertThat(open.next(first)).isEmpty();
    assertThat(open.verify(record, two)).isEqualTo(new Refused(Reason.ADDRESS_NOT_ALLOWED));
  }
}
