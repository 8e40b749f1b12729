package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** Knows all peers of a network, and so what a lookup should find. */
final class Oracle {
  /** How lookups did against the truth. */
  record Score(int lookups, int exact, int closestFound, double recall) {}

  private Oracle() {}

  /** The k nearest to a target among all but the one who asks. */
  static List<NodeId> closest(
      Collection<VirtualNetwork.Peer> peers, NodeId asker, NodeId target, int k) {
    return peers.stream()
        .map(peer -> peer.id)
        .filter(id -> !id.equals(asker))
        .sorted(target::compareDistances)
        .limit(k)
        .toList();
  }

  private record Asked(VirtualNetwork.Peer asker, LookupId id, NodeId target) {}

  /** Looks up random targets from random peers, all of which are live, and all at once. */
  static Score score(
      VirtualNetwork network,
      List<VirtualNetwork.Peer> live,
      int lookups,
      int k,
      SplittableRandom random) {
    Map<Asked, List<NodeId>> found = new LinkedHashMap<>();
    VirtualNetwork.Observer observer =
        new VirtualNetwork.Observer() {
          @Override
          public void told(VirtualNetwork.Peer peer, Event event) {
            if (event instanceof Event.LookupEnded ended) {
              found.put(
                  new Asked(peer, ended.id(), ended.target()),
                  ended.result().stream().map(contact -> contact.id()).toList());
            }
          }
        };
    network.observers.add(observer);
    Set<Asked> asked = new LinkedHashSet<>();
    for (int i = 0; i < lookups; i++) {
      NodeId target = NodeId.random(random);
      VirtualNetwork.Peer asker = live.get(random.nextInt(live.size()));
      asked.add(new Asked(asker, network.lookup(asker, target).orElseThrow(), target));
    }
    network.runUntil("lookups", Duration.ofSeconds(11), () -> found.keySet().containsAll(asked));
    network.observers.remove(observer);
    int exact = 0;
    int closestFound = 0;
    double recall = 0;
    for (Asked lookup : asked) {
      List<NodeId> truth = closest(live, lookup.asker.id, lookup.target, k);
      List<NodeId> result = found.get(lookup);
      exact += result.equals(truth) ? 1 : 0;
      closestFound += !result.isEmpty() && result.get(0).equals(truth.get(0)) ? 1 : 0;
      recall += truth.stream().filter(result::contains).count() / (double) truth.size();
    }
    return new Score(lookups, exact, closestFound, recall / lookups);
  }

  /** Starts peers with random ids in turn, each through a random earlier one. */
  static List<VirtualNetwork.Peer> joined(
      VirtualNetwork network, int peers, EngineConfig config, SplittableRandom random) {
    List<VirtualNetwork.Peer> joined = new ArrayList<>();
    for (int n = 0; n < peers; n++) {
      int via = n == 0 ? 0 : random.nextInt(n);
      VirtualNetwork.Peer peer =
          network.start(NodeId.random(random), config, VirtualNetwork.endpointOf(via));
      network.runUntil("join", Duration.ofMinutes(1), () -> peer.saw(Event.JoinEnded.class));
      joined.add(peer);
    }
    return joined;
  }
}
