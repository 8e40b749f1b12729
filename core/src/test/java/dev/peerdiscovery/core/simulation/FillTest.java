package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/**
 * Whether a network whose tables were filled is one whose peers have joined, one after the other.
 */
class FillTest {
  private static final int PEERS = 10_000;
  private static final int LOOKUPS = 10_000;

  /** The highest buckets of all; below them hardly anybody has any contacts. */
  private static final int BUCKETS = 10;

  private static final Percentage TWO_PERCENT = Percentage.withPercentage(2);

  private record Measured(List<Double> fill, Tally lookups) {}

  private static Measured measure(VirtualNetwork network, List<VirtualPeer> peers) {
    int[] contacts = new int[NodeId.BITS];
    for (VirtualPeer peer : peers) {
      for (RoutingTable.Entry entry : peer.engine().contacts()) {
        contacts[NodeId.BITS - 1 - entry.bucket()]++;
      }
    }
    List<Double> fill =
        Arrays.stream(contacts).mapToObj(count -> (double) count / peers.size()).toList();
    Oracle oracle = new Oracle();
    oracle.addAll(peers);
    Probes probes = Probes.ofAll(network, oracle);
    return new Measured(fill, probes.askAtRandom(peers, LOOKUPS, new SplittableRandom(7)));
  }

  @Test
  void filledTables_areAsGoodAsThoseOfPeersThatJoined() {
    EngineConfig config = StaticRun.quiet(EngineConfig.defaults());
    VirtualNetwork joining = new VirtualNetwork(1);
    Measured joined = measure(joining, joining.grow(PEERS, config, new SplittableRandom(2)));
    VirtualNetwork filling = new VirtualNetwork(3);
    Measured filled =
        measure(
            filling,
            Fill.start(filling, PEERS, config, new SplittableRandom(4), (stage, done) -> {}));

    System.out.printf(
        "%d peers that joined: %.3f hops, %.2f calls; filled: %.3f, %.2f%n",
        PEERS,
        joined.lookups.hops(),
        joined.lookups.calls(),
        filled.lookups.hops(),
        filled.lookups.calls());
    for (int prefix = 0; prefix < BUCKETS; prefix++) {
      assertThat(filled.fill.get(prefix))
          .as("contacts in the bucket of ids that share %d bits", prefix)
          .isCloseTo(joined.fill.get(prefix), TWO_PERCENT);
    }
    assertThat(filled.lookups.found()).isCloseTo(joined.lookups.found(), within(0.001));
    assertThat(filled.lookups.recall()).isCloseTo(joined.lookups.recall(), TWO_PERCENT);
    assertThat(filled.lookups.hops()).isCloseTo(joined.lookups.hops(), TWO_PERCENT);
    assertThat(filled.lookups.calls()).isCloseTo(joined.lookups.calls(), TWO_PERCENT);
  }
}
