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

  /** The pause after the first check of an instance in doubt; each one is twice that before. */
  private static final Duration DOUBT = Duration.ofMillis(250);

  private boolean wantsChecks;
  private boolean underWay;
  private boolean failed;
  private long freshUntilNanos = Long.MIN_VALUE;
  private long againNanos = Long.MIN_VALUE;

  /** While the instance is in doubt, the pause to the next check; else 0. */
  private long doubtNanos;

  /** An application registered the instance, anew or again. */
  void registered(boolean checks) {
    doubtNanos = 0;
    wantsChecks = checks;
    failed &= checks;
    // Whoever registers again has likely mended something.
    againNanos = Long.MIN_VALUE;
  }

  /**
   * The call that held the instance was lost, and its process perhaps with it: where checks are
   * wanted there is one at once, and then others at growing pauses, since a process that dies takes
   * connections for a moment longer.
   */
  void doubted(long nowNanos) {
    if (wantsChecks) {
      doubtNanos = DOUBT.toNanos();
      againNanos = nowNanos;
    }
  }

  boolean isDoubted() {
    return doubtNanos > 0;
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

  /** When a check that failed, or one of an instance in doubt, is due again. */
  long again() {
    return (failed || isDoubted()) && !underWay ? againNanos : Part.NEVER;
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
    againNanos = nowNanos + (isDoubted() ? doubtNanos : Math.min(third, RECHECK.toNanos()));
    doubtNanos *= 2;
    return failed != before;
  }
}
