package dev.peerdiscovery.core.store;

import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Items that expire, by key. Nothing is served past its TTL, nothing that lives is evicted for
 * something else: what finds no room is refused. Of what expired or was withdrawn, incarnation and
 * sequence are remembered as long as an older record of it could turn up ({@link Bygones}).
 *
 * <p>Not thread-safe. Time is in nanoseconds of a monotonic clock whose values do not wrap.
 *
 * @param <C> the kind of what is kept
 */
public final class Store<C> {
  /** What came of putting an item. */
  public enum Put {
    /** It is kept, or, if it takes something back, remembered. */
    STORED,
    /** The very same was kept already; its TTL did not begin anew. */
    KNOWN,
    /** Something newer is known of it. */
    OLD,
    /** Of its key there are {@link Limits#perKey} items. */
    KEY_FULL,
    /** Of its publisher there are {@link Limits#perPublisherAndKey} items under its key. */
    PUBLISHER_AND_KEY_FULL,
    /** Its publisher has items under {@link Limits#keysPerPublisher} keys. */
    PUBLISHER_FULL,
    /** There are {@link Limits#keys} keys. */
    KEYS_FULL,
    /** With it there would be more than {@link Limits#bytes}. */
    BYTES_FULL
  }

  private static final class Entry<C> {
    final Name name;
    final Item<C> item;
    final long expiresNanos;
    final long number;

    Entry(Name name, Item<C> item, long expiresNanos, long number) {
      this.name = name;
      this.item = item;
      this.expiresNanos = expiresNanos;
      this.number = number;
    }
  }

  private final Limits limits;

  /** By key, then by what they are; in the order in which they first came. */
  private final Map<NodeId, Map<Name, Entry<C>>> byKey = new HashMap<>();

  /** Under which keys each publisher has how many items. */
  private final Map<NodeId, Map<NodeId, Integer>> byPublisher = new HashMap<>();

  private final TreeSet<Entry<C>> byExpiry =
      new TreeSet<>(
          Comparator.<Entry<C>>comparingLong(entry -> entry.expiresNanos)
              .thenComparingLong(entry -> entry.number));

  private final Bygones bygones;

  private long bytes;
  private long puts;

  /** A store that keeps nothing yet. */
  public Store(Limits limits) {
    this.limits = limits;
    this.bygones = new Bygones(limits.bygones(), limits.perPublisher());
  }

  /** Has an item kept from now on until its TTL is over. */
  public Put put(Item<C> item, long nowNanos) {
    expire(nowNanos);
    Name name = new Name(item.key(), item.publisher(), item.name());
    Entry<C> before = byKey.getOrDefault(item.key(), Map.of()).get(name);
    int order = compareToKnown(item, before, bygones.get(name));
    if (order <= 0) {
      return order == 0 && before != null ? Put.KNOWN : Put.OLD;
    }
    if (item.withdrawn()) {
      // What is to be forgotten needs no room, only that it be remembered to be gone.
      if (before != null) {
        remove(before);
      }
      remember(name, item, nowNanos);
      return Put.STORED;
    }
    Put refusal = roomFor(item, before);
    if (refusal == Put.STORED) {
      if (before != null) {
        remove(before);
      }
      bygones.forget(name);
      add(new Entry<>(name, item, nowNanos + item.ttl().toNanos(), puts++));
    }
    return refusal;
  }

  private int compareToKnown(
      Item<C> item, @Nullable Entry<C> before, Bygones.@Nullable Bygone bygone) {
    if (before != null) {
      return compare(item, before.item.incarnation(), before.item.sequence());
    }
    return bygone == null ? 1 : compare(item, bygone.incarnation(), bygone.sequence());
  }

  private static int compare(Item<?> item, long incarnation, long sequence) {
    int order = Long.compareUnsigned(item.incarnation(), incarnation);
    return order == 0 ? Long.compareUnsigned(item.sequence(), sequence) : order;
  }

