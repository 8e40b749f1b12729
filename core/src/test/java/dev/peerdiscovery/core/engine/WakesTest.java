package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.simulation.Addresses;
import dev.peerdiscovery.core.simulation.VirtualNetwork;
import dev.peerdiscovery.core.simulation.VirtualPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An hour of virtual time in which engines must not keep their owners busy. That none spins, the
 * {@link VirtualNetwork} itself sees to.
 */
class WakesTest {
  private static final int PEERS = 16;

  private enum Weather {
    FINE,
    A_THIRD_STOPPED,
    HALVES,
    ALL_BUSY,
    ALL_SILENT
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource
  void wakes_areFewInAnHour(Weather weather) {
    SplittableRandom random = new SplittableRandom(3);
    VirtualNetwork network = new VirtualNetwork(3);
    List<VirtualPeer> peers = new ArrayList<>();
    for (int i = 0; i < PEERS; i++) {
      peers.add(
          network.join(NodeId.random(random), EngineConfig.defaults(), Addresses.DENSE.of(0)));
    }
    int[] wakesBefore = peers.stream().mapToInt(VirtualPeer::wakes).toArray();
    long callsBefore = calls(peers);
    switch (weather) {
      case FINE -> {}
      case A_THIRD_STOPPED -> peers.subList(0, PEERS / 3).forEach(network::stop);
      case HALVES -> network.weather().reach((a, b) -> a.id().bit(255) == b.id().bit(255));
      case ALL_BUSY -> peers.forEach(peer -> peer.busy(true));
      case ALL_SILENT -> network.weather().reach((a, b) -> false);
    }
    network.run(Duration.ofHours(1));

    for (int i = 0; i < PEERS; i++) {
      assertThat(peers.get(i).wakes() - wakesBefore[i]).isLessThan(5_400);
    }
    assertThat((calls(peers) - callsBefore) / (3_600.0 * PEERS)).isLessThan(1.2);
  }

  private static long calls(List<VirtualPeer> peers) {
    return peers.stream().mapToLong(peer -> peer.engine().status().calls()).sum();
  }
}
