package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.Provider;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.ServiceName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The instances of one service, merged from what many keepers say: of each the newest record, until
 * its time is over. One that was withdrawn is remembered for as long, so that an older record from
 * a keeper that has yet to hear of it does not bring it back.
 *
 * <p>That the time of an instance is over says that no renewal came in, and not why. So it is not
 * told to those who watch before the owner has found out ({@link #confirmLapsed}).
 */
final class Seen {
  /** The most instances and tombstones. */
  static final int MAX = 4_096;

  private record Instance(NodeId publisher, Endpoint endpoint) {}

  private record Entry(Provider provider, long expiresNanos) {
    boolean isGone() {
      return provider.content().withdrawn();
    }
  }

  /** What those who watch know of an instance. */
  private final Map<Instance, Provider> told = new LinkedHashMap<>();

  private final ServiceName service;
  private final RecordVerifier verifier;
  private final Map<Instance, Entry> entries = new LinkedHashMap<>();

  /** Those of which something changed since changes were last taken. */
  private final Set<Instance> touched = new LinkedHashSet<>();

  /** Those whose time is over, while those who watch think that they are there. */
  private final Set<Instance> lapsed = new LinkedHashSet<>();

  /** The earliest time at which one is over, or before; the same of those that are not gone. */
  private long expiresNanos = Long.MAX_VALUE;

  private long lapsesNanos = Long.MAX_VALUE;

  /** The most that a keeper has which named a sample of it. */
  private int sampled;

  Seen(ServiceName service, RecordVerifier verifier) {
    this.service = service;
    this.verifier = verifier;
  }

  /** Takes in what a keeper names, and how many it has. */
  void take(List<HeldProvider> providers, int held, long nowNanos) {
    take(providers, nowNanos);
    if (held > providers.size()) {
      sampled = Math.max(sampled, held);
    }
  }

  /** Forgets how many keepers have, before all are asked anew. */
  void forgetSampled() {
    sampled = 0;
  }

  /** Whether there are more than are known here. */
  boolean isTruncated() {
    return entries.size() >= MAX
        || sampled > entries.values().stream().filter(entry -> !entry.isGone()).count();
  }

  /** Takes in what a keeper says. */
  void take(List<HeldProvider> providers, long nowNanos) {
    for (HeldProvider held : providers) {
      ProviderRecord content = held.record().content();
      if (content.service().equals(service)) {
        take(held, content, nowNanos);
      }
    }
  }

  private void take(HeldProvider held, ProviderRecord content, long nowNanos) {
    Instance instance = new Instance(content.publisher(), content.endpoint());
    Entry known = entries.get(instance);
    boolean isOld = known != null && !content.supersedes(known.provider.content());
    if (isOld || (known == null && entries.size() >= MAX)) {
      return;
    }
    Optional<Provider> verified = verifier.verify(held.record());
    if (verified.isEmpty()) {
      return;
    }
    Provider provider = verified.get();
    long lasts = (content.withdrawn() ? content.ttl() : held.remaining()).toNanos();
    entries.put(instance, new Entry(provider, nowNanos + lasts));
    lapsed.remove(instance);
    expiresNanos = Math.min(expiresNanos, nowNanos + lasts);
    if (!content.withdrawn()) {
      lapsesNanos = Math.min(lapsesNanos, nowNanos + lasts);
    }
    if (known == null || !isTheSame(known.provider, provider)) {
      // That it lapsed in between need not have been told.
      touched.add(instance);
    }
  }

  /** Forgets those whose time is over. */
  void expire(long nowNanos) {
    if (nowNanos < expiresNanos) {
      return;
    }
    expiresNanos = Long.MAX_VALUE;
    Iterator<Map.Entry<Instance, Entry>> each = entries.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<Instance, Entry> entry = each.next();
      if (entry.getValue().expiresNanos <= nowNanos) {
        each.remove();
        if (told.containsKey(entry.getKey())) {
          lapsed.add(entry.getKey());
        }
      } else {
        expiresNanos = Math.min(expiresNanos, entry.getValue().expiresNanos);
      }
    }
  }

  /**
   * The shortest TTL of those whose time is over while those who watch were not told; nothing when
   * there are none.
   */
  Optional<Duration> ttlOfLapsed() {
    return lapsed.stream()
        .map(told::get)
        .map(lost -> lost.content().ttl())
        .min(Duration::compareTo);
  }

  /**
   * The shortest TTL of those that are there and whose time is over before long, since no renewal
   * came in; nothing when there are none.
   */
  Optional<Duration> ttlOfLapsing(long beforeNanos) {
    if (beforeNanos < lapsesNanos) {
      return Optional.empty();
    }
    lapsesNanos = Long.MAX_VALUE;
    Optional<Duration> shortest = Optional.empty();
    for (Entry entry : entries.values()) {
      if (!entry.isGone()) {
        lapsesNanos = Math.min(lapsesNanos, entry.expiresNanos);
        Duration ttl = entry.provider.content().ttl();
        boolean isShorter = shortest.isEmpty() || ttl.compareTo(shortest.get()) < 0;
        if (entry.expiresNanos <= beforeNanos && isShorter) {
          shortest = Optional.of(ttl);
        }
      }
    }
    return shortest;
  }

  /** When {@link #ttlOfLapsing} has an answer at the earliest. */
  long nextLapse() {
    return lapsesNanos;
  }

  /** Those whose time is over are gone: the next changes say so. */
  void confirmLapsed() {
    touched.addAll(lapsed);
    lapsed.clear();
  }

  /** Whether nobody is there. */
  boolean isEmpty() {
    return entries.values().stream().allMatch(Entry::isGone);
  }

  /** When somebody's time is over next. */
  long nextExpiry() {
    return expiresNanos;
  }

  /**
   * Tells what is different from what was told before.
   *
   * @return whether anything is
   */
  boolean takeChanges(List<Provider> present, List<Provider> gone) {
    for (Instance instance : touched) {
      Entry entry = entries.get(instance);
      if (entry != null && !entry.isGone()) {
        Provider before = told.put(instance, entry.provider);
        if (before == null || !isTheSame(before, entry.provider)) {
          present.add(entry.provider);
        }
      } else {
        Provider before = told.remove(instance);
        if (before != null) {
          gone.add(before);
        }
      }
    }
    touched.clear();
    return !present.isEmpty() || !gone.isEmpty();
  }

  /**
   * Whether the second says nothing new to those who watch. When an instance was registered is news
   * although nothing else is: it decides which of two records of one endpoint counts.
   */
  private static boolean isTheSame(Provider before, Provider now) {
    return before.content().incarnation() == now.content().incarnation()
        && before.content().saysTheSame(now.content());
  }

  /** Those that are there. */
  List<Services.Found> all(long nowNanos) {
    List<Services.Found> all = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (!entry.isGone() && entry.expiresNanos > nowNanos) {
        all.add(
            new Services.Found(entry.provider, Duration.ofNanos(entry.expiresNanos - nowNanos)));
      }
    }
    return List.copyOf(all);
  }
}
