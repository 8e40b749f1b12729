package dev.peerdiscovery.core.routing;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import java.util.Arrays;

/**
 * The contacts of one k-bucket in order of their ids, with what is known of each that is not a
 * suspect's. State lies in parallel arrays instead of an object per contact, because a simulation
 * holds hundreds of millions of them.
 */
final class Bucket {
  private static final int[] NEVER = {};
  private static final long[] UNKNOWN = {};

  private Members members;

  /** When each last answered a call of ours, in {@link CoarseTime}. */
  private int[] answered = NEVER;

  /** The {@link RoundTrips} of each; empty while there are none of anybody. */
  private long[] roundTrips = UNKNOWN;

  /** An empty bucket, of ids that share so many leading bits with the table's owner. */
  Bucket(int prefix) {
    this.members = Members.none(prefix);
  }

  int size() {
    return members.size();
  }

  int indexOf(NodeId id) {
    return members.indexOf(id);
  }

  /** All of them. */
  Members members() {
    return members;
  }

  Contact contact(int index) {
    return members.get(index);
  }

  long answeredNanos(int index) {
    return CoarseTime.nanos(answered[index]);
  }

  long roundTrips(int index) {
    return roundTrips.length == 0 ? RoundTrips.NONE : roundTrips[index];
  }

  void add(Contact contact, long nowNanos) {
    int size = members.size();
    int index = members.placeOf(contact.id());
    members = members.with(index, contact);
    answered = opened(index, answered, size, new int[size + 1]);
    answered[index] = CoarseTime.of(nowNanos);
    if (roundTrips.length > 0) {
      roundTrips = opened(index, roundTrips, size, new long[size + 1]);
    }
  }

  /** Takes in the contacts of an empty bucket, in order of their ids. */
  void fill(Contact[] sorted, long nowNanos) {
    members = members.filled(sorted);
    answered = new int[sorted.length];
    Arrays.fill(answered, CoarseTime.of(nowNanos));
  }

  void replace(int index, Contact contact) {
    members = members.renewed(index, contact);
  }

  void remove(int index) {
    int size = members.size();
    members = members.without(index);
    answered = closed(index, answered, size, new int[size - 1]);
    if (roundTrips.length > 0) {
      roundTrips = closed(index, roundTrips, size, new long[size - 1]);
    }
  }

  /** Copies an array with a place more at {@code index}. */
  private static <A> A opened(int index, A from, int size, A to) {
    System.arraycopy(from, 0, to, 0, index);
    System.arraycopy(from, index, to, index + 1, size - index);
    return to;
  }

  /** Copies an array without the place at {@code index}. */
  private static <A> A closed(int index, A from, int size, A to) {
    System.arraycopy(from, 0, to, 0, index);
    System.arraycopy(from, index + 1, to, index, size - index - 1);
    return to;
  }

  void answered(int index, long nowNanos) {
    answered[index] = CoarseTime.of(nowNanos);
  }

  void roundTrip(int index, int sampleMicros) {
    if (roundTrips.length == 0) {
      roundTrips = new long[members.size()];
    }
    roundTrips[index] = RoundTrips.add(roundTrips[index], sampleMicros);
  }
}
