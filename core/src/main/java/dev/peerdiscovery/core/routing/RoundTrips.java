package dev.peerdiscovery.core.routing;

/**
 * A running mean of round trips and of their deviation, as TCP keeps them (RFC 6298, section 2).
 * Mean plus two mean deviations lies near the 90th percentile for the skewed distributions that
 * round trips have; plus four is how long TCP waits before it holds a segment to be lost.
 *
 * <p>Both are microseconds and lie in the halves of one long, because a simulation keeps them for a
 * hundred million contacts.
 */
final class RoundTrips {
  /** No sample yet. */
  static final long NONE = 0;

  private RoundTrips() {}

  /** What is known after one more sample, of at least 1. */
  static long add(long known, int sampleMicros) {
    if (known == NONE) {
      return pack(sampleMicros, sampleMicros / 2);
    }
    int mean = meanMicros(known);
    int deviation = deviationMicros(known);
    return pack(
        mean + (sampleMicros - mean) / 8,
        deviation + (Math.abs(sampleMicros - mean) - deviation) / 4);
  }

  /** 0 when there is no sample yet. */
  static int meanMicros(long known) {
    return (int) (known >>> 32);
  }

  /** −1 when there is no sample yet. */
  static long nanos(long known, int deviations) {
    return known == NONE
        ? -1
        : (meanMicros(known) + (long) deviations * deviationMicros(known)) * 1_000;
  }

  private static int deviationMicros(long known) {
    return (int) known;
  }

  private static long pack(int meanMicros, int deviationMicros) {
    return (long) meanMicros << 32 | deviationMicros;
  }
}
