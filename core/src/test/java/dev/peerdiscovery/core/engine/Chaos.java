package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.simulation.Addresses;
import dev.peerdiscovery.core.simulation.Latency;
import dev.peerdiscovery.core.simulation.Newcomer;
import dev.peerdiscovery.core.simulation.VirtualNetwork;
import dev.peerdiscovery.core.simulation.VirtualPeer;
import dev.peerdiscovery.core.simulation.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A network to which everything happens that may: peers start, stop, leave, come back under the
 * same id or another, move, are cut off, slow and busy; messages are lost; strangers lie.
 */
final class Chaos {
  private static final int SEEDS = 3;

  final VirtualNetwork network;
  private final SplittableRandom random;
  private final EngineConfig config;

  /** The peers by place; a place is an endpoint. */
  private final List<VirtualPeer> places = new ArrayList<>();

  private final Set<NodeId> cut = new HashSet<>();
  private boolean healed;

  Chaos(long seed, EngineConfig config) {
    this.random = new SplittableRandom(seed);
    this.network = new VirtualNetwork(seed);
    this.config = config;
    network
        .weather()
        .latency(
            Latency.uniform(Duration.ofMillis(20), Duration.ofMillis(220), Latency.Draw.MESSAGE));
    network
        .weather()
        .reach(
            (from, to) ->
                healed
                    || (cut.contains(from.id()) == cut.contains(to.id())
                        && random.nextInt(50) != 0));
  }

  List<VirtualPeer> live() {
    return places.stream().filter(peer -> peer.isRunning()).toList();
  }

  /** Starts peers in turn, half with small ids and half with random ones. */
  void grow(int peers) {
    for (int place = places.size(); place < peers; place++) {
      places.add(start(place, newId()));
      network.run(Duration.ofMillis(500));
    }
  }

  private NodeId newId() {
    Set<NodeId> taken = new HashSet<>();
    live().forEach(peer -> taken.add(peer.id()));
    NodeId id = null;
    while (id == null || taken.contains(id)) {
      id = random.nextBoolean() ? NodeId.of(random.nextInt(200)) : NodeId.random(random);
    }
    return id;
  }

  private VirtualPeer start(int place, NodeId id) {
    Endpoint[] seeds =
        IntStream.range(0, SEEDS).mapToObj(Addresses.DENSE::of).toArray(Endpoint[]::new);
    long sequence = random.nextInt(1_000);
    return network.start(Newcomer.of(id, Addresses.DENSE.of(place), config, seeds).after(sequence));
  }

  /** Something happens, and a little time passes. */
  void step() {
    int place = random.nextInt(places.size());
    VirtualPeer peer = places.get(place);
    if (!peer.isRunning()) {
      // It comes back as it was, or somebody else takes its place.
      places.set(place, start(place, random.nextInt(3) > 0 ? peer.id() : newId()));
    } else {
      happen(peer);
    }
    network.run(Duration.ofMillis(random.nextLong(1_500)));
  }

  private void happen(VirtualPeer peer) {
    switch (random.nextInt(12)) {
      case 0 -> network.stop(peer);
      case 1 -> {
        network.leave(peer);
        network.run(Duration.ofSeconds(1));
        network.stop(peer);
      }
      case 2 -> cut.add(peer.id());
      case 3 -> cut.remove(peer.id());
      case 4 -> cut.clear();
      case 5 -> peer.slowness(Duration.ofMillis(random.nextLong(1_500)));
      case 6 -> peer.slowness(Duration.ZERO);
      case 7 -> peer.busy(random.nextInt(4) == 0);
      case 8 -> lie(peer);
      default -> network.lookup(peer, NodeId.random(random));
    }
  }

  /** Tells a peer something false about another: that it has left, or that it is elsewhere. */
  private void lie(VirtualPeer to) {
    VirtualPeer victim = places.get(random.nextInt(places.size()));
    List<Endpoint> elsewhere =
        random.nextBoolean()
            ? List.of()
            : List.of(Addresses.DENSE.of(random.nextInt(places.size() + 5)));
    long sequence = random.nextInt(20) == 0 ? -1L : random.nextInt(2_000);
    PeerRecord lie = new PeerRecord(victim.id(), elsewhere, sequence, Newcomer.NETWORK.name());
    network.receive(
        to,
        new PingRequest(
            Newcomer.NETWORK,
            Optional.of(Wire.sign(lie)),
            Optional.of(to.id()),
            to.endpoint(),
            Bytes.EMPTY),
        Optional.of(Addresses.DENSE.of(999)));
  }

  /** From now on all goes well, and there is a seed to be found. */
  void heal() {
    healed = true;
    // Where round trips scatter beyond the soft timeout, lookups go without some that are late.
    network.weather().latency(Latency.constant(Duration.ofMillis(20)));
    cut.clear();
    for (int place = 0; place < places.size(); place++) {
      VirtualPeer peer = places.get(place);
      peer.slowness(Duration.ZERO);
      peer.busy(false);
      if (place < SEEDS && !peer.isRunning()) {
        places.set(place, start(place, newId()));
      }
    }
  }
}
