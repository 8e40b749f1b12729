package dev.peerdiscovery.node;

/**
 * The engine's time: nanoseconds since this was made, from the monotonic clock, so that changes of
 * the wall clock do not touch any timer.
 */
final class Clock {
  private final long originNanos = System.nanoTime();

  long nowNanos() {
    return System.nanoTime() - originNanos;
  }
}
