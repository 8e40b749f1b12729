package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peerdiscovery.core.record.Bytes;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Ed25519Test {
  private static Bytes bytes(String hex) {
    return Bytes.copyOf(HexFormat.of().parseHex(hex));
  }

  /** RFC 8032, section 7.1, tests 2 and 3. */
  @ParameterizedTest
  @CsvSource({
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb,"
        + "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c,"
        + "72,"
        + "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7,"
        + "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025,"
        + "af82,"
        + "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
  })
  void theStandardsExamples(String seed, String publicKey, String message, String signature) {
    Ed25519 key = Ed25519.of(HexFormat.of().parseHex(seed));
    assertThat(key.publicKey()).isEqualTo(bytes(publicKey));
    assertThat(key.sign(bytes(message))).isEqualTo(bytes(signature));
    assertThat(Ed25519.verify(bytes(publicKey), bytes(message), bytes(signature))).isTrue();
    assertThat(key.seed()).isEqualTo(HexFormat.of().parseHex(seed));
  }

  @Test
  void whatIsOfOtherLength_isNoSignature_andNoError() {
    Ed25519 key = Ed25519.generate();
    Bytes message = bytes("0102");
    byte[] signature = key.sign(message).toArray();
    byte[] publicKey = key.publicKey().toArray();
    for (int length : List.of(0, 63, 65)) {
      Bytes other = Bytes.copyOf(Arrays.copyOf(signature, length));
      assertThat(Ed25519.verify(key.publicKey(), message, other)).isFalse();
    }
    for (int length : List.of(0, 31, 33)) {
      Bytes other = Bytes.copyOf(Arrays.copyOf(publicKey, length));
      assertThat(Ed25519.verify(other, message, Bytes.copyOf(signature))).isFalse();
    }
  }

  @Test
  void whatIsChanged_isNotSigned() {
    Ed25519 key = Ed25519.generate();
    Bytes message = bytes("0102");
    Bytes signature = key.sign(message);
    byte[] changed = signature.toArray();
    changed[0] ^= 1;
    assertThat(Ed25519.verify(key.publicKey(), message, Bytes.copyOf(changed))).isFalse();
    assertThat(Ed25519.verify(key.publicKey(), bytes("0103"), signature)).isFalse();
    assertThat(Ed25519.verify(Ed25519.generate().publicKey(), message, signature)).isFalse();
  }

  @Test
  void aKey_isCopied_andSaysNothingOfItsPrivateHalf() {
    byte[] seed = new byte[Ed25519.SEED_BYTES];
    Ed25519 key = Ed25519.of(seed);
    Bytes signature = key.sign(bytes("00"));
    seed[0] = 1;
    key.seed()[1] = 1;
    assertThat(key.sign(bytes("00"))).isEqualTo(signature);
    assertThat(key.toString()).isEqualTo("Ed25519 key " + key.publicKey());
    for (int length : List.of(31, 33)) {
      assertThatThrownBy(() -> Ed25519.of(new byte[length]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("an Ed25519 key has 32 bytes");
    }
  }
}
