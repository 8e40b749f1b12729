package dev.peerdiscovery.core.id;

import java.math.BigInteger;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** The oracle of the id tests: ids as big integers, and random ids that like the edges. */
final class Numbers {
  static final BigInteger SPACE = BigInteger.ONE.shiftLeft(NodeId.BITS);

  private Numbers() {}

  static BigInteger number(NodeId id) {
    return new BigInteger(1, id.toBytes());
  }

  static BigInteger number(Distance distance) {
    return number(new NodeId(distance.w0(), distance.w1(), distance.w2(), distance.w3()));
  }

  /** The id of a number modulo 2^256. */
  static NodeId id(BigInteger number) {
    String hex = number.mod(SPACE).toString(16);
    return NodeId.fromBytes(
        HexFormat.of().parseHex("0".repeat(2 * NodeId.BYTES - hex.length()) + hex));
  }

  /** Uniform, small, next to a power of two, with long runs of ones, or next to the top. */
  static NodeId draw(RandomGenerator random) {
    NodeId near = NodeId.of(random.nextInt(4));
    return switch (random.nextInt(6)) {
      case 0 -> NodeId.of(random.nextInt(64));
      case 1 -> NodeId.powerOfTwo(random.nextInt(256)).plus(near);
      case 2 -> NodeId.powerOfTwo(random.nextInt(256)).minus(near);
      case 3 -> NodeId.powerOfTwo(random.nextInt(256)).minus(NodeId.random(random));
      case 4 -> NodeId.ZERO.complement().minus(near);
      default -> NodeId.random(random);
    };
  }
}
