package dev.peerdiscovery.node;

/**
 * Who calls, and what that may still ask for: a node that TLS proves, or an address, or one
 * connection where the address is this machine's own and says nothing about who calls. A call finds
 * it in the attributes of its connection, without a look-up. Thread-safe.
 */
final class Source {
  private final Share share;
  private final Limits limits;

  private int violations;
  private long firstViolationNanos;

  /** Read at every call, so without the lock. */
  private volatile long quarantinedUntilNanos = Long.MIN_VALUE;

  Source(Limits limits) {
    this.limits = limits;
    this.share = Share.ofPeer(limits);
  }

  Share share() {
    return share;
  }

  boolean isQuarantined(long nowNanos) {
    return nowNanos < quarantinedUntilNanos;
  }

  /** Counts a malformed request; returns whether it was one too many. */
  synchronized boolean violated(long nowNanos) {
    if (violations == 0 || nowNanos - firstViolationNanos > Limits.VIOLATION_WINDOW.toNanos()) {
      violations = 0;
      firstViolationNanos = nowNanos;
    }
    if (++violations < limits.violations()) {
      return false;
    }
    violations = 0;
    quarantinedUntilNanos = nowNanos + limits.quarantine().toNanos();
    return true;
  }
}
