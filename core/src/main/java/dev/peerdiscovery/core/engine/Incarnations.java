package dev.peerdiscovery.core.engine;

/**
 * Numbers the registrations of this node by the moment of each, so that of two records that name
 * one endpoint, be they of one node or of two, the later registration has the larger number. A
 * number is the node's first sequence, which is its wall clock in milliseconds or above it, and the
 * milliseconds since; never one twice, and always above the sequences of the node's own records.
 * Two nodes are compared as well as their clocks agree.
 */
final class Incarnations {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Self self;
  private final long first;
  private final long beganNanos;
  private long last;

  Incarnations(Self self, long nowNanos) {
    this.self = self;
    this.first = self.sequence();
    this.beganNanos = nowNanos;
    this.last = first;
  }

  /** That of a registration at this time. */
  long next(long nowNanos) {
    long atThisTime = first + (nowNanos - beganNanos) / NANOS_PER_MILLI;
    // A run before may have had a clock that was ahead; the node's own record has met that by now.
    last = Math.max(last + 1, Math.max(atThisTime, self.sequence()));
    return last;
  }

  /** One that is larger by at least so much, for a registration whose number was too small. */
  long beyond(long tooSmall, long byMillis, long nowNanos) {
    last = Math.max(next(nowNanos), tooSmall + byMillis);
    return last;
  }
}
