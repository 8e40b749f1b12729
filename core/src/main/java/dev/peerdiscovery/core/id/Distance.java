package dev.peerdiscovery.core.id;

/**
 * How far two ids are apart: their XOR, as an unsigned number of 256 bits (Maymounkov and Mazières,
 * Kademlia, 2002, section 2.1). Immutable; the natural order is nearest first.
 *
 * <p>This is the only notion of distance in the project. The bucket index is derived from it, and a
 * test ties the two orders together, because implementations that compute them separately are known
 * to disagree with themselves.
 *
 * @param w0 bits 255 to 192
 * @param w1 bits 191 to 128
 * @param w2 bits 127 to 64
 * @param w3 bits 63 to 0
 */
public record Distance(long w0, long w1, long w2, long w3) implements Comparable<Distance> {
  /** Whether the two ids are the same. */
  public boolean isZero() {
    return (w0 | w1 | w2 | w3) == 0;
  }

  /**
   * The index of the bucket for this distance: the position of its highest set bit, 0 to 255, so
   * that bucket i holds distances from 2<sup>i</sup> to 2<sup>i+1</sup> − 1; −1 when zero.
   */
  public int bucket() {
    return bucket(w0, w1, w2, w3);
  }

  /** The distance as a share of the whole space, 0 (itself) to 1 (exclusive); approximate. */
  public double share() {
    double share =
        unsigned(w0) * 0x1p-64
            + unsigned(w1) * 0x1p-128
            + unsigned(w2) * 0x1p-192
            + unsigned(w3) * 0x1p-256;
    // The farthest distances would round to the whole space.
    return Math.min(share, Math.nextDown(1.0));
  }

  @Override
  public int compareTo(Distance other) {
    int order = Long.compareUnsigned(w0, other.w0);
    if (order == 0) {
      order = Long.compareUnsigned(w1, other.w1);
    }
    if (order == 0) {
      order = Long.compareUnsigned(w2, other.w2);
    }
    return order == 0 ? Long.compareUnsigned(w3, other.w3) : order;
  }

  static int bucket(long w0, long w1, long w2, long w3) {
    if (w0 != 0) {
      return 255 - Long.numberOfLeadingZeros(w0);
    }
    if (w1 != 0) {
      return 191 - Long.numberOfLeadingZeros(w1);
    }
    if (w2 != 0) {
      return 127 - Long.numberOfLeadingZeros(w2);
    }
    return 63 - Long.numberOfLeadingZeros(w3);
  }

  private static double unsigned(long word) {
    return (word >>> 1) * 2.0 + (word & 1);
  }
}
