package dev.peerdiscovery.tests.micro;

import dev.peerdiscovery.core.id.NodeId;
import java.util.Arrays;

/**
 * The floor: the exact sorted walk with nothing around it. Peers are objects of four longs in plain
 * arrays, there are no records, no health, no views, and the answer is an array.
 */
final class BareTable {
  /** A peer that is nothing but its id. */
  static final class Peer {
    final long w0;
    final long w1;
    final long w2;
    final long w3;

    Peer(NodeId id) {
      this.w0 = id.w0();
      this.w1 = id.w1();
      this.w2 = id.w2();
      this.w3 = id.w3();
    }

    private int bucketOf(Peer other) {
      if (w0 != other.w0) {
        return 255 - Long.numberOfLeadingZeros(w0 ^ other.w0);
      }
      if (w1 != other.w1) {
        return 191 - Long.numberOfLeadingZeros(w1 ^ other.w1);
      }
      if (w2 != other.w2) {
        return 127 - Long.numberOfLeadingZeros(w2 ^ other.w2);
      }
      return 63 - Long.numberOfLeadingZeros(w3 ^ other.w3);
    }

    private boolean isNearer(Peer a, Peer b) {
      if (a.w0 != b.w0) {
        return Long.compareUnsigned(w0 ^ a.w0, w0 ^ b.w0) < 0;
      }
      if (a.w1 != b.w1) {
        return Long.compareUnsigned(w1 ^ a.w1, w1 ^ b.w1) < 0;
      }
      if (a.w2 != b.w2) {
        return Long.compareUnsigned(w2 ^ a.w2, w2 ^ b.w2) < 0;
      }
      return Long.compareUnsigned(w3 ^ a.w3, w3 ^ b.w3) < 0;
    }

    private boolean bit(int index) {
      long word = index >= 192 ? w0 : index >= 128 ? w1 : index >= 64 ? w2 : w3;
      return (word >>> index & 1) == 1;
    }
  }

  private final Peer self;
  private final Peer[][] buckets = new Peer[256][0];

  BareTable(NodeId self) {
    this.self = new Peer(self);
  }

  /** Puts a peer into its bucket, however full that is. */
  void add(NodeId id) {
    Peer peer = new Peer(id);
    int bucket = self.bucketOf(peer);
    Peer[] before = buckets[bucket];
    Peer[] after = Arrays.copyOf(before, before.length + 1);
    after[before.length] = peer;
    buckets[bucket] = after;
  }

  /** The peers nearest to a target, nearest first; the table must hold that many. */
  Peer[] closest(Peer target, int count) {
    Peer[] found = new Peer[count];
    int size = 0;
    int top = self.bucketOf(target);
    for (int i = top; i >= 0 && size < count; i--) {
      if (self.bit(i) != target.bit(i)) {
        size = addSorted(found, size, buckets[i], target);
      }
    }
    for (int i = 0; i < 256 && size < count; i++) {
      if (self.bit(i) == target.bit(i)) {
        size = addSorted(found, size, buckets[i], target);
      }
    }
    return found;
  }

  private static int addSorted(Peer[] found, int from, Peer[] bucket, Peer target) {
    int size = from;
    for (Peer peer : bucket) {
      int at = size < found.length ? size++ : size;
      if (at == found.length) {
        if (!target.isNearer(peer, found[at - 1])) {
          continue;
        }
        at--;
      }
      while (at > from && target.isNearer(peer, found[at - 1])) {
        found[at] = found[at - 1];
        at--;
      }
      found[at] = peer;
    }
    return size;
  }
}
