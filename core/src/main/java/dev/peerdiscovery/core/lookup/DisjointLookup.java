package dev.peerdiscovery.core.lookup;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A search over d disjoint paths (S/Kademlia, section 4.4): one {@link Lookup} each, and no peer is
 * asked by two of them. Whoever lies leads one path astray; the others never hear whom it named.
 *
 * <p>The rule. The contacts to begin with are dealt to the paths in turn, nearest first, and α is
 * spread over the paths, at least one call each. A peer belongs to the first path that asks it, and
 * only that path learns whom it names. Others that come upon it are told that it answered, or that
 * it did not, and nothing else: so it counts among their k nearest and costs no second call. The
 * search is over when all paths are; the result merges what answered them.
 *
 * <p>With one path it is that path. It is driven as a {@link Lookup} is. Not thread-safe.
 */
public final class DisjointLookup {
  /** The most paths; S/Kademlia found that more than eight gain little. */
  public static final int MAX_PATHS = 16;

  private final NodeId target;
  private final int k;
  private final List<Lookup> paths;

  /** Which path each peer belongs to, of those that were asked. */
  private final Map<NodeId, Lookup> owners = new HashMap<>();

  /** Those who answered; empty while there is one path, where nobody else wants to know. */
  private final Map<NodeId, Contact> answered = new HashMap<>(0);

  private int calls;

  /**
   * A lookup that has asked nobody yet.
   *
   * @param target what is searched for
   * @param self the id of the one who searches, if it is a peer; it is never a candidate
   * @param settings how all paths together go about it
   * @param paths how many there are, 1 to {@link #MAX_PATHS}
   * @param start whom to begin with, in any order
   * @param patience how long to wait for each peer
   */
  public DisjointLookup(
      NodeId target,
      Optional<NodeId> self,
      Lookup.Settings settings,
      int paths,
      Collection<SignedPeerRecord> start,
      Function<NodeId, Patience> patience) {
    if (paths < 1 || paths > MAX_PATHS) {
      throw new IllegalArgumentException("paths: must be 1 to " + MAX_PATHS + ", got " + paths);
    }
    this.target = target;
    this.k = settings.k();
    int alpha = (settings.alpha() + paths - 1) / paths;
    Lookup.Settings each = new Lookup.Settings(settings.k(), alpha, settings.sweeps());
    this.paths = new ArrayList<>(paths);
    for (List<SignedPeerRecord> hand : deal(start, paths)) {
      this.paths.add(new Lookup(target, self, each, hand, patience));
    }
  }

  /** In turn, the nearest first; all records of one peer go to the same path. */
  private List<List<SignedPeerRecord>> deal(Collection<SignedPeerRecord> start, int paths) {
    List<List<SignedPeerRecord>> hands = new ArrayList<>();
    for (int i = 0; i < paths; i++) {
      hands.add(new ArrayList<>());
    }
    List<SignedPeerRecord> sorted = new ArrayList<>(start);
    if (paths > 1) {
      sorted.sort((a, b) -> target.compareDistances(a.id(), b.id()));
    }
    int turn = -1;
    NodeId before = null;
    for (SignedPeerRecord record : sorted) {
      turn += record.id().equals(before) ? 0 : 1;
      before = record.id();
      hands.get(turn % paths).add(record);
    }
    return hands;
  }

  /** What is searched for. */
  public NodeId target() {
    return target;
  }

  /** Whom to call now, if anybody; see {@link Lookup#next}. */
  public Optional<SignedPeerRecord> next(long nowNanos) {
    for (Lookup path : paths) {
      Optional<SignedPeerRecord> next = path.next(nowNanos);
      while (next.isPresent()) {
        NodeId id = next.get().id();
        Lookup owner = owners.putIfAbsent(id, path);
        if (owner == null || owner == path) {
          calls++;
          return next;
        }
        tellOfOthers(path, id, owner);
        next = path.next(nowNanos);
      }
    }
    return Optional.empty();
  }

