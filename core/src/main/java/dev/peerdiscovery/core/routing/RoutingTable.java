package dev.peerdiscovery.core.routing;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
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
    FULL
  }

  private final NodeId self;
  private final int k;
  private final @Nullable Bucket[] buckets = new @Nullable Bucket[NodeId.BITS];
  private final RoundTrips everybody = new RoundTrips();
  private TableView view;
  private int size;
  private int suspects;

  /**
   * An empty table.
   *
   * @param self the id of the node that it belongs to
   * @param k the most contacts in a bucket, at least 1
   */
  public RoutingTable(NodeId self, int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k: must be at least 1, got " + k);
    }
    this.self = self;
    this.k = k;
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
      Contact known = bucket.contact(index);
      boolean older = known.record().content().supersedes(contact.record().content());
      boolean updated = !older && !known.equals(contact);
      boolean suspect = bucket.failures(index) > 0;
      if (updated) {
        bucket.replace(index, contact);
      }
      forgive(bucket, index);
      bucket.seen(index, nowNanos);
      if (updated || suspect) {
        publish(contact.id());
      }
      return updated ? Insert.UPDATED : Insert.KEPT;
    }
    if (bucket.isFull()) {
      bucket.park(contact.record());
      return Insert.FULL;
    }
    bucket.add(contact, nowNanos);
    size++;
    publish(contact.id());
    return Insert.ADDED;
  }

  /**
   * Notes that a contact answered a call.
   *
   * @param rttNanos how long the answer took
   * @return whether the contact is in the table
   */
  public boolean answered(NodeId id, long rttNanos, long nowNanos) {
    int sample = (int) Math.min(Integer.MAX_VALUE, Math.max(1, rttNanos / 1_000));
    everybody.add(sample);
    Bucket bucket = existing(id);
    int index = bucket == null ? -1 : bucket.indexOf(id);
    if (bucket == null || index < 0) {
      return false;
    }
    boolean suspect = bucket.failures(index) > 0;
    forgive(bucket, index);
    bucket.answered(index, sample, nowNanos);
    if (suspect) {
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
    int index = bucket == null ? -1 : bucket.indexOf(id);
    if (bucket == null || index < 0) {
      return 0;
    }
    int failures = bucket.failed(index, nowNanos);
    if (failures == 1) {
      suspects++;
      publish(id);
    }
    return failures;
  }

  /** Takes a contact out, and returns it if it was there. */
  public Optional<Contact> remove(NodeId id) {
    Bucket bucket = existing(id);
    int index = bucket == null ? -1 : bucket.indexOf(id);
    if (bucket == null || index < 0) {
      return Optional.empty();
    }
    Contact contact = bucket.contact(index);
    forgive(bucket, index);
    bucket.remove(index);
    size--;
    publish(id);
    return Optional.of(contact);
  }

  /**
   * Forgets the failures of all suspects: they happened while the node had nobody to hear from, so
   * they say something about the node and nothing about the contacts.
   */
  public void forgiveAll() {
    for (Bucket bucket : buckets) {
      if (bucket != null && bucket.suspects() > 0) {
        for (int i = 0; i < bucket.size(); i++) {
          forgive(bucket, i);
        }
        publish(bucket.contact(0).id());
      }
    }
  }

  private void forgive(Bucket bucket, int index) {
    if (bucket.failures(index) > 0) {
      bucket.forgive(index);
      suspects--;
    }
  }

  /** Keeps an unverified record for when its bucket has a place; at most k for each bucket. */
  public void park(SignedPeerRecord record) {
    bucketFor(record.id()).park(record);
  }

  /** Takes the newest replacement of the bucket that {@code id} belongs to. */
  public Optional<SignedPeerRecord> takeReplacement(NodeId id) {
    Bucket bucket = existing(id);
    return bucket == null ? Optional.empty() : bucket.takeReplacement();
  }

  /** The contact of that id, suspect or not. */
  public Optional<Contact> contact(NodeId id) {
    Bucket bucket = existing(id);
    int index = bucket == null ? -1 : bucket.indexOf(id);
    return bucket == null || index < 0 ? Optional.empty() : Optional.of(bucket.contact(index));
  }

  /** How many contacts the bucket of this index still has room for. */
  public int room(int bucket) {
    Bucket existing = buckets[bucket];
    return existing == null ? k : k - existing.size();
  }

  /** The index of the highest bucket that holds anybody, −1 when the table is empty. */
  public int highestBucket() {
    for (int i = buckets.length - 1; i >= 0; i--) {
      Bucket bucket = buckets[i];
      if (bucket != null && bucket.size() > 0) {
        return i;
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
    return suspects;
  }

  /** How many replacements wait. */
  public int replacements() {
    int count = 0;
    for (Bucket bucket : buckets) {
      count += bucket == null ? 0 : bucket.replacements();
    }
    return count;
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
    int index = bucket == null ? -1 : bucket.indexOf(id);
    if (bucket == null || index < 0 || bucket.rttMicros(index) == 0) {
      return everybody.nanos(deviations);
    }
    return RoundTrips.nanos(bucket.rttMicros(index), bucket.deviationMicros(index), deviations);
  }

  /** Everything that is known of one contact. */
  public record Entry(
      Contact contact,
      int bucket,
      long answeredNanos,
      int failures,
      long failedNanos,
      int rttMicros) {}

  /** What is known of one contact, if it is in the table. */
  public Optional<Entry> entry(NodeId id) {
    Bucket bucket = existing(id);
    int index = bucket == null ? -1 : bucket.indexOf(id);
    return bucket == null || index < 0
        ? Optional.empty()
        : Optional.of(entry(self.bucketOf(id), bucket, index));
  }

  /** What is known of all contacts, the lowest buckets first. */
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>(size);
    forEach(entries::add);
    return entries;
  }

  /** Visits what is known of each contact, the lowest buckets first. */
  public void forEach(Consumer<Entry> visitor) {
    for (int b = 0; b < buckets.length; b++) {
      Bucket bucket = buckets[b];
      for (int i = 0; bucket != null && i < bucket.size(); i++) {
        visitor.accept(entry(b, bucket, i));
      }
    }
  }

  private static Entry entry(int index, Bucket bucket, int i) {
    return new Entry(
        bucket.contact(i),
        index,
        bucket.answeredNanos(i),
        bucket.failures(i),
        bucket.failedNanos(i),
        bucket.rttMicros(i));
  }

  private Bucket bucketFor(NodeId id) {
    int index = self.bucketOf(id);
    if (index < 0) {
      throw new IllegalArgumentException("a node is never in its own table: " + id);
    }
    Bucket bucket = buckets[index];
    if (bucket == null) {
      bucket = new Bucket(k);
      buckets[index] = bucket;
    }
    return bucket;
  }

  private @Nullable Bucket existing(NodeId id) {
    int index = self.bucketOf(id);
    return index < 0 ? null : buckets[index];
  }

  private void publish(NodeId changed) {
    int index = self.bucketOf(changed);
    Bucket bucket = buckets[index];
    if (bucket != null) {
      view = view.with(index, bucket.healthy());
    }
  }
}
