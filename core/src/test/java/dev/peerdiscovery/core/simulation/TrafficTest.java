package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrafficTest {
  /** However many look the same id up at once, and whoever is done first. */
  @Test
  void callsOfLookups_areThoseThatLookupsMade() {
    VirtualNetwork network = new VirtualNetwork(1);
    List<VirtualPeer> peers = new ArrayList<>();
    peers.add(network.join(NodeId.of(0), EngineConfig.defaults()));
    for (int i = 1; i < 10; i++) {
      peers.add(network.join(NodeId.of(i), EngineConfig.defaults(), peers.get(0).endpoint()));
    }
    network.run(Duration.ofSeconds(10));
    Traffic traffic = new Traffic();
    network.observe(traffic);
    Oracle oracle = new Oracle();
    oracle.addAll(peers);
    Probes probes = Probes.ofAll(network, oracle);

    for (VirtualPeer peer : peers) {
      peer.slowness(Duration.ofMillis(peer.number() * 40L));
      assertThat(probes.ask(peer, NodeId.of(3))).isTrue();
      assertThat(probes.ask(peer, NodeId.of(3))).isTrue();
    }
    network.runUntil("lookups", Duration.ofMinutes(1), () -> probes.underWay() == 0);

    Tally tally = probes.tally();
    assertThat(traffic.count().lookupCalls()).isEqualTo(Math.round(tally.calls() * 20));
    assertThat(traffic.count().joinCalls()).isZero();
  }
}
