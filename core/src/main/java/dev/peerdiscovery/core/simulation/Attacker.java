package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** One who has many ids at the addresses of few subnets, and is after one peer. */
final class Attacker {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int HOSTS = 250;
  private static final int PORT = 7400;

  /** Buckets below the nearest honest peer, where nobody but he is. */
  private static final int BEYOND = 6;

  private final VirtualNetwork network;
  private final int subnets;
  private final Newcomer victim;
  private final SplittableRandom random;
  private final Oracle accomplices = new Oracle();
  private final List<VirtualPeer> peers = new ArrayList<>();

  Attacker(VirtualNetwork network, int subnets, Newcomer victim, SplittableRandom random) {
    this.network = network;
    this.subnets = subnets;
    this.victim = victim;
    this.random = random;
  }

  /** Has all of his join through honest peers. */
  void join(int ids, EngineConfig config, List<VirtualPeer> honest, Progress progress) {
    int depth = 32 - Integer.numberOfLeadingZeros(honest.size()) + BEYOND;
    Behaviour behaviour = Adversaries.colluding(accomplices);
    for (int i = 0; i < ids; i++) {
      NodeId id = randomIn(NodeId.BITS - 1 - i % depth);
      Endpoint seed = honest.get(random.nextInt(honest.size())).endpoint();
      VirtualPeer peer =
          network.start(Newcomer.of(id, address(i), config, seed).in(victim.network()));
      peer.behave(behaviour);
      peers.add(peer);
      accomplices.add(peer);
      network.run(Duration.ofMillis(20));
      progress.at("joining", (double) (i + 1) / ids);
    }
    network.run(Duration.ofMinutes(1));
  }

  /** Has all of his call a peer again and again, for as long as it is there. */
  void besiege(VirtualPeer target) {
    if (!target.isRunning()) {
      return;
    }
    for (VirtualPeer peer : peers) {
      network.receive(
          target,
          new FindNodeRequest(
              victim.network(), peer.engine().self(), Optional.of(target.id()), peer.id()),
          peer.seenAs());
    }
    network.after(PAUSE, () -> besiege(target));
  }

  /** How many contacts of a peer are his. */
  int contactsOf(VirtualPeer peer) {
    return perSubnet(peer).values().stream().mapToInt(Integer::intValue).sum();
  }

  /** The most that are of one of his subnets. */
  int mostOfSubnet(VirtualPeer peer) {
    return perSubnet(peer).values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  private Map<Long, Integer> perSubnet(VirtualPeer peer) {
    Map<Long, Integer> counts = new HashMap<>();
    for (RoutingTable.Entry entry : peer.engine().contacts()) {
      if (accomplices.find(entry.contact().id()).isPresent()) {
        counts.merge(entry.contact().endpoint().subnet().orElseThrow(), 1, Integer::sum);
      }
    }
    return counts;
  }

  /** Addresses that nobody else has, in turn of each subnet. */
  private Endpoint address(int number) {
    int host = number / subnets;
    return new Endpoint(
        "120.66." + number % subnets + "." + (1 + host % HOSTS), PORT + host / HOSTS);
  }

  /** An id in a bucket of the victim. */
  private NodeId randomIn(int bucket) {
    NodeId any = NodeId.random(random);
    NodeId id = victim.id().flip(bucket);
    for (int bit = 0; bit < bucket; bit++) {
      id = any.bit(bit) ? id.flip(bit) : id;
    }
    return id;
  }
}
