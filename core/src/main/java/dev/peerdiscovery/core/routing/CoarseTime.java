package dev.peerdiscovery.core.routing;

/**
 * Times in quarters of a second since the zero of the clock, as an unsigned int: for what is kept
 * of every contact, and compared with minutes. They never lie after the time that they stand for.
 * After 34 years they stand still instead of beginning anew.
 */
final class CoarseTime {
  static final long UNIT_NANOS = 250_000_000;

  private static final long MAX = 0xFFFF_FFFFL;

  private CoarseTime() {}

  /** A time before the zero becomes the zero. */
  static int of(long nanos) {
    return (int) Math.max(0, Math.min(MAX, nanos / UNIT_NANOS));
  }

  static long nanos(int time) {
    return Integer.toUnsignedLong(time) * UNIT_NANOS;
  }
}
