package dev.peerdiscovery.core.simulation;

import java.time.Duration;
import java.util.Arrays;

/** How a number of durations are spread. Immutable; all are zero when there are none. */
public final class Percentiles {
  private final long[] sorted;

  private Percentiles(long[] sorted) {
    this.sorted = sorted;
  }

  /** Of durations in nanoseconds, which become its own. */
  static Percentiles of(long[] nanos) {
    Arrays.sort(nanos);
    return new Percentiles(nanos);
  }

  /** How many durations there are. */
  public int count() {
    return sorted.length;
  }

  /** How many of them are at most that long. */
  public int countUpTo(Duration most) {
    long nanos = most.toNanos();
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] <= nanos) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Their mean. */
  public Duration mean() {
    double sum = 0;
    for (long each : sorted) {
      sum += each;
    }
    return Duration.ofNanos(sorted.length == 0 ? 0 : (long) (sum / sorted.length));
  }

  /** Half of them are at most this. */
  public Duration p50() {
    return at(50);
  }

  /** Nine in ten are at most this. */
  public Duration p90() {
    return at(90);
  }

  /** All but one in a hundred are at most this. */
  public Duration p99() {
    return at(99);
  }

  /** The longest. */
  public Duration most() {
    return at(100);
  }

  /** The smallest value that so many per cent of all are at most (nearest rank). */
  private Duration at(int percent) {
    if (sorted.length == 0) {
      return Duration.ZERO;
    }
    int rank = (int) (((long) sorted.length * percent + 99) / 100);
    return Duration.ofNanos(sorted[rank - 1]);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Percentiles that && Arrays.equals(sorted, that.sorted);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sorted);
  }

  @Override
  public String toString() {
    return "mean " + mean() + ", 50% " + p50() + ", 90% " + p90() + ", 99% " + p99();
  }
}
