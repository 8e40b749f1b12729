package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * A service of which there are instances here: what is wanted of each, and what each keeper is
 * known to have. The {@link Publisher} owns it, and does what it takes to make the one the other.
 */
final class Publication {
  /** Due whenever anything is. */
  static final long AT_ONCE = Long.MIN_VALUE;

  /** A keeper that misses so many calls in a row is one no more. */
  private static final int MAX_FAILURES = 2;

  /** A share of a region that may fail before it is looked at anew: one in five. */
  private static final int TOLERATED = 5;

  /** An instance as it should be known. */
  static final class Wanted {
    final Endpoint endpoint;
    Map<String, String> metadata = Map.of();
    Duration ttl = ProviderRecord.DEFAULT_TTL;
    long leaseNanos;
    boolean withdrawn;

    /** Grows with each change of what is said. */
    long version;

    long ownDueNanos = AT_ONCE;

    /** The moment of its registration; see {@link Incarnations}. */
    long incarnation;

    /** How often it was too small. */
    int outbids;

    /** How far the last that was told of it has come. */
    Services.Reach told = Services.Reach.PENDING;

    Presence presence = new Presence();

    Wanted(Endpoint endpoint) {
      this.endpoint = endpoint;
    }

    /** Whether its records are tombstones. */
    boolean isGone() {
      return withdrawn || presence.isFailing();
    }

    /** Has everybody told anew. */
    void changed() {
      version++;
      told = Services.Reach.PENDING;
      ownDueNanos = AT_ONCE;
    }
  }

  /** What a member is known to have of an instance. */
  record Copy(long version, long dueNanos, long expiresNanos) {}

  /** A peer that keeps, or should keep, records. One call at a time goes to it. */
  static final class Member {
    Keeper keeper;
    boolean inRegion = true;
    boolean asking;
    int failures;
    long notBeforeNanos = AT_ONCE;
    final Map<Endpoint, Copy> copies = new LinkedHashMap<>();

    Member(Keeper keeper) {
      this.keeper = keeper;
    }

    /** Whether it is a keeper no more. */
    boolean isLost() {
      return failures >= MAX_FAILURES;
    }

    void lost() {
      failures = MAX_FAILURES;
    }

    /** Out of the region it is still told when an instance goes, while it may care. */
    boolean isOfUse(long nowNanos) {
      copies.values().removeIf(copy -> nowNanos >= copy.expiresNanos);
      return !isLost() && (inRegion || asking || !copies.isEmpty());
    }

    /** When it has to be brought a record of an instance. */
    long dueAt(Wanted wanted) {
      Copy copy = copies.get(wanted.endpoint);
      boolean isNews = copy == null ? !wanted.isGone() : copy.version < wanted.version;
      if (isNews && (inRegion || copy != null)) {
        return notBeforeNanos;
      }
      return wanted.isGone() || copy == null || !inRegion
          ? Part.NEVER
          : Math.max(notBeforeNanos, copy.dueNanos);
    }

    private boolean hasCurrent(Wanted wanted) {
      Copy copy = copies.get(wanted.endpoint);
      return copy != null && copy.version == wanted.version;
    }
  }

  final ServiceName service;
  final NodeId key;
  final Map<Endpoint, Wanted> instances = new LinkedHashMap<>();
  final Map<NodeId, Member> members = new LinkedHashMap<>();
  final LookPlan plan;
  private boolean lookedUp;
  private int lost;

  Publication(ServiceName service, LookPlan plan) {
    this.plan = plan;
    this.service = service;
    this.key = service.key();
  }

  /** Takes in a look at the region; an empty one says nothing about those that are known. */
  void looked(List<Keeper> region) {
    lookedUp = true;
    lost = 0;
    members.values().forEach(member -> member.inRegion = region.isEmpty());
    for (Keeper keeper : region) {
      Member member = members.computeIfAbsent(keeper.contact().id(), id -> new Member(keeper));
      member.keeper = keeper;
      member.inRegion = true;
      member.failures = 0;
    }
  }

  /** One of the region is a keeper no more; too many, and there is another look at it. */
  void lost() {
    lost++;
    if (lost > members.size() / TOLERATED) {
      plan.hasten();
    }
  }

  /** With whom the next look begins. */
  List<SignedPeerRecord> remembered() {
    List<SignedPeerRecord> remembered = new ArrayList<>();
    members.values().forEach(member -> remembered.add(member.keeper.contact().record()));
    return remembered;
  }

  /** How many are known to have what is said of an instance now. */
  int keepersOf(Wanted wanted) {
    int keepers = 0;
    for (Member member : members.values()) {
      keepers += member.hasCurrent(wanted) ? 1 : 0;
    }
    return keepers;
  }

  /**
   * How far the record of an instance has come.
   *
   * @param isAlone whether there is no other node, as far as this one can know
   */
  Services.Reach reach(Wanted wanted, BooleanSupplier isAlone) {
    int region = 0;
    int have = 0;
    for (Member member : members.values()) {
      region += member.inRegion ? 1 : 0;
      have += member.inRegion && member.hasCurrent(wanted) ? 1 : 0;
    }
    if (!lookedUp || wanted.isGone()) {
      return Services.Reach.PENDING;
    }
    if (region == 0) {
      return isAlone.getAsBoolean() ? Services.Reach.ALONE : Services.Reach.UNREACHED;
    }
    return have == region
        ? Services.Reach.ALL
        : 2 * have >= region ? Services.Reach.HALF : Services.Reach.PENDING;
  }

  /** Whether anybody may still keep a record that says that a withdrawn instance is there. */
  boolean isKept(Wanted wanted) {
    for (Member member : members.values()) {
      Copy copy = member.copies.get(wanted.endpoint);
      if (member.asking || (copy != null && copy.version < wanted.version)) {
        return true;
      }
    }
    return false;
  }

  /** An instance is of no interest any more. */
  void forget(Wanted wanted) {
    instances.remove(wanted.endpoint);
    members.values().forEach(member -> member.copies.remove(wanted.endpoint));
  }
}
