package dev.peerdiscovery.core.routing;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Unverified records that would have a place if there were one: at most k for each bucket, and no
 * peer twice. A bucket that nobody waits for takes no space.
 */
final class Replacements {
  /** Those who wait for a place in one bucket, whoever was heard of last at the end. */
  private static final class Queue {
    private @Nullable SignedPeerRecord[] records = new @Nullable SignedPeerRecord[4];

    /** The hash of each id: what is not equal here need not be looked at. */
    private int[] hashes = new int[4];

    /** Who called, for each record; null where nobody did. Callers repeat themselves. */
    private @Nullable String @Nullable [] callers;

    private int size;

    int indexOf(NodeId id) {
      int hash = id.hashCode();
      for (int i = 0; i < size; i++) {
        if (hashes[i] == hash && get(i).id().equals(id)) {
          return i;
        }
      }
      return -1;
    }

    SignedPeerRecord get(int index) {
      SignedPeerRecord record = records[index];
      if (record == null) {
        throw new IndexOutOfBoundsException(index);
      }
      return record;
    }

    void add(SignedPeerRecord record, String caller) {
      if (size == records.length) {
        records = Arrays.copyOf(records, 2 * size);
        hashes = Arrays.copyOf(hashes, 2 * size);
        callers = callers == null ? null : Arrays.copyOf(callers, 2 * size);
      }
      if (!caller.isEmpty()) {
        callers = callers == null ? new @Nullable String[records.length] : callers;
        callers[size] = caller;
      }
      records[size] = record;
      hashes[size++] = record.id().hashCode();
    }

    SignedPeerRecord remove(int index) {
      SignedPeerRecord removed = get(index);
      size--;
      System.arraycopy(records, index + 1, records, index, size - index);
      System.arraycopy(hashes, index + 1, hashes, index, size - index);
      if (callers != null) {
        System.arraycopy(callers, index + 1, callers, index, size - index);
        callers[size] = null;
      }
      records[size] = null;
      return removed;
    }

    /**
     * Whose place a newcomer takes when it may not have one of its own: the oldest of its caller's,
     * where that has its share, or else the oldest of all where there are k; −1 when nobody's.
     */
    int toMakeWay(String caller, int k) {
      int oldest = -1;
      int ofCaller = 0;
      for (int i = size - 1; i >= 0 && callers != null && !caller.isEmpty(); i--) {
        if (caller.equals(callers[i])) {
          oldest = i;
          ofCaller++;
        }
      }
      return ofCaller >= PER_CALLER ? oldest : size >= k ? 0 : -1;
    }
  }

  /** The most of one caller that wait in a bucket. */
  static final int PER_CALLER = 2;

  private final int k;
  private final SubnetLimits limits;

  /** By shared prefix; null where nobody waits. */
  private @Nullable Queue[] queues = {};

  Replacements(int k, SubnetLimits limits) {
    this.k = k;
    this.limits = limits;
  }

  /**
   * Keeps a record; the one heard of longest ago falls out when there are k, or the caller's own
   * when that has {@value #PER_CALLER}. Of one peer it keeps the newest record, in whatever order
   * they come; of one subnet no more than a bucket may hold, by the addresses that the records
   * claim.
   *
   * @param caller who told of it by calling; empty for nobody in particular
   */
  void park(int prefix, SignedPeerRecord record, String caller) {
    Queue queue = queueFor(prefix);
    SignedPeerRecord newest = record;
    int before = queue.indexOf(record.id());
    if (before >= 0) {
      SignedPeerRecord parked = queue.remove(before);
      newest = parked.supersedes(record) ? parked : record;
    } else if (isCrowded(queue, record)) {
      return;
    } else {
      int leaving = queue.toMakeWay(caller, k);
      if (leaving >= 0) {
        queue.remove(leaving);
      }
    }
    queue.add(newest, caller);
  }

  private boolean isCrowded(Queue queue, SignedPeerRecord record) {
    int neighbours = 0;
    for (int i = 0; limits != SubnetLimits.NONE && i < queue.size; i++) {
      neighbours += limits.areOne(record, queue.get(i)) ? 1 : 0;
    }
    return neighbours >= SubnetLimits.PER_BUCKET;
  }

  /** Takes out the record that was heard of last. */
  Optional<SignedPeerRecord> take(int prefix) {
    Queue queue = existing(prefix);
    if (queue == null) {
      return Optional.empty();
    }
    SignedPeerRecord taken = queue.remove(queue.size - 1);
    dropIfEmpty(prefix, queue);
    return Optional.of(taken);
  }

  /** The record of somebody who waits. */
  Optional<SignedPeerRecord> get(int prefix, NodeId id) {
    Queue queue = existing(prefix);
    int index = queue == null ? -1 : queue.indexOf(id);
    return queue == null || index < 0 ? Optional.empty() : Optional.of(queue.get(index));
  }

  /** Somebody does not wait any more. */
  void remove(int prefix, NodeId id) {
    Queue queue = existing(prefix);
    int index = queue == null ? -1 : queue.indexOf(id);
    if (queue != null && index >= 0) {
      queue.remove(index);
      dropIfEmpty(prefix, queue);
    }
  }

  private @Nullable Queue existing(int prefix) {
    return prefix < queues.length ? queues[prefix] : null;
  }

  private Queue queueFor(int prefix) {
    Queue queue = existing(prefix);
    if (queue == null) {
      queue = new Queue();
      queues = Arrays.copyOf(queues, Math.max(queues.length, prefix + 1));
      queues[prefix] = queue;
    }
    return queue;
  }

  private void dropIfEmpty(int prefix, Queue queue) {
    if (queue.size == 0) {
      queues[prefix] = null;
    }
  }

  /** How many wait. */
  int size() {
    int size = 0;
    for (Queue queue : queues) {
      size += queue == null ? 0 : queue.size;
    }
    return size;
  }
}
