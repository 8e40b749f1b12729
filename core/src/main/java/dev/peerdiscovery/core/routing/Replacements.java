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

    void add(SignedPeerRecord record) {
      if (size == records.length) {
        records = Arrays.copyOf(records, 2 * size);
        hashes = Arrays.copyOf(hashes, 2 * size);
      }
      records[size] = record;
      hashes[size++] = record.id().hashCode();
    }

    SignedPeerRecord remove(int index) {
      SignedPeerRecord removed = get(index);
      size--;
      System.arraycopy(records, index + 1, records, index, size - index);
      System.arraycopy(hashes, index + 1, hashes, index, size - index);
      records[size] = null;
      return removed;
    }
  }

  private final int k;
  private final SubnetLimits limits;

  /** By shared prefix; null where nobody waits. */
  private @Nullable Queue[] queues = {};

  Replacements(int k, SubnetLimits limits) {
    this.k = k;
    this.limits = limits;
  }

  /**
   * Keeps a record; the one heard of longest ago falls out when there are k. Of one peer it keeps
   * the newest record, in whatever order they come; of one subnet no more than a bucket may hold,
   * by the addresses that the records claim.
   */
  void park(int prefix, SignedPeerRecord record) {
    Queue queue = queueFor(prefix);
    SignedPeerRecord newest = record;
    int before = queue.indexOf(record.id());
    if (before >= 0) {
      SignedPeerRecord parked = queue.remove(before);
      newest = parked.content().supersedes(record.content()) ? parked : record;
    } else if (isCrowded(queue, record)) {
      return;
    } else if (queue.size >= k) {
      queue.remove(0);
    }
    queue.add(newest);
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
