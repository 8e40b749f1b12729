package dev.peerdiscovery.core.id;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * The id of a peer, or of anything that is looked up: an unsigned number of 256 bits, held as four
 * longs, the most significant first. Immutable.
 *
 * <p>Arithmetic wraps modulo 2<sup>256</sup>. The natural order is the unsigned numeric one; order
 * by nearness is {@link Distance}'s.
 *
 * <p>As text an id is decimal below 2<sup>32</sup> (so the seed's peers are called 0, 1, 2 …) and
 * otherwise 64 lower-case hex digits.
 *
 * @param w0 bits 255 to 192
 * @param w1 bits 191 to 128
 * @param w2 bits 127 to 64
 * @param w3 bits 63 to 0
 */
public record NodeId(long w0, long w1, long w2, long w3) implements Comparable<NodeId> {
  /** Bits in an id. */
  public static final int BITS = 256;

  /** Bytes in an id on the wire. */
  public static final int BYTES = BITS / 8;

  /** The id 0. */
  public static final NodeId ZERO = new NodeId(0, 0, 0, 0);

  private static final int HEX_DIGITS = BYTES * 2;
  private static final long DECIMAL_LIMIT = 1L << 32;
  private static final String FORMS =
      "an id is a number below 4294967296, 64 hex digits, or 0x and 1 to 64 hex digits";

  /**
   * The id with this small value.
   *
   * @throws IllegalArgumentException when the value is negative
   */
  public static NodeId of(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("id: must not be negative, got " + value);
    }
    return new NodeId(0, 0, 0, value);
  }

  /**
   * Reads the 32 bytes of an id, most significant first.
   *
   * @throws IllegalArgumentException when there are not exactly 32
   */
  public static NodeId fromBytes(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("id: must be 32 bytes, got " + bytes.length);
    }
    return fromBytes(bytes, 0);
  }

  /** Reads an id from the 32 bytes of an array that begin at {@code from}. */
  public static NodeId fromBytes(byte[] array, int from) {
    ByteBuffer buffer = ByteBuffer.wrap(array, from, BYTES);
    return new NodeId(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
  }

  /**
   * Reads an id from text: decimal below 2<sup>32</sup>, or 64 hex digits, or {@code 0x} followed
   * by 1 to 64 hex digits.
   *
   * @throws IllegalArgumentException when the text is none of these; the message says what is wrong
   *     and never repeats the text
   */
  public static NodeId parse(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("id: empty; " + FORMS);
    }
    if (text.startsWith("-")) {
      throw new IllegalArgumentException("id: negative; " + FORMS);
    }
    if (text.startsWith("0x") || text.startsWith("0X")) {
      return parseHex(text.substring(2));
    }
    if (text.length() == HEX_DIGITS) {
      return parseHex(text);
    }
    if (!text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException("id: neither decimal nor 64 hex digits; " + FORMS);
    }
    // Ten digits always fit a long; more are over the limit, but for leading zeros.
    String digits = text.replaceFirst("^0+(?=.)", "");
    if (digits.length() > 10 || Long.parseLong(digits) >= DECIMAL_LIMIT) {
      throw new IllegalArgumentException("id: too large for decimal; " + FORMS);
    }
    return of(Long.parseLong(digits));
  }

  private static NodeId parseHex(String digits) {
    if (digits.length() > HEX_DIGITS) {
      throw new IllegalArgumentException("id: 2^256 or more; " + FORMS);
    }
    if (digits.isEmpty() || !digits.chars().allMatch(HexFormat::isHexDigit)) {
      throw new IllegalArgumentException("id: not hex digits; " + FORMS);
    }
    return fromBytes(HexFormat.of().parseHex("0".repeat(HEX_DIGITS - digits.length()) + digits));
  }

  /** An id drawn uniformly from all 2<sup>256</sup>. */
  public static NodeId random(RandomGenerator random) {
    return new NodeId(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  /** The XOR distance to another id. Symmetric; zero only to the id itself. */
  public Distance distanceTo(NodeId other) {
    return new Distance(w0 ^ other.w0, w1 ^ other.w1, w2 ^ other.w2, w3 ^ other.w3);
  }

  /**
   * Which of two ids is nearer to this one: negative when {@code a} is, positive when {@code b} is.
   * The order of {@link Distance}, without making one: the routing table sorts by it.
   */
  public int compareDistances(NodeId a, NodeId b) {
    int order = Long.compareUnsigned(w0 ^ a.w0, w0 ^ b.w0);
    if (order == 0) {
      order = Long.compareUnsigned(w1 ^ a.w1, w1 ^ b.w1);
    }
    if (order == 0) {
      order = Long.compareUnsigned(w2 ^ a.w2, w2 ^ b.w2);
    }
    return order == 0 ? Long.compareUnsigned(w3 ^ a.w3, w3 ^ b.w3) : order;
  }

  /**
   * The index of the bucket that {@code other} falls into as seen from this id, 0 to 255; −1 for
   * the id itself. The same as {@code distanceTo(other).bucket()}.
   */
  public int bucketOf(NodeId other) {
    return Distance.bucket(w0 ^ other.w0, w1 ^ other.w1, w2 ^ other.w2, w3 ^ other.w3);
  }

  /** Whether bit {@code exponent} is set: the one that stands for 2<sup>exponent</sup>. */
  public boolean bit(int exponent) {
    checkExponent(exponent);
    return (word(3 - exponent / 64) >>> (exponent % 64) & 1) == 1;
  }

  /**
   * 32 bits of this id, the most significant first, and zeros where it ends.
   *
   * @param from how many of its leading bits come before them, 0 to 256
   */
  public int bits(int from) {
    int word = from >>> 6;
    int shift = from & 63;
    long bits = word < 4 ? word(word) << shift : 0;
    if (shift > 32 && word < 3) {
      bits |= word(word + 1) >>> (64 - shift);
    }
    return (int) (bits >>> 32);
  }

  /** This id XOR 2<sup>exponent</sup>. */
  public NodeId flip(int exponent) {
    NodeId power = powerOfTwo(exponent);
    return new NodeId(w0 ^ power.w0, w1 ^ power.w1, w2 ^ power.w2, w3 ^ power.w3);
  }

  /** The id farthest from this one by XOR: every bit inverted. */
  public NodeId complement() {
    return new NodeId(~w0, ~w1, ~w2, ~w3);
  }

  /** This id + other, modulo 2<sup>256</sup>. */
  public NodeId plus(NodeId other) {
    long r3 = w3 + other.w3;
    long carry = carry(w3, other.w3, r3);
    long r2 = w2 + other.w2 + carry;
    carry = carry(w2, other.w2, r2);
    long r1 = w1 + other.w1 + carry;
    carry = carry(w1, other.w1, r1);
    return new NodeId(w0 + other.w0 + carry, r1, r2, r3);
  }

  /** This id − other, modulo 2<sup>256</sup>. */
  public NodeId minus(NodeId other) {
    return plus(other.complement()).plus(of(1));
  }

  /** 2<sup>exponent</sup>, for an exponent of 0 to 255. */
  public static NodeId powerOfTwo(int exponent) {
    checkExponent(exponent);
    long bit = 1L << (exponent % 64);
    return switch (exponent / 64) {
      case 0 -> new NodeId(0, 0, 0, bit);
      case 1 -> new NodeId(0, 0, bit, 0);
      case 2 -> new NodeId(0, bit, 0, 0);
      default -> new NodeId(bit, 0, 0, 0);
    };
  }

  /** The number of bits that are set. */
  public int bitCount() {
    return Long.bitCount(w0) + Long.bitCount(w1) + Long.bitCount(w2) + Long.bitCount(w3);
  }

  /** The 32 bytes of this id, most significant first; a fresh array at each call. */
  public byte[] toBytes() {
    byte[] bytes = new byte[BYTES];
    copyTo(bytes, 0);
    return bytes;
  }

  /** Puts the 32 bytes of this id into an array, where there must be room for them. */
  public void copyTo(byte[] target, int at) {
    ByteBuffer.wrap(target, at, BYTES).putLong(w0).putLong(w1).putLong(w2).putLong(w3);
  }

  /** At most ten characters, for logs: the decimal text, or the first eight hex digits. */
  public String toShortString() {
    String text = toString();
    return text.length() == HEX_DIGITS ? text.substring(0, 8) : text;
  }

  @Override
  public int compareTo(NodeId other) {
    return ZERO.compareDistances(this, other);
  }

  // Written out, as in the other records that are compared with every message: what the JDK
  // generates is a chain of method handles, and turned up in profiles.

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof NodeId id && w0 == id.w0 && w1 == id.w1 && w2 == id.w2 && w3 == id.w3);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(w0 + 31 * w1 + 961 * w2 + 29791 * w3);
  }

  @Override
  public String toString() {
    return (w0 | w1 | w2) == 0 && w3 >= 0 && w3 < DECIMAL_LIMIT
        ? Long.toString(w3)
        : HexFormat.of().formatHex(toBytes());
  }

  private long word(int index) {
    return switch (index) {
      case 0 -> w0;
      case 1 -> w1;
      case 2 -> w2;
      default -> w3;
    };
  }

  /** The carry out of a + b (+ a carry in) = sum: Hacker's Delight, 2-16. */
  private static long carry(long a, long b, long sum) {
    return ((a & b) | ((a | b) & ~sum)) >>> 63;
  }

  private static void checkExponent(int exponent) {
    if (exponent < 0 || exponent >= BITS) {
      throw new IllegalArgumentException("exponent: must be 0 to 255, got " + exponent);
    }
  }
}
