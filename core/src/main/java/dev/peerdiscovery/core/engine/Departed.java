package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * Remembers contacts that were good once and went away, and says when to call each again: that is
 * how the halves of a partition find each other without an operator. The pause after each vain call
 * doubles; at most {@value #MAX} are remembered, the newest.
 */
final class Departed {
  static final int MAX = 256;

  /** The time in which the pause stays short. */
  private static final Duration FAST = Duration.ofMinutes(10);

  private static final class Gone {
    final Contact contact;
    final boolean saidFarewell;
    final long number;
    final long sinceNanos;
    long pauseNanos;
    long retryNanos;

    Gone(Contact contact, boolean saidFarewell, long number, long sinceNanos, long pauseNanos) {
      this.contact = contact;
      this.saidFarewell = saidFarewell;
      this.number = number;
      this.sinceNanos = sinceNanos;
      this.pauseNanos = pauseNanos;
      this.retryNanos = sinceNanos + pauseNanos;
    }
  }

  private final EngineConfig config;

  /** Oldest first. */
  private final Map<NodeId, Gone> gone = new LinkedHashMap<>();

  /** The same, by when each is called again; of those that are due at once the oldest first. */
  private final PriorityQueue<Gone> retries =
      new PriorityQueue<>(
          1,
          Comparator.<Gone>comparingLong(entry -> entry.retryNanos)
              .thenComparingLong(entry -> entry.number));

  private long added;

  Departed(EngineConfig config) {
    this.config = config;
  }

  int size() {
    return gone.size();
  }

  /** Whether one of those remembered went without a farewell, and may be cut off from here. */
  boolean hasLost() {
    return gone.values().stream().anyMatch(entry -> !entry.saidFarewell);
  }

  /** A contact went away, and did not say so. */
  void add(Contact contact, long nowNanos) {
    add(contact, false, nowNanos);
  }

  /**
   * A contact went away.
   *
   * @param saidFarewell whether it said so
   */
  void add(Contact contact, boolean saidFarewell, long nowNanos) {
    remove(contact.id());
    if (gone.size() >= MAX) {
      remove(gone.keySet().iterator().next());
    }
    Gone entry =
        new Gone(contact, saidFarewell, added++, nowNanos, config.departedRetryMin().toNanos());
    gone.put(contact.id(), entry);
    retries.add(entry);
  }

  /** Forgets a peer; whether it was one that went away. */
  boolean remove(NodeId id) {
    Gone entry = gone.remove(id);
    if (entry != null) {
      retries.remove(entry);
    }
    return entry != null;
  }

  /** Those remembered, whoever went away last first. */
  List<Contact> newestFirst() {
    List<Contact> contacts = new ArrayList<>();
    gone.values().forEach(entry -> contacts.add(0, entry.contact));
    return contacts;
  }

  boolean contains(NodeId id) {
    return gone.containsKey(id);
  }

  /**
   * The contact whose retry is due for longest, if one is; its next retry is set on the way. The
   * owner may call fewer than are due, so whoever went away first must not always be first.
   */
  Optional<Contact> takeDue(long nowNanos) {
    while (nextRetry() <= nowNanos) {
      Gone due = retries.remove();
      if (nowNanos - due.sinceNanos > config.departedForget().toNanos()) {
        gone.remove(due.contact.id());
      } else {
        postpone(due, nowNanos);
        retries.add(due);
        return Optional.of(due.contact);
      }
    }
    return Optional.empty();
  }

  private void postpone(Gone entry, long nowNanos) {
    boolean fast = nowNanos - entry.sinceNanos < FAST.toNanos();
    Duration longest = fast ? config.departedRetryFast() : config.departedRetrySlow();
    entry.pauseNanos = Math.min(2 * entry.pauseNanos, longest.toNanos());
    entry.retryNanos = nowNanos + entry.pauseNanos;
  }

  /** When the next retry is due. */
  long nextRetry() {
    Gone next = retries.peek();
    return next == null ? Part.NEVER : next.retryNanos;
  }
}
