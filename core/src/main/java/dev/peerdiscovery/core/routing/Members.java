package dev.peerdiscovery.core.routing;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Contacts of one bucket in order of their ids. Immutable, so that a view can share it.
 *
 * <p>In order of their ids, those that agree with the first one in the highest bit in which the
 * first and the last differ come before those that agree with the last one; and whichever half
 * agrees with a target in that bit is nearer to it as a whole. So the order by distance is a walk
 * through the halves of the halves.
 *
 * <p>Beside each contact lies the beginning of what its id has for itself: ids in a bucket agree in
 * the bits before. That is nearly always enough to compare them, and to find one, and saves a look
 * at two objects for each, which in a large network are never in the processor's cache.
 */
final class Members {
  private final int prefix;
  private final Contact[] contacts;

  /** The {@link #head} of each id. */
  private final int[] heads;

  private Members(int prefix, Contact[] contacts, int[] heads) {
    this.prefix = prefix;
    this.contacts = contacts;
    this.heads = heads;
  }

  /** Nobody, of the bucket of ids that share so many leading bits with the table's owner. */
  static Members none(int prefix) {
    return new Members(prefix, new Contact[0], new int[0]);
  }

  /** The 32 bits after those in which all ids of the bucket agree. */
  private int head(NodeId id) {
    return id.bits(prefix + 1);
  }

  int size() {
    return contacts.length;
  }

  Contact get(int index) {
    return contacts[index];
  }

  /** Where a contact is; −1 when it is not. */
  int indexOf(NodeId id) {
    int head = head(id);
    for (int i = 0; i < heads.length; i++) {
      if (heads[i] == head && contacts[i].id().equals(id)) {
        return i;
      }
    }
    return -1;
  }

  /** Where a contact that is not there would be. */
  int placeOf(NodeId id) {
    int index = 0;
    while (index < contacts.length && contacts[index].id().compareTo(id) < 0) {
      index++;
    }
    return index;
  }

  /** Contacts of the same bucket instead, given in order of their ids. */
  Members filled(Contact[] sorted) {
    int[] sortedHeads = new int[sorted.length];
    for (int i = 0; i < sorted.length; i++) {
      sortedHeads[i] = head(sorted[i].id());
    }
    return new Members(prefix, sorted, sortedHeads);
  }

  /** These and one more, at its {@linkplain #placeOf place}. */
  Members with(int index, Contact contact) {
    int size = contacts.length;
    Contact[] more = Arrays.copyOf(contacts, size + 1);
    int[] moreHeads = Arrays.copyOf(heads, size + 1);
    System.arraycopy(contacts, index, more, index + 1, size - index);
    System.arraycopy(heads, index, moreHeads, index + 1, size - index);
    more[index] = contact;
    moreHeads[index] = head(contact.id());
    return new Members(prefix, more, moreHeads);
  }

  /** These but one. */
  Members without(int index) {
    int size = contacts.length - 1;
    Contact[] fewer = Arrays.copyOf(contacts, size);
    int[] fewerHeads = Arrays.copyOf(heads, size);
    System.arraycopy(contacts, index + 1, fewer, index, size - index);
    System.arraycopy(heads, index + 1, fewerHeads, index, size - index);
    return new Members(prefix, fewer, fewerHeads);
  }

  /** These with another contact of the same id. */
  Members renewed(int index, Contact contact) {
    Contact[] renewed = contacts.clone();
    renewed[index] = contact;
    return new Members(prefix, renewed, heads);
  }

  /** Those that a test lets pass; these very ones if all do. */
  Members only(Predicate<Contact> test) {
    Contact[] passed = new Contact[contacts.length];
    int[] passedHeads = new int[contacts.length];
    int size = 0;
    for (int i = 0; i < contacts.length; i++) {
      if (test.test(contacts[i])) {
        passed[size] = contacts[i];
        passedHeads[size++] = heads[i];
      }
    }
    return size == contacts.length
        ? this
        : new Members(prefix, Arrays.copyOf(passed, size), Arrays.copyOf(passedHeads, size));
  }

  /**
   * Adds them to what was found, nearest to a target first, until that is full.
   *
   * @param filled how many were found before
   * @return how many are now
   */
  int nearest(NodeId target, Contact[] found, int filled) {
    return walk(0, contacts.length, target, head(target), found, filled);
  }

  private int walk(int from, int to, NodeId target, int head, Contact[] found, int filled) {
    if (from == to || filled == found.length) {
      return filled;
    }
    if (to - from == 1) {
      found[filled] = contacts[from];
      return filled + 1;
    }
    int split = from + 1;
    boolean upperFirst;
    int difference = heads[from] ^ heads[to - 1];
    if (difference != 0) {
      int bit = Integer.highestOneBit(difference);
      while ((heads[split] & bit) == 0) {
        split++;
      }
      upperFirst = (head & bit) != 0;
    } else {
      NodeId first = contacts[from].id();
      NodeId last = contacts[to - 1].id();
      while (contacts[split].id().compareDistances(first, last) < 0) {
        split++;
      }
      upperFirst = target.compareDistances(first, last) > 0;
    }
    if (to - from == 2) {
      // As every second half is: two calls less for each.
      found[filled] = contacts[upperFirst ? from + 1 : from];
      if (filled + 1 < found.length) {
        found[filled + 1] = contacts[upperFirst ? from : from + 1];
      }
      return Math.min(filled + 2, found.length);
    }
    return upperFirst
        ? walk(from, split, target, head, found, walk(split, to, target, head, found, filled))
        : walk(split, to, target, head, found, walk(from, split, target, head, found, filled));
  }
}
