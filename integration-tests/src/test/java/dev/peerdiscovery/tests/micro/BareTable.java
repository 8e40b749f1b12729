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

    private long word(int index) {
      return switch (index) {
        case 0 -> w0;
        case 1 -> w1;
        case 2 -> w2;
        default -> w3;
      };
    }
  }

  private final Peer self;
  private final Peer[][] buckets = new Peer[256][0];

  /** The buckets that hold anybody, as the bits of a distance: those of w0 first. */
  private final long[] occupied = new long[4];

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
    occupied[3 - bucket / 64] |= 1L << bucket;
  }

  /**
   * The peers nearest to a target, nearest first; the table must hold that many. Buckets whose bit
   * of the target's distance is 1 come first, the highest before the others, then the rest, the
   * lowest first; those that nobody is in are not even looked at.
   */
  Peer[] closest(Peer target, int count) {
    Peer[] found = new Peer[count];
    int size = 0;
    for (int word = 0; word < 4 && size < count; word++) {
      long left = occupied[word] & (self.word(word) ^ target.word(word));
      while (left != 0 && size < count) {
        long bit = Long.highestOneBit(left);
        size = addSorted(found, size, bucket(word, bit), target);
        left ^= bit;
      }
    }
    for (int word = 3; word >= 0 && size < count; word--) {
      long left = occupied[word] & ~(self.word(word) ^ target.word(word));
      while (left != 0 && size < count) {
        long bit = Long.lowestOneBit(left);
        size = addSorted(found, size, bucket(word, bit), target);
        left ^= bit;
      }
    }
    return found;
  }

  private Peer[] bucket(int word, long bit) {
    return buckets[64 * (3 - word) + Long.numberOfTrailingZeros(bit)];
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