  /** Tells a path what became of a peer that it would ask and that belongs to another one. */
  private void tellOfOthers(Lookup path, NodeId id, Lookup owner) {
    Contact contact = answered.get(id);
    if (contact != null) {
      path.answered(contact, List.of());
    } else if (!owner.awaits(id)) {
      path.failed(id, false);
    }
    // Else it waits, and is told with the owner.
  }

  /** Whether an answer of that peer would count: it was asked and has not answered yet. */
  public boolean awaits(NodeId id) {
    Lookup owner = owners.get(id);
    return owner != null && owner.awaits(id);
  }

  /**
   * Takes in an answer, however late.
   *
   * @param from who answered
   * @param learned whom it named, unverified and in any order
   * @return how many candidates were new to the path that asked
   */
  public int answered(Contact from, Collection<SignedPeerRecord> learned) {
    Lookup owner = owners.get(from.id());
    if (owner == null || !owner.awaits(from.id())) {
      return 0;
    }
    int added = owner.answered(from, learned);
    if (paths.size() > 1) {
      answered.put(from.id(), from);
      paths.forEach(path -> path.answered(from, List.of()));
    }
    return added;
  }

  /** Notes that a call came to nothing; see {@link Lookup#failed}. */
  public void failed(NodeId id, boolean lost) {
    paths.forEach(path -> path.failed(id, lost));
  }

  /**
   * Notes that a peer was not called, because its record is no good; see {@link Lookup#refused}. It
   * belongs to no path by that, so another one that has heard of it can ask it.
   */
  public void refused(NodeId id) {
    Lookup owner = owners.get(id);
    if (owner != null) {
      calls--;
      owner.refused(id);
      if (!owner.awaits(id)) {
        owners.remove(id);
      }
    }
  }

  /** Ends the search: nobody is asked any more, answers under way still count. */
  public void stop() {
    paths.forEach(Lookup::stop);
  }

  /**
   * Ends the path that a peer belongs to, and no other: for whoever can tell that the peer lies.
   * What the path has found still counts.
   */
  public void stopPathOf(NodeId id) {
    Lookup owner = owners.get(id);
    if (owner != null) {
      owner.stop();
    }
  }

  /** The index of the path that a peer belongs to, in the order in which they were dealt to. */
  int pathOf(NodeId id) {
    return paths.indexOf(owners.get(id));
  }

  /** Whether the search is over. */
  public boolean isDone() {
    for (Lookup path : paths) {
      if (!path.isDone()) {
        return false;
      }
    }
    return true;
  }

  /**
   * When {@link #next} should be asked again if nothing happens; {@code Long.MAX_VALUE} if never.
   */
  public long nextWake() {
    long earliest = Long.MAX_VALUE;
    for (Lookup path : paths) {
      earliest = Math.min(earliest, path.nextWake());
    }
    return earliest;
  }

  /** The responders of all paths nearest to the target, at most k, nearest first. */
  public List<Contact> result() {
    List<Contact> merged = new ArrayList<>();
    for (Lookup path : paths) {
      for (Contact contact : path.result()) {
        if (owners.get(contact.id()) == path) {
          merged.add(contact);
        }
      }
    }
    if (paths.size() > 1) {
      merged.sort((a, b) -> target.compareDistances(a.id(), b.id()));
    }
    return List.copyOf(merged.subList(0, Math.min(k, merged.size())));
  }

  /**
   * How many answers led to a peer that was asked: 0 for those that the search began with.
   *
   * @throws IllegalArgumentException when it was not asked
   */
  public int hop(NodeId id) {
    Lookup owner = owners.get(id);
    if (owner == null) {
      throw new IllegalArgumentException("not asked: " + id);
    }
    return owner.hop(id);
  }

  /** How many calls were asked for. */
  public int calls() {
    return calls;
  }
}
