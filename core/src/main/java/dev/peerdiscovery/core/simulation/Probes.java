package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.engine.LookupId;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Has peers look up targets, and judges what they find by the {@link Oracle}.
 *
 * <p>A lookup that goes on while peers come and go can be held only to those who were there all the
 * time: peers that started less than a minute before it, or were gone when it ended, count neither
 * as found nor as missed. Where they take places in its result, as many of the truth's farthest are
 * not asked for; that is what {@code recall} is measured against.
 */
public final class Probes implements Observer {
  /** One lookup that is under way. */
  private static final class Probe {
    final VirtualPeer asker;
    final NodeId target;
    final long startedNanos;
    @Nullable NodeId nearest;
    int nearestHop;
    long nearestNanos;

    Probe(VirtualPeer asker, NodeId target, long startedNanos) {
      this.asker = asker;
      this.target = target;
      this.startedNanos = startedNanos;
    }
  }

  /** In which any lookup is over. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** Who counts for a lookup. */
  @FunctionalInterface
  public interface Electorate {
    /** Whether a peer has to be found, were it near enough to the target. */
    boolean counts(VirtualPeer asker, VirtualPeer peer, long startedNanos);
  }

  private final VirtualNetwork network;
  private final Oracle oracle;
  private final Electorate electorate;
  private final Map<Long, Probe> underWay = new HashMap<>();
  private Tally tally = new Tally();

  /**
   * Probes of a network; they look on from now on.
   *
   * @param electorate who has to be found, of those that the oracle knows
   */
  public Probes(VirtualNetwork network, Oracle oracle, Electorate electorate) {
    this.network = network;
    this.oracle = oracle;
    this.electorate = electorate;
    network.observe(this);
  }

  /** Probes that hold lookups to all honest peers but the one who asks. */
  public static Probes ofAll(VirtualNetwork network, Oracle oracle) {
    return new Probes(network, oracle, (asker, peer, startedNanos) -> peer.isHonest());
  }

  /** Has a peer look up a target; not when it has too many lookups under way. */
  public boolean ask(VirtualPeer asker, NodeId target) {
    Probe probe = new Probe(asker, target, network.nowNanos());
    Optional<LookupId> id = asker.engine().lookup(target, network.nowNanos());
    id.ifPresent(lookup -> underWay.put(key(asker, lookup), probe));
    // Only now does it make calls, and end at once if there is nobody to call.
    network.settle(asker);
    return id.isPresent();
  }

  /**
   * Has peers look up random targets, all at once, and runs until all lookups are over.
   *
   * @return how they did
   */
  public Tally askAtRandom(List<VirtualPeer> askers, int lookups, SplittableRandom random) {
    Tally before = takeTally();
    for (int i = 0; i < lookups; i++) {
      VirtualPeer asker = askers.get(random.nextInt(askers.size()));
      if (!ask(asker, NodeId.random(random))) {
        throw new IllegalArgumentException("too many lookups for " + askers.size() + " peers");
      }
    }
    network.runUntil("lookups", LIMIT, () -> underWay.isEmpty());
    Tally done = tally;
    tally = before;
    return done;
  }

  /** How many lookups are under way. */
  public int underWay() {
    return underWay.size();
  }

  /** How the lookups did that have ended. */
  public Tally tally() {
    return tally;
  }

  /** Counts lookups that end from now on for themselves, and returns how those before did. */
  public Tally takeTally() {
    Tally taken = tally;
    tally = new Tally();
    return taken;
  }

  private static Long key(VirtualPeer peer, LookupId id) {
    return (long) peer.number() << 32 ^ id.value();
  }

  @Override
  public void told(VirtualPeer peer, Event event) {
    if (event instanceof Event.LookupStep step) {
      Probe probe = underWay.get(key(peer, step.id()));
      if (probe != null) {
        NodeId from = step.from().id();
        if (probe.nearest == null || probe.target.compareDistances(from, probe.nearest) < 0) {
          probe.nearest = from;
          probe.nearestHop = step.hop() + 1;
          probe.nearestNanos = network.nowNanos();
        }
      }
    } else if (event instanceof Event.LookupEnded ended) {
      Probe probe = underWay.remove(key(peer, ended.id()));
      if (probe != null) {
        judge(probe, ended);
      }
    }
  }

  @Override
  public void stopped(VirtualPeer peer) {
    // Whoever asked is gone, and nobody waits for the answer.
    underWay.values().removeIf(probe -> probe.asker == peer);
  }

  private void judge(Probe probe, Event.LookupEnded ended) {
    int k = probe.asker.config().k();
    List<VirtualPeer> truth = oracle.closest(probe.target, k, peer -> counts(probe, peer));
    List<NodeId> found = new ArrayList<>();
    for (Contact contact : ended.result()) {
      found.add(contact.id());
    }
    Set<NodeId> all = new HashSet<>(found);
    found.removeIf(id -> oracle.find(id).filter(peer -> counts(probe, peer)).isEmpty());
    int others = ended.result().size() - found.size();
    int due = Math.min(truth.size(), k - others);
    int met = 0;
    for (int i = 0; i < due; i++) {
      met += all.contains(truth.get(i).id()) ? 1 : 0;
    }
    boolean exact = found.size() == due;
    for (int i = 0; exact && i < due; i++) {
      exact = found.get(i).equals(truth.get(i).id());
    }
    boolean closest =
        truth.isEmpty() || (!found.isEmpty() && found.get(0).equals(truth.get(0).id()));
    long now = network.nowNanos();
    tally.add(
        closest,
        exact,
        due == 0 ? 1 : met / (double) due,
        probe.nearestHop,
        ended.calls(),
        probe.nearest == null ? -1 : probe.nearestNanos - probe.startedNanos,
        now - probe.startedNanos);
  }

  private boolean counts(Probe probe, VirtualPeer peer) {
    return peer != probe.asker
        && peer.isRunning()
        && electorate.counts(probe.asker, peer, probe.startedNanos);
  }
}
