package dev.peerdiscovery.core.id;

import static dev.peerdiscovery.core.id.Numbers.SPACE;
import static dev.peerdiscovery.core.id.Numbers.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeIdTest {
  private static final String F64 = "f".repeat(64);
  private static final String HEX_OF_2_32 = "0".repeat(55) + "100000000";

  @ParameterizedTest
  @MethodSource("texts")
  void parse_readsEveryForm_andPrintsTheOneForm(String text, BigInteger value, String printed) {
    NodeId id = NodeId.parse(text);

    assertThat(number(id)).isEqualTo(value);
    assertThat(id).hasToString(printed);
    assertThat(NodeId.parse(printed)).isEqualTo(id);
  }

  static Stream<Arguments> texts() {
    BigInteger limit = BigInteger.ONE.shiftLeft(32);
    BigInteger top = SPACE.subtract(BigInteger.ONE);
    return Stream.of(
        Arguments.of("0", BigInteger.ZERO, "0"),
        Arguments.of("00", BigInteger.ZERO, "0"),
        Arguments.of("13", BigInteger.valueOf(13), "13"),
        Arguments.of("0000000000000000013", BigInteger.valueOf(13), "13"),
        Arguments.of("4294967295", limit.subtract(BigInteger.ONE), "4294967295"),
        Arguments.of("0x0", BigInteger.ZERO, "0"),
        Arguments.of("0xd", BigInteger.valueOf(13), "13"),
        Arguments.of("0XD", BigInteger.valueOf(13), "13"),
        Arguments.of("0x100000000", limit, HEX_OF_2_32),
        Arguments.of(HEX_OF_2_32, limit, HEX_OF_2_32),
        Arguments.of("0".repeat(63) + "d", BigInteger.valueOf(13), "13"),
        // 64 digits are hex, even when they could be decimal.
        Arguments.of("0".repeat(62) + "13", BigInteger.valueOf(19), "19"),
        Arguments.of(F64, top, F64),
        Arguments.of("0x" + "F".repeat(64), top, F64),
        Arguments.of("8" + "0".repeat(63), BigInteger.ONE.shiftLeft(255), "8" + "0".repeat(63)));
  }

  @ParameterizedTest
  @MethodSource("badTexts")
  void parse_refusesAndSaysWhy_withoutRepeatingTheText(String text, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NodeId.parse(text))
        .withMessageStartingWith("id: " + reason)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
  }

  static Stream<Arguments> badTexts() {
    String neither = "neither decimal nor 64 hex digits";
    return Stream.of(
        Arguments.of("", "empty"),
        Arguments.of("-1", "negative"),
        Arguments.of("-", "negative"),
        Arguments.of("-" + F64, "negative"),
        Arguments.of("4294967296", "too large for decimal"),
        Arguments.of("99999999999999999999999999", "too large for decimal"),
        Arguments.of("1".repeat(65), "too large for decimal"),
        Arguments.of("f".repeat(63), neither),
        Arguments.of("f".repeat(65), neither),
        Arguments.of("0x", "not hex digits"),
        Arguments.of("0x-1", "not hex digits"),
        Arguments.of("0x 1", "not hex digits"),
        Arguments.of("0xg", "not hex digits"),
        Arguments.of("0x" + "f".repeat(65), "2^256 or more"),
        Arguments.of("f".repeat(63) + "g", "not hex digits"),
        Arguments.of("f".repeat(63) + "\n", "not hex digits"),
        Arguments.of("abc", neither),
        Arguments.of("+1", neither),
        Arguments.of(" 1", neither),
        Arguments.of("1 ", neither),
        Arguments.of("1\n", neither),
        Arguments.of("1.0", neither),
        Arguments.of("1e3", neither),
        Arguments.of("\u0000", neither),
        Arguments.of("\u001b[31m13", neither),
        // Digits, but not ours: Arabic-Indic and full-width.
        Arguments.of("\u0661\u0663", neither),
        Arguments.of("\uff11\uff13", neither),
        Arguments.of("\uff10".repeat(64), "not hex digits"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "f", "-", "0x1", "\u001b[31m", "\n"})
  void parse_refusesTenMegabytes_inAShortMessage(String piece) {
    String text = piece.repeat(10_000_000 / piece.length());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> NodeId.parse(text))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
  }

  @Test
  void parse_readsTenMegabytesOfLeadingZeros() {
    assertThat(NodeId.parse("0".repeat(10_000_000) + "13")).isEqualTo(NodeId.of(13));
  }

  @Test
  void of_refusesNegativeValues_andTakesTheLargestLong() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NodeId.of(-1))
        .withMessageContaining("must not be negative, got -1");
    assertThat(number(NodeId.of(Long.MAX_VALUE))).isEqualTo(BigInteger.valueOf(Long.MAX_VALUE));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 33, 64, 1_000_000})
  void fromBytes_refusesEveryOtherLength(int length) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NodeId.fromBytes(new byte[length]))
        .withMessage("id: must be 32 bytes, got " + length);
  }

  @Test
  void fromBytes_readsTheMostSignificantByteFirst() {
    byte[] bytes = new byte[32];
    for (int i = 0; i < 32; i++) {
      bytes[i] = (byte) (0xe0 + i);
    }

    NodeId id = NodeId.fromBytes(bytes);

    assertThat(id.w0()).isEqualTo(0xe0e1e2e3e4e5e6e7L);
    assertThat(id.w3()).isEqualTo(0xf8f9fafbfcfdfeffL);
    assertThat(id.toBytes()).isEqualTo(bytes);
  }

  @Test
  void toBytes_givesAFreshArray_soThatNobodyChangesAnId() {
    NodeId id = NodeId.of(13);

    id.toBytes()[31] = 7;

    assertThat(id.toBytes()[31]).isEqualTo((byte) 13);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "4294967295, 4294967295", "0x100000000, 00000000", "0xabcdef0123, 00000000"})
  void toShortString_isShort(String text, String expected) {
    assertThat(NodeId.parse(text).toShortString()).isEqualTo(expected);
    assertThat(NodeId.parse("0123456789abcdef".repeat(4)).toShortString()).isEqualTo("01234567");
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void arithmeticAndOrder_agreeWithBigInteger(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      NodeId a = Numbers.draw(random);
      NodeId b = random.nextInt(20) == 0 ? a : Numbers.draw(random);
      BigInteger x = number(a);
      BigInteger y = number(b);

      assertThat(number(a.plus(b))).as("%s + %s", a, b).isEqualTo(x.add(y).mod(SPACE));
      assertThat(number(a.minus(b))).as("%s - %s", a, b).isEqualTo(x.subtract(y).mod(SPACE));
      assertThat(number(a.distanceTo(b))).as("%s ^ %s", a, b).isEqualTo(x.xor(y));
      assertThat(Integer.signum(a.compareTo(b))).as("%s : %s", a, b).isEqualTo(x.compareTo(y));
      assertThat(a.equals(b)).as("%s = %s", a, b).isEqualTo(x.equals(y));
      assertThat(number(a.complement())).isEqualTo(SPACE.subtract(BigInteger.ONE).subtract(x));
      assertThat(a.bitCount()).as("bits of %s", a).isEqualTo(x.bitCount());
      assertThat(Numbers.id(x)).isEqualTo(a);
      assertThat(NodeId.fromBytes(a.toBytes())).isEqualTo(a);
      assertThat(NodeId.parse(a.toString())).isEqualTo(a);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {5, 6})
  void bitsAndFlips_agreeWithBigInteger(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      NodeId id = Numbers.draw(random);
      BigInteger number = number(id);
      for (int bit = 0; bit < NodeId.BITS; bit++) {
        assertThat(id.bit(bit)).as("bit %d of %s", bit, id).isEqualTo(number.testBit(bit));
        assertThat(number(id.flip(bit))).as("%s flip %d", id, bit).isEqualTo(number.flipBit(bit));
      }
    }
  }

  @Test
  void bits_areAPartOfTheBinaryText_andZerosBehindIt() {
    Random random = new Random(7);
    for (int run = 0; run < 20; run++) {
      NodeId id = NodeId.random(random);
      String binary = number(id).setBit(256).toString(2).substring(1) + "0".repeat(32);
      for (int from = 0; from <= 256; from++) {
        int expected = Integer.parseUnsignedInt(binary.substring(from, from + 32), 2);
        assertThat(id.bits(from)).as("%s from %d", id, from).isEqualTo(expected);
      }
    }
  }

  @Test
  void powerOfTwo_coversTheWholeWidth() {
    for (int i = 0; i < NodeId.BITS; i++) {
      assertThat(number(NodeId.powerOfTwo(i))).isEqualTo(BigInteger.ONE.shiftLeft(i));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 256, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void exponents_outsideTheWidth_areRefused(int exponent) {
    NodeId id = NodeId.of(1);

    assertThatIllegalArgumentException().isThrownBy(() -> NodeId.powerOfTwo(exponent));
    assertThatIllegalArgumentException().isThrownBy(() -> id.bit(exponent));
    assertThatIllegalArgumentException().isThrownBy(() -> id.flip(exponent));
  }

  @Test
  void random_fillsEveryBit() {
    Random random = new Random(7);
    NodeId ones = NodeId.ZERO;
    NodeId zeros = NodeId.ZERO;
    for (int i = 0; i < 64; i++) {
      NodeId id = NodeId.random(random);
      ones = or(ones, id);
      zeros = or(zeros, id.complement());
    }

    assertThat(ones).isEqualTo(NodeId.ZERO.complement());
    assertThat(zeros).isEqualTo(NodeId.ZERO.complement());
  }

  private static NodeId or(NodeId a, NodeId b) {
    return new NodeId(a.w0() | b.w0(), a.w1() | b.w1(), a.w2() | b.w2(), a.w3() | b.w3());
  }
}
