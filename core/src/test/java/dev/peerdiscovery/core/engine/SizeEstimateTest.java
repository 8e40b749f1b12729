package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SizeEstimateTest {
  private static final int K = 20;
  private static final int SEEDS = 20;

  @Tag("slow")
  @ParameterizedTest(name = "{0} peers")
  @ValueSource(ints = {60, 300, 3_000, 6_000})
  void of_randomIds_liesNearTheTruth(int peers) {
    List<Double> ratios = new ArrayList<>();
    for (long seed = 0; seed < SEEDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      NodeId self = NodeId.random(random);
      RoutingTable table = new RoutingTable(self, K);
      // Buckets take who comes first, as they do in a network.
      for (int i = 1; i < peers; i++) {
        table.insert(Rig.contact(Rig.record(NodeId.random(random))), 0);
      }
      double ratio = SizeEstimate.of(self, table, K) / peers;
      assertThat(ratio).as("seed " + seed).isBetween(0.4, 2.5);
      ratios.add(ratio);
    }
    double mean = ratios.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    assertThat(mean).isBetween(0.85, 1.2);
  }

  @ParameterizedTest(name = "{0} peers")
  @ValueSource(ints = {1, 2, 19, 20, 21, 30})
  void of_aNetworkThatFitsTheTable_isExact(int peers) {
    for (long seed = 0; seed < SEEDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      NodeId self = NodeId.random(random);
      RoutingTable table = new RoutingTable(self, K);
      for (int i = 1; i < peers; i++) {
        table.insert(Rig.contact(Rig.record(NodeId.random(random))), 0);
      }
      if (hasRoom(table)) {
        assertThat(SizeEstimate.of(self, table, K)).as("seed " + seed).isEqualTo(peers);
      }
    }
  }

  private static boolean hasRoom(RoutingTable table) {
    return LongStream.range(0, NodeId.BITS).allMatch(bucket -> table.room((int) bucket) > 0);
  }

  @Test
  void of_theSeedsThirtyThreePeers_isExact_whereTheyFit() {
    for (int self = 0; self < 32; self++) {
      assertThat(estimate(self, 33)).as("peer " + self).isEqualTo(33);
    }
    // All others are in one bucket of 32's, which holds 20.
    assertThat(estimate(32, 33)).isBetween(21.0, 50.0);
  }

  @Tag("slow")
  @ParameterizedTest(name = "peers 0 to {0}")
  @ValueSource(ints = {63, 99, 300, 1_000})
  void of_denseSmallIds_liesWithinAFactor(int highest) {
    for (int self = 0; self <= highest; self += 7) {
      assertThat(estimate(self, highest + 1) / (highest + 1))
          .as("peer " + self)
          .isBetween(0.4, 2.1);
    }
  }

  private static double estimate(int self, int peers) {
    RoutingTable table = new RoutingTable(NodeId.of(self), K);
    LongStream.range(0, peers)
        .filter(id -> id != self)
        .forEach(id -> table.insert(Rig.contact(id), 0));
    return SizeEstimate.of(NodeId.of(self), table, K);
  }

  /** The two nearest lie at 1/8 and 4/8 of the space below 8: (1 + 4) / (1·1/8 + 2·4/8). */
  @Test
  void of_aFullBucket_isTheFitThroughTheNearest() {
    RoutingTable table = new RoutingTable(NodeId.ZERO, 2);
    for (int id : new int[] {1, 4, 5}) {
      table.insert(Rig.contact(id), 0);
    }
    assertThat(SizeEstimate.of(NodeId.ZERO, table, 2)).isEqualTo(40.0 / 9);
  }

  @Test
  void of_tablesFromWhichNobodyWasTurnedAway_isExact_elseItIsAnEstimate() {
    RoutingTable table = new RoutingTable(NodeId.ZERO, 2);
    table.insert(Rig.contact(1), 0);
    table.insert(Rig.contact(4), 0);
    assertThat(SizeEstimate.of(NodeId.ZERO, table, 2)).isEqualTo(3);

    table.park(Rig.record(NodeId.of(5)));
    assertThat(SizeEstimate.of(NodeId.ZERO, table, 2)).isEqualTo(40.0 / 9);
    assertThat(SizeEstimate.of(NodeId.ZERO, table, 3)).as("fewer than k").isEqualTo(3);
  }

  @Test
  void of_aFullLowestBucket_isAnEstimate_andNeverLessThanIsKnown() {
    RoutingTable table = new RoutingTable(NodeId.ZERO, 1);
    table.insert(Rig.contact(1), 0);
    table.insert(Rig.contact(1_000), 0);
    assertThat(SizeEstimate.of(NodeId.ZERO, table, 1)).isEqualTo(1_024);
    RoutingTable near = new RoutingTable(NodeId.ZERO, 2);
    near.insert(Rig.contact(6), 0);
    near.insert(Rig.contact(7), 0);
    assertThat(SizeEstimate.of(NodeId.ZERO, near, 2)).isEqualTo(3);
  }
}
