package dev.peerdiscovery.tests.trouble;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Time that passes while this process runs: of a gap between two readings at most a second counts.
 * A machine that gives the process no processor for a while so breaks no deadline. It has to be
 * read more often than once a second. Thread-safe.
 */
final class RunningTime {
  private static final long LONGEST_STEP = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier clock;
  private long lastReading;
  private long nanos;

  RunningTime(LongSupplier clock) {
    this.clock = clock;
    this.lastReading = clock.getAsLong();
  }

  /** The nanoseconds since it began. */
  synchronized long nanos() {
    long reading = clock.getAsLong();
    nanos += Math.min(LONGEST_STEP, reading - lastReading);
    lastReading = reading;
    return nanos;
  }
}
