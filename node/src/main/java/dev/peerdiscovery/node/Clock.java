package dev.peerdiscovery.node;

import java.util.function.LongSupplier;

/**
 * The engine's time: nanoseconds since this was made, from the monotonic clock, so that changes of
 * the wall clock do not touch any timer.
 */
final class Clock {
  private final LongSupplier nanos;
  private final long originNanos;

  Clock() {
    this(System::nanoTime);
  }

  /** Goes by another source of nanoseconds, for tests that say what time it is. */
  Clock(LongSupplier nanos) {
    this.nanos = nanos;
    this.originNanos = nanos.getAsLong();
  }

  long nowNanos() {
    return nanos.getAsLong() - originNanos;
  }
}
