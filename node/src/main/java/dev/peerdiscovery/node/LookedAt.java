package dev.peerdiscovery.node;

import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Which records of callers that are news were looked at within the last second. Holds a bounded
 * number, so that one may be looked at too often, and none too seldom. Thread-safe, without a lock.
 */
final class LookedAt {
  private static final long EVERY_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int SLOTS = 4096;

  private record Look(SignedPeerRecord record, long nanos) {}

  private final AtomicReferenceArray<@Nullable Look> slots = new AtomicReferenceArray<>(SLOTS);

  /** Whether it is time to look at a record, which then counts as done. */
  boolean isDue(SignedPeerRecord record, long nowNanos) {
    int slot = record.encoded().hashCode() & (SLOTS - 1);
    // Each record has two slots to be in, or two that fall together would keep each other out, and
    // with every call of either the engine would be told anew.
    int other = slot ^ 1;
    Look inFirst = slots.get(slot);
    Look inOther = slots.get(other);
    if (isFresh(inFirst, record, nowNanos) || isFresh(inOther, record, nowNanos)) {
      return false;
    }
    boolean otherIsOlder = ageNanos(inOther, nowNanos) > ageNanos(inFirst, nowNanos);
    slots.set(otherIsOlder ? other : slot, new Look(record, nowNanos));
    return true;
  }

  private static boolean isFresh(@Nullable Look look, SignedPeerRecord record, long nowNanos) {
    return look != null && nowNanos - look.nanos < EVERY_NANOS && look.record.equals(record);
  }

  private static long ageNanos(@Nullable Look look, long nowNanos) {
    return look == null ? Long.MAX_VALUE : nowNanos - look.nanos;
  }
}
