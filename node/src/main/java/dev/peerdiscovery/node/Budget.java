package dev.peerdiscovery.node;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * So many calls a second, and as many at once as in one second. It is a token bucket kept as the
 * one time at which it would be full again (the generic cell rate algorithm, ITU-T I.371), so that
 * taking from it is one compare-and-set. Thread-safe.
 */
final class Budget {
  private static final long BURST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final long intervalNanos;
  private final AtomicLong fullNanos = new AtomicLong(Long.MIN_VALUE);

  Budget(int callsPerSecond) {
    this.intervalNanos = Math.max(1, TimeUnit.SECONDS.toNanos(1) / callsPerSecond);
  }

  /** Takes one call, if there is one left. */
  boolean take(long nowNanos) {
    while (true) {
      long full = fullNanos.get();
      long next = Math.max(full, nowNanos) + intervalNanos;
      if (next - nowNanos > BURST_NANOS) {
        return false;
      }
      if (fullNanos.compareAndSet(full, next)) {
        return true;
      }
    }
  }
}
