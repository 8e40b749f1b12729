package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Endpoint;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoints are left alone for a while, and why: a peer that is busy has asked for it, and
 * one whose answers broke the rules three times within a minute is not asked for ten. And how often
 * a host is tried of which nobody knows that a peer is there: whoever can put records into answers
 * could point a whole network at a victim. Everything here is bounded; what was noted first is
 * forgotten first.
 */
final class Dials {
  /** The most endpoints, or hosts, in each of the lists. */
  static final int MAX = 4096;

  static final int MAX_VIOLATIONS = 3;
  static final Duration VIOLATIONS_WITHIN = Duration.ofMinutes(1);
  static final Duration QUARANTINE = Refusal.MAX_RETRY_AFTER;

  /** One try of a host in this time. */
  static final Duration TRY_EVERY = Duration.ofSeconds(10);

  private record Violations(int count, long sinceNanos) {}

  private final Map<Endpoint, Long> pausedUntilNanos = new LinkedHashMap<>(0);
  private final Map<Endpoint, Violations> violations = new LinkedHashMap<>(0);
  private final Map<String, Long> triedNanos = new LinkedHashMap<>(0);

  /** Endpoints that have answered a call; the values say nothing. */
  private final Map<Endpoint, Boolean> answered = new LinkedHashMap<>(0);

  /** A peer asked to be left alone. */
  void busy(Endpoint peer, Duration pause, long nowNanos) {
    if (!pause.isZero()) {
      put(pausedUntilNanos, peer, nowNanos + pause.toNanos());
    }
  }

  /** An answer broke the rules; returns whether it was one too many. */
  boolean violated(Endpoint peer, long nowNanos) {
    Violations before = violations.getOrDefault(peer, new Violations(0, nowNanos));
    boolean recent = nowNanos - before.sinceNanos <= VIOLATIONS_WITHIN.toNanos();
    Violations now =
        recent ? new Violations(before.count + 1, before.sinceNanos) : new Violations(1, nowNanos);
    if (now.count < MAX_VIOLATIONS) {
      put(violations, peer, now);
      return false;
    }
    violations.remove(peer);
    put(pausedUntilNanos, peer, nowNanos + QUARANTINE.toNanos());
    return true;
  }

  /** Whether an endpoint is not to be called now. */
  boolean isPaused(Endpoint peer, long nowNanos) {
    return pauseNanos(peer, nowNanos) > 0;
  }

  /** For how long from now an endpoint is not to be called; 0 when it may be. */
  long pauseNanos(Endpoint peer, long nowNanos) {
    if (pausedUntilNanos.isEmpty()) {
      return 0;
    }
    @Nullable Long until = pausedUntilNanos.get(peer);
    if (until != null && nowNanos >= until) {
      pausedUntilNanos.remove(peer);
      return 0;
    }
    return until == null ? 0 : until - nowNanos;
  }

  /** A peer answered where it was called, so others may call it there as often as they like. */
  void answered(Endpoint peer) {
    put(answered, peer, true);
  }

  /** Whether an endpoint may be called at which perhaps nobody is; it counts as called then. */
  boolean mayTry(Endpoint peer, long nowNanos) {
    if (answered.containsKey(peer)) {
      return true;
    }
    @Nullable Long last = triedNanos.get(peer.host());
    if (last != null && nowNanos - last < TRY_EVERY.toNanos()) {
      return false;
    }
    put(triedNanos, peer.host(), nowNanos);
    return true;
  }

  private static <K, V> void put(Map<K, V> map, K key, V value) {
    // Taken out first, so that it counts as the newest.
    map.remove(key);
    map.put(key, value);
    if (map.size() > MAX) {
      map.remove(map.keySet().iterator().next());
    }
  }

  /** How much is remembered. */
  int size() {
    return pausedUntilNanos.size() + violations.size() + triedNanos.size() + answered.size();
  }
}
