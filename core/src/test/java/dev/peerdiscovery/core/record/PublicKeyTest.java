package dev.peerdiscovery.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.ToyKey;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicKeyTest {
  private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  private static final BigInteger D =
      BigInteger.valueOf(-121665).multiply(BigInteger.valueOf(121666).modInverse(P)).mod(P);

  /** The y of the base point, which is a good key. */
  private static final BigInteger BASE =
      BigInteger.valueOf(4).multiply(BigInteger.valueOf(5).modInverse(P)).mod(P);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 33, 64})
  void otherLengths_areNoKeys(int length) {
    assertRefused(Bytes.copyOf(new byte[length]));
  }

  /** Found by arithmetic: a point is of small order when eight times it is the neutral one. */
  static Stream<Bytes> smallOrder() {
    List<Bytes> encodings = new ArrayList<>();
    BigInteger one = BigInteger.ONE;
    BigInteger order8 = yOfOrder8();
    for (BigInteger y :
        List.of(
            BigInteger.ZERO,
            one,
            P.subtract(one),
            order8,
            P.subtract(order8).mod(P),
            P,
            P.add(one))) {
      encodings.add(encoded(y, false));
      encodings.add(encoded(y, true));
    }
    return encodings.stream();
  }

  @ParameterizedTest
  @MethodSource("smallOrder")
  void smallOrder_isRefused(Bytes encoded) {
    assertRefused(encoded);
  }

  /**
   * Of a point of order 8 the double has order 4, so its y is 0: x² = −y² and the curve −x² + y² =
   * 1 + d x² y² give d y⁴ + 2 y² − 1 = 0.
   */
  private static BigInteger yOfOrder8() {
    BigInteger root = squareRoot(D.add(BigInteger.ONE).mod(P));
    for (BigInteger r : List.of(root, P.subtract(root))) {
      BigInteger square = r.subtract(BigInteger.ONE).multiply(D.modInverse(P)).mod(P);
      if (square.modPow(P.shiftRight(1), P).equals(BigInteger.ONE)) {
        return squareRoot(square);
      }
    }
    throw new AssertionError("there is one");
  }

  private static BigInteger squareRoot(BigInteger square) {
    BigInteger root = square.modPow(P.add(BigInteger.valueOf(3)).shiftRight(3), P);
    if (!root.multiply(root).mod(P).equals(square.mod(P))) {
      root =
          root.multiply(BigInteger.TWO.modPow(P.subtract(BigInteger.ONE).shiftRight(2), P)).mod(P);
    }
    assertThat(root.multiply(root).mod(P)).isEqualTo(square.mod(P));
    return root;
  }

  @Test
  void notCanonical_isRefused_upToTheLast() {
    for (int above = 0; above < 19; above++) {
      assertRefused(encoded(P.add(BigInteger.valueOf(above)), false));
      assertRefused(encoded(P.add(BigInteger.valueOf(above)), true));
    }
  }

  @Test
  void others_areKeys() {
    for (BigInteger y :
        List.of(BASE, BigInteger.TWO, P.subtract(BigInteger.TWO), P.subtract(BigInteger.TEN))) {
      assertThat(new PublicKey(encoded(y, true)).encoded()).isEqualTo(encoded(y, true));
      assertThat(new PublicKey(encoded(y, false)).encoded()).isEqualTo(encoded(y, false));
    }
  }

  @Test
  void id_isAHashInItsDomain_andDiffersWithTheKey() {
    // sha256(00 1c "peerdiscovery.dev/node-id/v1" 00 20 key), by another tool.
    PublicKey key =
        new PublicKey(
            Bytes.copyOf(
                HexFormat.of()
                    .parseHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")));

    assertThat(key.id())
        .hasToString("04d20dc1d7a78ee64f0388cd163d24200d4dd8c37016379b5dd6a646842c935c");
    assertThat(new ToyKey(1).id()).isNotEqualTo(new ToyKey(2).id());
  }

  private static void assertRefused(Bytes encoded) {
    assertThat(PublicKey.isSound(encoded)).as(encoded.toString()).isFalse();
    assertThatIllegalArgumentException().isThrownBy(() -> new PublicKey(encoded));
  }

  private static Bytes encoded(BigInteger y, boolean odd) {
    byte[] bytes = new byte[32];
    BigInteger rest = y;
    for (int i = 0; i < 32; i++) {
      bytes[i] = rest.byteValue();
      rest = rest.shiftRight(8);
    }
    bytes[31] |= (byte) (odd ? 0x80 : 0);
    return Bytes.copyOf(bytes);
  }
}
