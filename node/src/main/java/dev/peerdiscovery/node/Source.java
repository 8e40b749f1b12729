package dev.peerdiscovery.node;

import java.net.InetAddress;
import java.util.Optional;

/**
 * Where calls come from, and what that may still ask for: an address, or one connection where the
 * address is this machine's own and says nothing about who calls. A call finds it in the attributes
 * of its connection, without a look-up. Thread-safe.
 *
 * <p>Once TLS proves who is at the other end, the id is a better key than the address: {@link
 * Sources#opened} is the place to choose it.
 */
final class Source {
  private final Optional<InetAddress> address;
  private final Budget calls;
  private final Limits limits;

  private int violations;
  private long firstViolationNanos;

  /** Read at every call, so without the lock. */
  private volatile long quarantinedUntilNanos = Long.MIN_VALUE;

  Source(Optional<InetAddress> address, Limits limits) {
    this.address = address;
    this.limits = limits;
    this.calls = new Budget(limits.callsPerSecondPerPeer());
  }

  /** The address; none for a connection from this machine. */
  Optional<InetAddress> address() {
    return address;
  }

  /** Takes one call, if there is one left. */
  boolean take(long nowNanos) {
    return calls.take(nowNanos);
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
