package dev.peerdiscovery.core.routing;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The contacts of a routing table that may be handed out, at one moment. Immutable and safe to
 * share between threads; a change of the table makes a new view, which shares every bucket that did
 * not change.
 *
 * <p>{@link #closest} is exact. As seen from the node itself, the contacts of bucket i agree with
 * self above bit i and differ in it. So with d = self XOR target, every contact of a bucket whose
 * bit in d is 1 is nearer to the target than self is, those of the highest such bucket nearest of
 * all; the buckets whose bit is 0 follow, the lowest first. Visited in that order, only the
 * contacts within one bucket need sorting, and the walk ends with the bucket that fills the answer.
 */
public final class TableView {
  private final NodeId self;

  /** Indexes of the buckets that are not empty, ascending. */
  private final int[] indexes;

  /** Parallel to {@link #indexes}; no inner array is ever written to again. */
  private final Contact[][] buckets;

  private TableView(NodeId self, int[] indexes, Contact[][] buckets) {
    this.self = self;
    this.indexes = indexes;
    this.buckets = buckets;
  }

  static TableView empty(NodeId self) {
    return new TableView(self, new int[0], new Contact[0][]);
  }

  /** This view with the contacts of one bucket replaced; the array is kept, not copied. */
  TableView with(int bucket, Contact[] contacts) {
    int at = Arrays.binarySearch(indexes, bucket);
    if (at >= 0 && contacts.length > 0) {
      Contact[][] changed = buckets.clone();
      changed[at] = contacts;
      return new TableView(self, indexes, changed);
    }
    if (at < 0 && contacts.length == 0) {
      return this;
    }
    List<Integer> newIndexes = new ArrayList<>();
    List<Contact[]> newBuckets = new ArrayList<>();
    for (int i = 0; i < indexes.length; i++) {
      newIndexes.add(indexes[i]);
      newBuckets.add(buckets[i]);
    }
    if (at >= 0) {
      newIndexes.remove(at);
      newBuckets.remove(at);
    } else {
      newIndexes.add(-at - 1, bucket);
      newBuckets.add(-at - 1, contacts);
    }
    return new TableView(
        self,
        newIndexes.stream().mapToInt(Integer::intValue).toArray(),
        newBuckets.toArray(Contact[][]::new));
  }

  /** How many contacts there are. */
  public int size() {
    int size = 0;
    for (Contact[] bucket : buckets) {
      size += bucket.length;
    }
    return size;
  }

  /** The contact of that id, if it is in the view. */
  public Optional<Contact> contact(NodeId id) {
    int at = Arrays.binarySearch(indexes, self.bucketOf(id));
    if (at >= 0) {
      for (Contact contact : buckets[at]) {
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
    Contact[] found = new Contact[Math.min(count, size())];
    int size = 0;
    for (int i = indexes.length - 1; i >= 0 && size < found.length; i--) {
      if (differ(target, indexes[i])) {
        size = addSorted(found, size, buckets[i], target);
      }
    }
    for (int i = 0; i < indexes.length && size < found.length; i++) {
      if (!differ(target, indexes[i])) {
        size = addSorted(found, size, buckets[i], target);
      }
    }
    return Collections.unmodifiableList(Arrays.asList(found));
  }

  private boolean differ(NodeId target, int bit) {
    return self.bit(bit) != target.bit(bit);
  }

  /** Insertion sort behind the first {@code from} entries; what does not fit falls off the end. */
  private static int addSorted(Contact[] found, int from, Contact[] bucket, NodeId target) {
    int size = from;
    for (Contact contact : bucket) {
      int at = size;
      while (at > from && target.compareDistances(contact.id(), found[at - 1].id()) < 0) {
        at--;
      }
      if (at == found.length) {
        continue;
      }
      int last = Math.min(size, found.length - 1);
      System.arraycopy(found, at, found, at + 1, last - at);
      found[at] = contact;
      size = last + 1;
    }
    return size;
  }
}
