package dev.peerdiscovery.tests.load;

import java.util.Arrays;

/**
 * What was measured while one thing ran for a while.
 *
 * @param calls how many were answered
 * @param nanos how long that took
 * @param p50Nanos half of them took no longer
 * @param p99Nanos 99 of 100 took no longer
 */
record Slice(long calls, long nanos, long p50Nanos, long p99Nanos) {
  /** Of the time that each took; sorts the array. */
  static Slice of(long[] latencies, long nanos) {
    Arrays.sort(latencies);
    return new Slice(latencies.length, nanos, quantile(latencies, 0.50), quantile(latencies, 0.99));
  }

  private static long quantile(long[] sorted, double share) {
    return sorted.length == 0 ? 0 : sorted[(int) (share * (sorted.length - 1))];
  }

  double perSecond() {
    return calls * 1e9 / nanos;
  }

  /** As one line, for another process. */
  String line() {
    return calls + " " + nanos + " " + p50Nanos + " " + p99Nanos;
  }

  static Slice parse(String line) {
    long[] numbers = Arrays.stream(line.split(" ", -1)).mapToLong(Long::parseLong).toArray();
    return new Slice(numbers[0], numbers[1], numbers[2], numbers[3]);
  }
}
