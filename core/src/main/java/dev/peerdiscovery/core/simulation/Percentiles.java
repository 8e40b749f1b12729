package dev.peerdiscovery.core.simulation;

import java.time.Duration;
import java.util.Arrays;

/**
 * Of a number of durations.
 *
 * @param mean their mean
 * @param p50 half of them are at most this
 * @param p90 nine in ten are at most this
 * @param p99 all but one in a hundred are at most this
 * @param most the longest
 */
public record Percentiles(Duration mean, Duration p50, Duration p90, Duration p99, Duration most) {
  /** Of durations in nanoseconds, which it sorts; all zero when there are none. */
  static Percentiles of(long[] nanos) {
    if (nanos.length == 0) {
      return new Percentiles(
          Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
    }
    Arrays.sort(nanos);
    double sum = 0;
    for (long each : nanos) {
      sum += each;
    }
    return new Percentiles(
        Duration.ofNanos((long) (sum / nanos.length)),
        at(nanos, 50),
        at(nanos, 90),
        at(nanos, 99),
        Duration.ofNanos(nanos[nanos.length - 1]));
  }

  /** The smallest value that so many per cent of all are at most (nearest rank). */
  private static Duration at(long[] sorted, int percent) {
    int rank = (int) (((long) sorted.length * percent + 99) / 100);
    return Duration.ofNanos(sorted[Math.max(1, rank) - 1]);
  }
}
