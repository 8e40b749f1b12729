package dev.peerdiscovery.core.routing;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The contacts of a routing table that may be handed out, at one moment. Immutable and safe to
 * share between threads; a change of the table makes a new view, which shares every bucket that did
 * not change.
 *
 * <p>{@link #closest} is exact, and compares hardly anything. As seen from the node itself, the
 * contacts of bucket i agree with self above bit i and differ in it. So with d = self XOR target,
 * every contact of a bucket whose bit in d is 1 is nearer to the target than self is, those of the
 * highest such bucket nearest of all; the buckets whose bit is 0 follow, the lowest first.
 *
 * <p>Within a bucket the same holds at every bit. In order of their ids, those that agree with the
 * first one in the highest bit in which the first and the last differ come before those that agree
 * with the last one; and whichever half agrees with the target in that bit is nearer to it as a
 * whole. So the order by distance is a walk through the halves of the halves. The walk ends where
 * the answer is full.
 */
public final class TableView {
  private static final Contact[] NOBODY = {};

  private final NodeId self;

  /** By {@linkplain #prefix shared prefix}; each in order of ids, and never written to again. */
  private final Contact[][] buckets;

  private final int size;

  private TableView(NodeId self, Contact[][] buckets, int size) {
    this.self = self;
    this.buckets = buckets;
    this.size = size;
  }

  static TableView empty(NodeId self) {
    return new TableView(self, new Contact[0][], 0);
  }

  /**
   * How many leading bits two ids share. It stands for the bucket, because ids that are drawn share
   * few with each other: by it, a table that is filled from a million needs some twenty places.
   */
  static int prefix(NodeId self, NodeId other) {
    return NodeId.BITS - 1 - self.bucketOf(other);
  }

  /** This view with the contacts of one bucket replaced; the array is kept, not copied. */
  TableView with(int prefix, Contact[] contacts) {
    int length = buckets.length;
    Contact[][] changed = Arrays.copyOf(buckets, Math.max(length, prefix + 1));
    Arrays.fill(changed, length, changed.length, NOBODY);
    int before = changed[prefix].length;
    changed[prefix] = contacts;
    return new TableView(self, changed, size - before + contacts.length);
  }

  /** How many contacts there are. */
  public int size() {
    return size;
  }

  /** The contact of that id, if it is in the view. */
  public Optional<Contact> contact(NodeId id) {
    int prefix = prefix(self, id);
    if (prefix < buckets.length) {
      for (Contact contact : buckets[prefix]) {
        if (contact.id().equals(id)) {
          return Optional.of(contact);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * The contacts nearest to a target, nearest first: exactly the first {@code count} of all
   * contacts sorted by distance, or all when there are fewer.
   */
  public List<Contact> closest(NodeId target, int count) {
    Contact[] found = new Contact[Math.min(count, size)];
    int nearest = prefix(self, target);
    int filled = 0;
    for (int prefix = nearest; prefix < buckets.length && filled < found.length; prefix++) {
      if (differ(target, prefix)) {
        filled = walk(buckets[prefix], 0, buckets[prefix].length, target, found, filled);
      }
    }
    for (int prefix = buckets.length - 1; prefix >= 0 && filled < found.length; prefix--) {
      if (!differ(target, prefix)) {
        filled = walk(buckets[prefix], 0, buckets[prefix].length, target, found, filled);
      }
    }
    return Collections.unmodifiableList(Arrays.asList(found));
  }

  private boolean differ(NodeId target, int prefix) {
    int bit = NodeId.BITS - 1 - prefix;
    return self.bit(bit) != target.bit(bit);
  }

  /** Adds a part of a bucket to what was found, nearest first, until that is full. */
  private static int walk(
      Contact[] bucket, int from, int to, NodeId target, Contact[] found, int filled) {
    if (from == to || filled == found.length) {
      return filled;
    }
    if (to - from == 1) {
      found[filled] = bucket[from];
      return filled + 1;
    }
    NodeId first = bucket[from].id();
    NodeId last = bucket[to - 1].id();
    int split = from + 1;
    while (bucket[split].id().compareDistances(first, last) < 0) {
      split++;
    }
    return target.compareDistances(first, last) < 0
        ? walk(bucket, split, to, target, found, walk(bucket, from, split, target, found, filled))
        : walk(bucket, from, split, target, found, walk(bucket, split, to, target, found, filled));
  }
}
