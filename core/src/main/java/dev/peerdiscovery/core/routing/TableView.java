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
 * <p>Within a bucket the same holds at every bit ({@link Members}). The walk ends where the answer
 * is full.
 */
public final class TableView {
  /** Stands for every bucket that nobody is in. */
  private static final Members NOBODY = Members.none(0);

  private final NodeId self;

  /** By {@linkplain #prefix shared prefix}. */
  private final Members[] buckets;

  private final int size;

  private TableView(NodeId self, Members[] buckets, int size) {
    this.self = self;
    this.buckets = buckets;
    this.size = size;
  }

  static TableView empty(NodeId self) {
    return new TableView(self, new Members[0], 0);
  }

  /**
   * How many leading bits two ids share. It stands for the bucket, because ids that are drawn share
   * few with each other: by it, a table that is filled from a million needs some twenty places.
   */
  static int prefix(NodeId self, NodeId other) {
    return NodeId.BITS - 1 - self.bucketOf(other);
  }

  /** A view of buckets without suspects. */
  static TableView of(NodeId self, Bucket[] buckets) {
    Members[] members = new Members[buckets.length];
    int size = 0;
    for (int prefix = 0; prefix < buckets.length; prefix++) {
      members[prefix] = buckets[prefix].size() == 0 ? NOBODY : buckets[prefix].members();
      size += members[prefix].size();
    }
    return new TableView(self, members, size);
  }

  /** This view with the contacts of one bucket replaced. */
  TableView with(int prefix, Members members) {
    int length = buckets.length;
    Members[] changed = Arrays.copyOf(buckets, Math.max(length, prefix + 1));
    for (int empty = length; empty < changed.length; empty++) {
      changed[empty] = NOBODY;
    }
    int before = changed[prefix].size();
    changed[prefix] = members;
    return new TableView(self, changed, size - before + members.size());
  }

  /** How many contacts there are. */
  public int size() {
    return size;
  }

  /** The contact of that id, if it is in the view. */
  public Optional<Contact> contact(NodeId id) {
    int prefix = prefix(self, id);
    int index = prefix < buckets.length ? buckets[prefix].indexOf(id) : -1;
    return index < 0 ? Optional.empty() : Optional.of(buckets[prefix].get(index));
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
        filled = buckets[prefix].nearest(target, found, filled);
      }
    }
    for (int prefix = buckets.length - 1; prefix >= 0 && filled < found.length; prefix--) {
      if (!differ(target, prefix)) {
        filled = buckets[prefix].nearest(target, found, filled);
      }
    }
    return Collections.unmodifiableList(Arrays.asList(found));
  }

  private boolean differ(NodeId target, int prefix) {
    int bit = NodeId.BITS - 1 - prefix;
    return self.bit(bit) != target.bit(bit);
  }
}
