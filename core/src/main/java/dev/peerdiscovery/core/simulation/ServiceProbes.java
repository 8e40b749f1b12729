package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.engine.ResolveId;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Provider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Has peers resolve services, and judges what they find by the {@link Registry}. Only instances
 * that were registered a while before and whose publishers are still there at the end are held
 * against it; when there is none, the question does not count.
 */
final class ServiceProbes implements Observer {
  private record Probe(VirtualPeer asker, int service, long startedNanos) {}

  /**
   * How the questions for one service did.
   *
   * @param asked how many counted
   * @param found how many found an instance whose publisher is there
   * @param complete the mean share of such instances that they found
   * @param stale the mean share of what they found whose publisher is gone
   * @param meanMillis how long they took
   */
  public record Result(int asked, int found, double complete, double stale, double meanMillis) {
    /** The share that found an instance. */
    public double share() {
      return asked == 0 ? 0 : (double) found / asked;
    }
  }

  private static final class Sum {
    int asked;
    int found;
    double complete;
    double stale;
    double millis;
  }

  private final VirtualNetwork network;
  private final Registry registry;
  private final Map<Long, Probe> underWay = new HashMap<>();
  private final List<Sum> sums = new ArrayList<>();

  ServiceProbes(VirtualNetwork network, Registry registry) {
    this.network = network;
    this.registry = registry;
    network.observe(this);
  }

  void ask(VirtualPeer asker, int service) {
    Probe probe = new Probe(asker, service, network.nowNanos());
    Optional<ResolveId> id =
        asker.engine().services().resolve(Registry.name(service), network.nowNanos());
    id.ifPresent(resolve -> underWay.put(key(asker, resolve), probe));
    network.settle(asker);
  }

  int underWay() {
    return underWay.size();
  }

  private static Long key(VirtualPeer peer, ResolveId id) {
    return (long) peer.number() << 32 ^ id.value();
  }

  @Override
  public void stopped(VirtualPeer peer) {
    underWay.values().removeIf(probe -> probe.asker == peer);
  }

  @Override
  public void told(VirtualPeer peer, Event event) {
    if (event instanceof Event.Resolved resolved) {
      Probe probe = underWay.remove(key(peer, resolved.id()));
      if (probe != null) {
        judge(probe, resolved.providers());
      }
    }
  }

  private void judge(Probe probe, List<Provider> providers) {
    long before = probe.startedNanos - Registry.KNOWN_AFTER.toNanos();
    List<VirtualPeer> truth = registry.since(probe.service, before);
    if (truth.isEmpty()) {
      return;
    }
    Set<NodeId> named = new HashSet<>();
    providers.forEach(provider -> named.add(provider.publisher()));
    Set<NodeId> there = new HashSet<>();
    registry.since(probe.service, Long.MAX_VALUE).forEach(peer -> there.add(peer.id()));
    int met = 0;
    for (VirtualPeer peer : truth) {
      met += named.contains(peer.id()) ? 1 : 0;
    }
    int stale = 0;
    for (NodeId id : named) {
      stale += there.contains(id) ? 0 : 1;
    }
    Sum sum = sum(probe.service);
    sum.asked++;
    sum.found += named.size() > stale ? 1 : 0;
    sum.complete += (double) met / truth.size();
    sum.stale += named.isEmpty() ? 0 : (double) stale / named.size();
    sum.millis += (network.nowNanos() - probe.startedNanos) / 1e6;
  }

  private Sum sum(int service) {
    while (sums.size() <= service) {
      sums.add(new Sum());
    }
    return sums.get(service);
  }

  /** How the questions for each service did since this was last asked. */
  List<Result> take() {
    List<Result> results = new ArrayList<>();
    for (int service = 0; service < registry.services(); service++) {
      Sum sum = sum(service);
      double count = Math.max(1, sum.asked);
      results.add(
          new Result(
              sum.asked, sum.found, sum.complete / count, sum.stale / count, sum.millis / count));
    }
    sums.clear();
    return results;
  }
}
