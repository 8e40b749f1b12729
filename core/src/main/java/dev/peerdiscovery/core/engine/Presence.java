package dev.peerdiscovery.core.engine;

import java.time.Duration;

/**
 * Whether an instance is there, as far as the node's owner found out: core cannot dial it, so it
 * asks for a check before it publishes, and a passed one is good for a moment. One that failed is
 * asked for again and again, because the instance may come back. Instances that nobody wants
 * checked are always there.
 */
final class Presence {
  /** What is published within this time of a check, or a twentieth of the TTL, needs no other. */
  private static final Duration FRESH = Duration.ofSeconds(1);

  /** The longest from one failed check to the next. */
  private static final Duration RECHECK = Duration.ofSeconds(10);

  private boolean wantsChecks;
  private boolean underWay;
  private boolean failed;
  private long freshUntilNanos = Long.MIN_VALUE;
  private long againNanos = Long.MIN_VALUE;

  /** An application registered the instance, anew or again. */
  void registered(boolean checks) {
    wantsChecks = checks;
    failed &= checks;
    // Whoever registers again has likely mended something.
    againNanos = Long.MIN_VALUE;
  }

  /** Whether the last check failed: nobody should be sent there. */
  boolean isFailing() {
    return failed;
  }

  /** Whether a record may say now that the instance is there. */
  boolean isFresh(long nowNanos) {
    return !wantsChecks || nowNanos < freshUntilNanos;
  }

  boolean isUnderWay() {
    return underWay;
  }

  /** Begins a check; false when one is under way. */
  boolean begin() {
    boolean begun = !underWay;
    underWay = true;
    return begun;
  }

  /** When a check that failed is due again. */
  long again() {
    return failed && !underWay ? againNanos : Part.NEVER;
  }

  /**
   * A check is over.
   *
   * @param third the time from one publication to the next
   * @return whether that changes what was known
   */
  boolean checked(boolean there, Duration ttl, long third, long nowNanos) {
    underWay = false;
    boolean before = failed;
    failed = wantsChecks && !there;
    freshUntilNanos =
        failed ? Long.MIN_VALUE : nowNanos + Math.max(FRESH.toNanos(), ttl.toNanos() / 20);
    againNanos = nowNanos + Math.min(third, RECHECK.toNanos());
    return failed != before;
  }
}
