package dev.peerdiscovery.core.routing;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The k-buckets of one node (Kademlia, section 2.4), with the departures that hostile and failing
 * networks ask for:
 *
 * <ul>
 *   <li>A contact enters only after we called it and it proved its id; {@link #insert} is for
 *       those. Whoever was merely heard of waits as a replacement.
 *   <li>A contact that answers is never evicted for a newcomer, and one missed call evicts nobody:
 *       it makes a <em>suspect</em>, which keeps its place but is handed out to no one until it
 *       answers again.
 *   <li>On request few contacts may be of one subnet ({@link SubnetLimits}).
 *   <li>The node itself is never in its table.
 * </ul>
 *
 * <p>Not thread-safe: it belongs to the engine's owner. {@link #view} is what others may read.
 */
public final class RoutingTable {
  /** What became of a contact that was offered. */
  public enum Insert {
    /** It has a place now. */
    ADDED,
    /** It had a place; its record or endpoint is new. */
    UPDATED,
    /** It had a place; nothing is new but that it answered. */
    KEPT,
    /** Its bucket is full of contacts; it waits as a replacement. */
    FULL,
    /** Its bucket, or the table, holds as many of its subnet as it may. Nothing has changed. */
    CROWDED
  }

  private static final String NOBODY = "";

  /** Stands for every bucket that nobody was put into yet; nobody ever is. */
  private static final Bucket EMPTY = new Bucket(0);

  private final NodeId self;
  private final int k;
  private final SubnetLimits limits;
  private final Replacements replacements;

  private final Suspects suspects = new Suspects();

  /** By {@linkplain TableView#prefix shared prefix}, only as long as the longest of anybody. */
  private Bucket[] buckets = {};

  /** The round trips of all calls. */
  private long everybody = RoundTrips.NONE;

  private TableView view;
  private int size;

  /**
   * An empty table, for contacts of whatever addresses.
   *
   * @param self the id of the node that it belongs to
   * @param k the most contacts in a bucket, at least 1
   */
  public RoutingTable(NodeId self, int k) {
    this(self, k, SubnetLimits.NONE);
  }

  /**
   * An empty table.
   *
   * @param self the id of the node that it belongs to
   * @param k the most contacts in a bucket, at least 1
   * @param limits how many contacts of a subnet it holds; counted by this table alone
   */
  public RoutingTable(NodeId self, int k, SubnetLimits limits) {
    if (k < 1) {
      throw new IllegalArgumentException("k: must be at least 1, got " + k);
    }
    this.self = self;
    this.k = k;
    this.limits = limits;
    this.replacements = new Replacements(k, limits);
    this.view = TableView.empty(self);
  }

  /**
   * Takes in a contact that has just proved its id at its endpoint.
   *
   * @throws IllegalArgumentException when it is the node itself
   */
  public Insert insert(Contact contact, long nowNanos) {
    Bucket bucket = bucketFor(contact.id());
    int index = bucket.indexOf(contact.id());
    if (index >= 0) {
      return renew(bucket, index, contact, nowNanos);
    }
    int prefix = prefix(contact.id());
    if (!limits.allow(prefix, contact.endpoint())) {
      return Insert.CROWDED;
    }
    if (bucket.size() >= k) {
      park(contact.record());
      return Insert.FULL;
    }
    bucket.add(contact, nowNanos);
    limits.entered(prefix, contact.endpoint());
    replacements.remove(prefix, contact.id());
    size++;
    publish(contact.id());
    return Insert.ADDED;
  }

  /**
   * Takes in all contacts of a table that is empty: what {@link #insert} makes of one after the
   * other, without a larger bucket and a new view for each.
   *
   * @throws IllegalStateException when the table is not empty
   * @throws IllegalArgumentException when the node itself, a peer twice, or more than k of a bucket
   *     are among them
   */
  public void fill(List<Contact> contacts, long nowNanos) {
    if (size > 0) {
      throw new IllegalStateException("the table is not empty");
    }
    Contact[] sorted =
        contacts.stream()
            .filter(it -> limits.enter(prefix(it.id()), it.endpoint()))
            .toArray(Contact[]::new);
    // Those of one bucket lie side by side in this order, too.
    Arrays.sort(sorted, Comparator.comparing(Contact::id));
    int from = 0;
    while (from < sorted.length) {
      int prefix = prefix(sorted[from].id());
      int to = from + 1;
      while (to < sorted.length && prefix(sorted[to].id()) == prefix) {
        if (sorted[to].id().equals(sorted[to - 1].id())) {
          throw new IllegalArgumentException("a peer twice: " + sorted[to]);
        }
        to++;
      }
      if (to - from > k) {
        throw new IllegalArgumentException("more than k of a bucket");
      }
      bucketFor(sorted[from].id()).fill(Arrays.copyOfRange(sorted, from, to), nowNanos);
      from = to;
    }
    size = sorted.length;
    view = TableView.of(self, buckets);
  }

  private Insert renew(Bucket bucket, int index, Contact contact, long nowNanos) {
    Contact known = bucket.contact(index);
    boolean older = known.record().supersedes(contact.record());
    boolean updated = !older && !known.equals(contact);
    if (updated && !limits.move(prefix(contact.id()), known.endpoint(), contact.endpoint())) {
      // Its old address is as good as it answers.
      return Insert.CROWDED;
    }
    if (updated) {
      bucket.replace(index, contact);
    }
    bucket.answered(index, nowNanos);
    boolean forgiven = suspects.forgive(contact.id());
    if (forgiven || updated) {
      publish(contact.id());
    }
    return updated ? Insert.UPDATED : Insert.KEPT;
  }

  /**
   * Notes that a contact answered a call.
   *
   * @param rttNanos how long the answer took
   * @return whether the contact is in the table
   */
  public boolean answered(NodeId id, long rttNanos, long nowNanos) {
    int sample = (int) Math.min(Integer.MAX_VALUE, Math.max(1, rttNanos / 1_000));
    everybody = RoundTrips.add(everybody, sample);
    Bucket bucket = existing(id);
    int index = bucket.indexOf(id);
    if (index < 0) {
      return false;
    }
    bucket.answered(index, nowNanos);
    bucket.roundTrip(index, sample);
    if (suspects.forgive(id)) {
      publish(id);
    }
    return true;
  }

  /**
   * Notes that a call to a contact came to nothing.
   *
   * @return how many have in a row, or 0 when the contact is not in the table
   */
  public int failed(NodeId id, long nowNanos) {
    Bucket bucket = existing(id);
    if (bucket.indexOf(id) < 0) {
      return 0;
    }
    int misses = suspects.missed(id, nowNanos);
    if (misses == 1) {
      publish(id);
    }
    return misses;
  }

  /** Takes a contact out, and returns it if it was there. */
  public Optional<Contact> remove(NodeId id) {
    Bucket bucket = existing(id);
    int index = bucket.indexOf(id);
    if (index < 0) {
      return Optional.empty();
    }
    Contact contact = bucket.contact(index);
    suspects.forgive(id);
    bucket.remove(index);
    limits.left(prefix(id), contact.endpoint());
    size--;
    publish(id);
    return Optional.of(contact);
  }

  /**
   * Forgets the failures of all suspects: they happened while the node had nobody to hear from, so
   * they say something about the node and nothing about the contacts.
   */
  public void forgiveAll() {
    suspects.forgiveAll().forEach(this::publish);
  }

  /** Keeps an unverified record that is admitted until there is a place; k for each bucket. */
  public void park(SignedPeerRecord record) {
    park(record, NOBODY);
  }

  /**
   * The same, of somebody who called. Of one caller few wait in a bucket, so that it pushes out
   * nobody but its own.
   *
   * @param caller who that was; empty for nobody in particular
   */
  public void park(SignedPeerRecord record, String caller) {
    checkNotSelf(record.id());
    if (admits(record)) {
      replacements.park(prefix(record.id()), record, caller);
    }
  }

  /** The record of a peer that waits for a place, which is not verified. */
  public Optional<SignedPeerRecord> waiting(NodeId id) {
    return replacements.get(prefix(id), id);
  }

  /** A peer does not wait for a place any more, whatever it said. */
  public void waitsNoMore(NodeId id) {
    replacements.remove(prefix(id), id);
  }

  /** Whether the limits of subnets let somebody in, by the address at which it can be called. */
  public boolean admits(SignedPeerRecord record) {
    return limits.admit(prefix(record.id()), record);
  }

  /**
   * Takes the newest replacement that has a place now, of the bucket that {@code id} belongs to.
   */
  public Optional<SignedPeerRecord> takeReplacement(NodeId id) {
    Optional<SignedPeerRecord> next = replacements.take(prefix(id));
    while (next.isPresent() && !admits(next.get())) {
      next = replacements.take(prefix(id));
    }
    return next;
  }

  /** The contact of that id, suspect or not. */
  public Optional<Contact> contact(NodeId id) {
    Bucket bucket = existing(id);
    int index = bucket.indexOf(id);
    return index < 0 ? Optional.empty() : Optional.of(bucket.contact(index));
  }

  /** How many contacts the bucket of this index still has room for. */
  public int room(int bucket) {
    return k - withPrefix(NodeId.BITS - 1 - bucket).size();
  }

  /** The index of the highest bucket that holds anybody, −1 when the table is empty. */
  public int highestBucket() {
    for (int prefix = 0; prefix < buckets.length; prefix++) {
      if (buckets[prefix].size() > 0) {
        return NodeId.BITS - 1 - prefix;
      }
    }
    return -1;
  }

  /** The contacts that may be handed out nearest to a target; see {@link TableView#closest}. */
  public List<Contact> closest(NodeId target, int count) {
    return view.closest(target, count);
  }

  /** What may be handed out, as it is now. */
  public TableView view() {
    return view;
  }

  /** How many contacts there are, suspects included. */
  public int size() {
    return size;
  }

  /** How many of the contacts are suspects. */
  public int suspects() {
    return suspects.size();
  }

  /** How many replacements wait. */
  public int replacements() {
    return replacements.size();
  }

  /**
   * What a round trip to a contact takes: the mean and so many mean deviations more, of its own
   * round trips, or of everybody's where it has none yet (RFC 6298). Two deviations lie near the
   * 90th percentile.
   *
   * @return nanoseconds, or −1 when there is no sample at all
   */
  public long roundTripNanos(NodeId id, int deviations) {
    Bucket bucket = existing(id);
    int index = bucket.indexOf(id);
    long own = index < 0 ? RoundTrips.NONE : bucket.roundTrips(index);
    return RoundTrips.nanos(own == RoundTrips.NONE ? everybody : own, deviations);
  }

  /**
   * Everything that is known of one contact.
   *
   * @param contact the contact
   * @param bucket the index of its bucket
   * @param answeredNanos when it last answered, to the quarter of a second, never later than it did
   * @param failures how many calls in a row came to nothing
   * @param failedNanos when the last of them did; 0 when there are none
   * @param rttMicros the mean of its round trips; 0 while there is no sample
   */
  public record Entry(
      Contact contact,
      int bucket,
      long answeredNanos,
      int failures,
      long failedNanos,
      int rttMicros) {}

  /** What is known of one contact, if it is in the table. */
  public Optional<Entry> entry(NodeId id) {
    int index = existing(id).indexOf(id);
    return index < 0 ? Optional.empty() : Optional.of(entry(prefix(id), index));
  }

  /** What is known of all contacts, the lowest buckets first. */
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>(size);
    forEach(entries::add);
    return entries;
  }

  /** Visits what is known of each contact, the lowest buckets first. */
  public void forEach(Consumer<Entry> visitor) {
    for (int prefix = buckets.length - 1; prefix >= 0; prefix--) {
      for (int i = 0; i < buckets[prefix].size(); i++) {
        visitor.accept(entry(prefix, i));
      }
    }
  }

  /**
   * The contact that has been silent for longest, of those of some buckets that are no suspects;
   * among equals the one of the lowest bucket. Hardly any contact is looked at for it: only those
   * that have been silent for longer than all before them are asked about.
   *
   * @param lowest the index of the lowest of the buckets
   * @param highest the index of the highest
   * @param sinceNanos whoever has answered later does not count
   * @param counts whether a contact does
   */
  public Optional<Contact> longestSilent(
      int lowest, int highest, long sinceNanos, Predicate<Contact> counts) {
    int from = Math.min(buckets.length - 1, NodeId.BITS - 1 - lowest);
    int to = NodeId.BITS - 1 - highest;
    @Nullable Contact longest = null;
    long longestSinceNanos = sinceNanos + 1;
    for (int prefix = from; prefix >= to; prefix--) {
      Bucket bucket = buckets[prefix];
      for (int i = 0; i < bucket.size(); i++) {
        if (bucket.answeredNanos(i) < longestSinceNanos) {
          Contact contact = bucket.contact(i);
          if (!suspects.contains(contact.id()) && counts.test(contact)) {
            longest = contact;
            longestSinceNanos = bucket.answeredNanos(i);
          }
        }
      }
    }
    return Optional.ofNullable(longest);
  }

  private Entry entry(int prefix, int index) {
    Bucket bucket = buckets[prefix];
    Contact contact = bucket.contact(index);
    Suspects.Misses misses = suspects.misses(contact.id());
    return new Entry(
        contact,
        NodeId.BITS - 1 - prefix,
        bucket.answeredNanos(index),
        misses.count(),
        misses.lastNanos(),
        RoundTrips.meanMicros(bucket.roundTrips(index)));
  }

  private void checkNotSelf(NodeId id) {
    if (id.equals(self)) {
      throw new IllegalArgumentException("a node is never in its own table: " + id);
    }
  }

  private int prefix(NodeId id) {
    return TableView.prefix(self, id);
  }

  private Bucket existing(NodeId id) {
    return withPrefix(prefix(id));
  }

  private Bucket withPrefix(int prefix) {
    return prefix < buckets.length ? buckets[prefix] : EMPTY;
  }

  private Bucket bucketFor(NodeId id) {
    checkNotSelf(id);
    Bucket bucket = existing(id);
    if (bucket == EMPTY) {
      int prefix = prefix(id);
      int length = buckets.length;
      buckets = Arrays.copyOf(buckets, Math.max(length, prefix + 1));
      Arrays.fill(buckets, length, buckets.length, EMPTY);
      bucket = new Bucket(prefix);
      buckets[prefix] = bucket;
    }
    return bucket;
  }

  private void publish(NodeId changed) {
    view = view.with(prefix(changed), suspects.without(existing(changed).members()));
  }
}
