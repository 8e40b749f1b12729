package dev.peerdiscovery.node;

import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Which records of callers were looked at within the last second. Holds a bounded number, so that
 * one may be looked at too often, and none too seldom. Thread-safe, without a lock.
 */
final class LookedAt {
  private static final long EVERY_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int SLOTS = 1024;

  private record Look(SignedPeerRecord record, long nanos) {}

  private final AtomicReferenceArray<Look> slots = new AtomicReferenceArray<>(SLOTS);

  /** Whether it is time to look at a record, which then counts as done. */
  boolean isDue(SignedPeerRecord record, long nowNanos) {
    int slot = record.encoded().hashCode() & (SLOTS - 1);
    Look last = slots.get(slot);
    if (last != null && nowNanos - last.nanos < EVERY_NANOS && last.record.equals(record)) {
      return false;
    }
    slots.set(slot, new Look(record, nowNanos));
    return true;
  }
}
