package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.simulation.Addresses;
import dev.peerdiscovery.core.simulation.Observer;
import dev.peerdiscovery.core.simulation.VirtualNetwork;
import dev.peerdiscovery.core.simulation.VirtualPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefreshTest {
  private static final double LONGEST = 12 * 60 + 10;
  private static final double SHORTEST = 8 * 60 - 1;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void refreshes_eachBucketBetweenNearestAndFarthest_onceItIsStale(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<NodeId> ids = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      ids.add(NodeId.random(random));
    }
    checkAnHour(seed, ids);
  }

  @Test
  void smallIds_causeNoRefreshOfTheEmptyBucketsAbove() {
    List<NodeId> ids = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      ids.add(NodeId.of(i));
    }
    checkAnHour(1, ids);
  }

  @Test
  void bucketInWhichSomebodyLooksUpAnyway_isNotRefreshed() {
    VirtualNetwork network = new VirtualNetwork(1);
    List<VirtualPeer> peers = network.grow(60, EngineConfig.defaults(), new SplittableRandom(1));
    VirtualPeer watched = peers.get(0);
    NodeId target = watched.id().complement();
    List<Integer> refreshed = new ArrayList<>();
    network.observe(
        new Observer() {
          @Override
          public void told(VirtualPeer peer, Event event) {
            if (peer == watched
                && event instanceof Event.LookupStarted started
                && started.purpose() == Event.Purpose.REFRESH) {
              refreshed.add(watched.id().bucketOf(started.target()));
            }
          }
        });

    for (int i = 0; i < 12; i++) {
      network.lookup(watched, target);
      network.run(Duration.ofMinutes(5));
    }

    assertThat(refreshed).contains(NodeId.BITS - 2).doesNotContain(NodeId.BITS - 1);
  }

  private static void checkAnHour(long seed, List<NodeId> ids) {
    VirtualNetwork network = new VirtualNetwork(seed);
    // Bucket by bucket, and −1 for the node itself: when the last one to be watched looked it up.
    TreeMap<Integer, List<Double>> refreshed = new TreeMap<>();
    NodeId watched = ids.get(ids.size() - 1);
    network.observe(
        new Observer() {
          @Override
          public void told(VirtualPeer peer, Event event) {
            if (peer.id().equals(watched)
                && event instanceof Event.LookupStarted started
                && started.purpose() == Event.Purpose.REFRESH) {
              refreshed
                  .computeIfAbsent(watched.bucketOf(started.target()), b -> new ArrayList<>())
                  .add(network.nowNanos() / 1e9);
            }
          }
        });
    for (NodeId id : ids) {
      network.join(id, EngineConfig.defaults(), Addresses.DENSE.of(0));
    }
    double start = network.nowNanos() / 1e9;
    network.run(Duration.ofHours(1));
    double end = network.nowNanos() / 1e9;

    TreeSet<Integer> held = new TreeSet<>();
    ids.stream().filter(id -> !id.equals(watched)).forEach(id -> held.add(watched.bucketOf(id)));
    TreeSet<Integer> expected = new TreeSet<>();
    expected.add(-1);
    for (int bucket = held.first() + 1; bucket <= held.last(); bucket++) {
      expected.add(bucket);
    }
    assertThat(refreshed.keySet()).as("seed " + seed).isEqualTo(expected);
    refreshed.forEach(
        (bucket, times) -> {
          double before = start;
          for (double time : times) {
            assertThat(time - before)
                .as("seed " + seed + ", bucket " + bucket)
                .isBetween(bucket < 0 ? 0 : SHORTEST, LONGEST);
            before = time;
          }
          assertThat(end - before).isLessThan(LONGEST);
        });
  }
}
