package dev.peerdiscovery.core.routing;

/**
 * A running mean of round trips and of their deviation, as TCP keeps them (RFC 6298, section 2).
 * Mean plus two mean deviations lies near the 90th percentile for the skewed distributions that
 * round trips have; plus four is how long TCP waits before it holds a segment to be lost.
 */
final class RoundTrips {
  private int meanMicros;
  private int deviationMicros;

  void add(int sampleMicros) {
    if (meanMicros == 0) {
      meanMicros = sampleMicros;
      deviationMicros = sampleMicros / 2;
    } else {
      deviationMicros = deviation(deviationMicros, meanMicros, sampleMicros);
      meanMicros = mean(meanMicros, sampleMicros);
    }
  }

  static int mean(int meanMicros, int sampleMicros) {
    return meanMicros + (sampleMicros - meanMicros) / 8;
  }

  static int deviation(int deviationMicros, int meanMicros, int sampleMicros) {
    return deviationMicros + (Math.abs(sampleMicros - meanMicros) - deviationMicros) / 4;
  }

  /** −1 when there is no sample yet. */
  long nanos(int deviations) {
    return meanMicros == 0 ? -1 : nanos(meanMicros, deviationMicros, deviations);
  }

  static long nanos(int meanMicros, int deviationMicros, int deviations) {
    return (meanMicros + (long) deviations * deviationMicros) * 1_000;
  }
}
