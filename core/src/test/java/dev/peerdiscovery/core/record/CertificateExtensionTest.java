package dev.peerdiscovery.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.ToyKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateExtensionTest {
  private static final ToyKey NODE = new ToyKey(7);
  private static final Bytes SUBJECT = Bytes.copyOf(new byte[] {1, 2, 3});
  private static final CertificateExtension GOOD = CertificateExtension.sign(NODE, SUBJECT);

  @Test
  void isReadAsItWasWritten_andHoldsForItsCertificateAlone() {
    assertThat(GOOD.encoded().size()).isEqualTo(CertificateExtension.BYTES).isEqualTo(102);
    assertThat(CertificateExtension.parse(GOOD.encoded())).contains(GOOD);
    assertThat(GOOD.id()).isEqualTo(NODE.id());
    assertThat(GOOD.isOver(SUBJECT, ToyKey::verify)).isTrue();
    assertThat(GOOD.isOver(Bytes.copyOf(new byte[] {1, 2, 4}), ToyKey::verify)).isFalse();
  }

  @Test
  void signatureForAnotherPurpose_isNone() {
    CertificateExtension other =
        new CertificateExtension(GOOD.publicKey(), NODE.sign(Domain.PEER_RECORD.bytesOf(SUBJECT)));
    assertThat(other.isOver(SUBJECT, ToyKey::verify)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 36, 37})
  void otherForms_areNone(int at) {
    byte[] bytes = GOOD.encoded().toArray();
    bytes[at] ^= 1;
    assertThat(CertificateExtension.parse(Bytes.copyOf(bytes))).isEmpty();
  }

  @Test
  void otherLengths_areNone() {
    byte[] bytes = GOOD.encoded().toArray();
    assertThat(CertificateExtension.parse(Bytes.EMPTY)).isEmpty();
    assertThat(CertificateExtension.parse(Bytes.copyOf(bytes, 0, 101))).isEmpty();
    assertThat(CertificateExtension.parse(Bytes.copyOf(java.util.Arrays.copyOf(bytes, 103))))
        .isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CertificateExtension(GOOD.publicKey(), SUBJECT));
  }

  /** The neutral point, for which anybody can sign. */
  @Test
  void keyThatNoPeerMayHave_isNone() {
    byte[] bytes = GOOD.encoded().toArray();
    java.util.Arrays.fill(bytes, 4, 36, (byte) 0);
    bytes[4] = 1;
    assertThat(CertificateExtension.parse(Bytes.copyOf(bytes))).isEmpty();
  }
}
