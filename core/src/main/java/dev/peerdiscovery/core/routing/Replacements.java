package dev.peerdiscovery.core.routing;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/**
 * Unverified records that would have a place if there were one: at most k for each bucket, and no
 * peer twice. A bucket that nobody waits for takes no space.
 */
final class Replacements {
  private final int k;

  /** By shared prefix; each last heard of first, and never empty. */
  private final Map<Integer, Deque<SignedPeerRecord>> queues = new HashMap<>(0);

  Replacements(int k) {
    this.k = k;
  }

  /**
   * Keeps a record; the one heard of longest ago falls out when there are k. Of one peer it keeps
   * the newest record, in whatever order they come.
   */
  void park(int prefix, SignedPeerRecord record) {
    Deque<SignedPeerRecord> queue = queues.computeIfAbsent(prefix, none -> new ArrayDeque<>());
    SignedPeerRecord newest = record;
    for (Iterator<SignedPeerRecord> each = queue.iterator(); each.hasNext(); ) {
      SignedPeerRecord parked = each.next();
      if (parked.id().equals(record.id())) {
        newest = parked.content().supersedes(record.content()) ? parked : record;
        each.remove();
      }
    }
    if (queue.size() >= k) {
      queue.removeLast();
    }
    queue.addFirst(newest);
  }

  /** Takes out the record that was heard of last. */
  Optional<SignedPeerRecord> take(int prefix) {
    Deque<SignedPeerRecord> queue = queues.get(prefix);
    if (queue == null) {
      return Optional.empty();
    }
    SignedPeerRecord taken = queue.removeFirst();
    dropIfEmpty(prefix, queue);
    return Optional.of(taken);
  }

  /** Somebody does not wait any more. */
  void remove(int prefix, NodeId id) {
    Deque<SignedPeerRecord> queue = queues.get(prefix);
    if (queue != null) {
      queue.removeIf(parked -> parked.id().equals(id));
      dropIfEmpty(prefix, queue);
    }
  }

  private void dropIfEmpty(int prefix, Deque<SignedPeerRecord> queue) {
    if (queue.isEmpty()) {
      queues.remove(prefix);
    }
  }

  /** How many wait. */
  int size() {
    return queues.values().stream().mapToInt(Deque::size).sum();
  }
}
