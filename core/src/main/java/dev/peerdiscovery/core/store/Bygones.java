package dev.peerdiscovery.core.store;

import dev.peerdiscovery.core.id.NodeId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is no longer kept, so that nobody can bring it again while its token may be good. Of one
 * publisher a bounded number is remembered, and of all; beyond that the oldest is forgotten, of
 * that publisher, or of the one that has the most. So nobody has another's forgotten who does not
 * come under as many names as are remembered in all.
 *
 * <p>Not thread-safe.
 */
final class Bygones {
  /** What was said last. */
  record Bygone(Name name, long incarnation, long sequence, long untilNanos, long number) {}

  private static final class Owner {
    final NodeId publisher;

    /** The longest gone first. */
    final Set<Name> names = new LinkedHashSet<>();

    Owner(NodeId publisher) {
      this.publisher = publisher;
    }
  }

  private final int max;
  private final int maxPerPublisher;
  private final Map<Name, Bygone> byName = new HashMap<>();
  private final Map<NodeId, Owner> owners = new HashMap<>();

  private final TreeSet<Owner> byCount =
      new TreeSet<>(
          Comparator.<Owner>comparingInt(owner -> owner.names.size())
              .thenComparing(owner -> owner.publisher));

  private final TreeSet<Bygone> byEnd =
      new TreeSet<>(Comparator.comparingLong(Bygone::untilNanos).thenComparingLong(Bygone::number));

  private long remembered;

  Bygones(int max, int maxPerPublisher) {
    this.max = max;
    this.maxPerPublisher = maxPerPublisher;
  }

  @Nullable Bygone get(Name name) {
    return byName.get(name);
  }

  void remember(Name name, Item<?> item, long untilNanos) {
    forget(name);
    Bygone bygone = new Bygone(name, item.incarnation(), item.sequence(), untilNanos, remembered++);
    byName.put(name, bygone);
    byEnd.add(bygone);
    Owner owner = owners.computeIfAbsent(name.publisher(), Owner::new);
    byCount.remove(owner);
    owner.names.add(name);
    byCount.add(owner);
    if (owner.names.size() > maxPerPublisher) {
      forgetOldest(owner);
    } else if (byName.size() > max) {
      forgetOldest(byCount.last());
    }
  }

  private void forgetOldest(Owner owner) {
    forget(owner.names.iterator().next());
  }

  void forget(Name name) {
    Bygone bygone = byName.remove(name);
    Owner owner = owners.get(name.publisher());
    if (bygone == null || owner == null) {
      return;
    }
    byEnd.remove(bygone);
    byCount.remove(owner);
    owner.names.remove(name);
    if (owner.names.isEmpty()) {
      owners.remove(owner.publisher);
    } else {
      byCount.add(owner);
    }
  }

  void expire(long nowNanos) {
    while (!byEnd.isEmpty() && byEnd.first().untilNanos() <= nowNanos) {
      forget(byEnd.first().name());
    }
  }

  int size() {
    return byName.size();
  }
}
