package dev.peerdiscovery.node;

import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Which records the engine was told of lately. Holds a bounded number and forgets the rest, so that
 * one may be told of too often and none for long too seldom. Thread-safe, without a lock.
 */
final class Told {
  private static final long EVERY_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int SLOTS = 1024;

  private record Telling(SignedPeerRecord record, long nanos) {}

  private final AtomicReferenceArray<Telling> slots = new AtomicReferenceArray<>(SLOTS);

  /** Whether the engine should be told, which then counts as done. */
  boolean isDue(SignedPeerRecord record, long nowNanos) {
    int slot = record.encoded().hashCode() & (SLOTS - 1);
    Telling last = slots.get(slot);
    if (last != null && nowNanos - last.nanos < EVERY_NANOS && last.record.equals(record)) {
      return false;
    }
    slots.set(slot, new Telling(record, nowNanos));
    return true;
  }
}