  private Put roomFor(Item<C> item, @Nullable Entry<C> before) {
    long more = (long) item.bytes() - (before == null ? 0 : before.item.bytes());
    if (bytes + more > limits.bytes()) {
      return Put.BYTES_FULL;
    }
    if (before != null) {
      return Put.STORED;
    }
    Map<Name, Entry<C>> shelf = byKey.get(item.key());
    if (shelf == null && byKey.size() >= limits.keys()) {
      return Put.KEYS_FULL;
    }
    Map<NodeId, Integer> own = byPublisher.getOrDefault(item.publisher(), Map.of());
    int underKey = own.getOrDefault(item.key(), 0);
    if (underKey == 0 && own.size() >= limits.keysPerPublisher()) {
      return Put.PUBLISHER_FULL;
    }
    if (shelf != null && shelf.size() >= limits.perKey()) {
      return Put.KEY_FULL;
    }
    return underKey >= limits.perPublisherAndKey() ? Put.PUBLISHER_AND_KEY_FULL : Put.STORED;
  }

  private void add(Entry<C> entry) {
    Item<C> item = entry.item;
    byKey.computeIfAbsent(item.key(), key -> new LinkedHashMap<>()).put(entry.name, entry);
    byPublisher
        .computeIfAbsent(item.publisher(), publisher -> new HashMap<>())
        .merge(item.key(), 1, Integer::sum);
    byExpiry.add(entry);
    bytes += item.bytes();
  }

  private void remove(Entry<C> entry) {
    Item<C> item = entry.item;
    byKey.computeIfPresent(
        item.key(),
        (key, shelf) -> {
          shelf.remove(entry.name);
          return shelf.isEmpty() ? null : shelf;
        });
    byPublisher.computeIfPresent(
        item.publisher(),
        (publisher, keys) -> {
          keys.computeIfPresent(item.key(), (key, count) -> count > 1 ? count - 1 : null);
          return keys.isEmpty() ? null : keys;
        });
    byExpiry.remove(entry);
    bytes -= item.bytes();
  }

  private void remember(Name name, Item<C> item, long nowNanos) {
    long least = limits.remember().toNanos();
    long forNanos = item.withdrawn() ? Math.max(least, item.ttl().toNanos()) : least;
    bygones.remember(name, item, nowNanos + forNanos);
  }

  /** Forgets what is over. */
  public void expire(long nowNanos) {
    while (!byExpiry.isEmpty() && byExpiry.first().expiresNanos <= nowNanos) {
      Entry<C> over = byExpiry.first();
      remove(over);
      remember(over.name, over.item, nowNanos);
    }
    bygones.expire(nowNanos);
  }

  /**
   * The items of a key, or an evenly drawn sample of them, in no order.
   *
   * @param max how many at most
   */
  public List<Held<C>> sample(NodeId key, int max, RandomGenerator random, long nowNanos) {
    expire(nowNanos);
    List<Held<C>> sample = new ArrayList<>();
    int seen = 0;
    for (Entry<C> entry : byKey.getOrDefault(key, Map.of()).values()) {
      // Reservoir sampling: one pass, each item with the same chance.
      int at = seen < max ? seen : random.nextInt(seen + 1);
      seen++;
      if (at < max) {
        Duration remaining = Duration.ofNanos(entry.expiresNanos - nowNanos);
        Held<C> held = new Held<>(entry.item, remaining);
        if (at < sample.size()) {
          sample.set(at, held);
        } else {
          sample.add(held);
        }
      }
    }
    return sample;
  }

  /** All items of a key. */
  public List<Held<C>> all(NodeId key, long nowNanos) {
    expire(nowNanos);
    List<Held<C>> all = new ArrayList<>();
    for (Entry<C> entry : byKey.getOrDefault(key, Map.of()).values()) {
      all.add(new Held<>(entry.item, Duration.ofNanos(entry.expiresNanos - nowNanos)));
    }
    return all;
  }

  /** How many items of a key are kept. */
  public int count(NodeId key, long nowNanos) {
    expire(nowNanos);
    return byKey.getOrDefault(key, Map.of()).size();
  }

  /** How many keys there are items of. */
  public int keys() {
    return byKey.size();
  }

  /** How many items are kept. */
  public int items() {
    return byExpiry.size();
  }

  /** How many bytes they count. */
  public long bytes() {
    return bytes;
  }

  /** How many are remembered to be gone. */
  public int bygones() {
    return bygones.size();
  }

  /** When something is over next; {@code Long.MAX_VALUE} when nothing is kept. */
  public long nextExpiry() {
    return byExpiry.isEmpty() ? Long.MAX_VALUE : byExpiry.first().expiresNanos;
  }
}
