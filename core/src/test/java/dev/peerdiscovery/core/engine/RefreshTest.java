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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefreshTest {
  private static final double LONGEST = 12 * 60 + 10;
  private static final double SHORTEST = 8 * 60 - 1;

  @Tag("slow")
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

  @Tag("slow")
  @Test
  void smallIds_causeNoRefreshOfTheEmptyBucketsAbove() {
    List<NodeId> ids = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      ids.add(NodeId.of(i));
    }
    checkAnHour(1, ids);
  }

  @Tag("slow")
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

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Rig rig = new Rig();

  /** Lets it look, at one moment, as long as it wants to; what it looked up. */
  private List<NodeId> refreshed(long nowNanos) {
    rig.events.drain();
    for (int i = 0; i < 1_000; i++) {
      rig.refresh.advance(nowNanos);
      rig.lookups.advance(nowNanos);
      rig.calls.drain().forEach(c -> rig.calls.completed(c.id(), Rig.answerOf(c), nowNanos));
      rig.lookups.advance(nowNanos);
    }
    return rig.events.drain().stream()
        .filter(Event.LookupStarted.class::isInstance)
        .map(event -> ((Event.LookupStarted) event).target())
        .toList();
  }

  @Test
  void beforeItHasJoined_orWithoutAnybody_nothingIsRefreshed() {
    assertThat(rig.refresh.nextWake()).isEqualTo(Part.NEVER);
    rig.refresh.joined(0);
    assertThat(rig.refresh.nextWake()).as("nobody to ask").isEqualTo(Part.NEVER);
    assertThat(refreshed(3_600 * SECOND)).isEmpty();
    Rig other = new Rig();
    other.earn(0, NodeId.of(1));
    assertThat(other.refresh.nextWake()).isEqualTo(Part.NEVER);
  }

  @Test
  void withFewContacts_itLooksAroundOnceMoreAfterThreeSeconds() {
    rig.earn(0, NodeId.of(1));
    rig.refresh.joined(0);

    assertThat(refreshed(0)).isEmpty();
    assertThat(rig.refresh.nextWake()).isEqualTo(3 * SECOND);
    assertThat(refreshed(3 * SECOND - 1)).isEmpty();
    assertThat(refreshed(3 * SECOND)).containsExactly(Rig.ID);
    assertThat(refreshed(400 * SECOND)).isEmpty();
    assertThat(refreshed(724 * SECOND)).containsExactly(Rig.ID);
  }

  @Test
  void withKContacts_itLooksAroundAtThePlainInterval() {
    for (int i = 1; i <= rig.config.k(); i++) {
      rig.earn(0, NodeId.of(i));
    }
    rig.refresh.joined(0);
    assertThat(refreshed(479 * SECOND)).doesNotContain(Rig.ID);
    assertThat(refreshed(721 * SECOND)).contains(Rig.ID);
  }

  @Test
  void oneLookupAtATime() {
    rig.earn(0, NodeId.of(1));
    rig.refresh.joined(0);
    rig.refresh.advance(3 * SECOND);
    assertThat(rig.lookups.underWay()).isEqualTo(1);
    assertThat(rig.refresh.nextWake()).isEqualTo(Part.NEVER);
    rig.refresh.advance(3_600 * SECOND);
    assertThat(rig.lookups.underWay()).isEqualTo(1);
    rig.lookups.endAll(3_600 * SECOND);
    assertThat(rig.refresh.nextWake()).isNotEqualTo(Part.NEVER);
  }

  @Test
  void eachBucketBetweenNearestAndFarthest_isRefreshed_whereNobodyLookedUpMeanwhile() {
    rig.earn(0, NodeId.of(5), NodeId.powerOfTwo(6));
    rig.refresh.joined(0);
    refreshed(4 * SECOND);

    List<Integer> buckets = refreshed(730 * SECOND).stream().map(Rig.ID::bucketOf).toList();
    assertThat(buckets).containsExactlyInAnyOrder(-1, 6, 5, 4, 3);
    rig.refresh.lookedUp(NodeId.powerOfTwo(5), 1_200 * SECOND);
    rig.refresh.lookedUp(NodeId.powerOfTwo(2), 1_200 * SECOND);
    rig.refresh.lookedUp(NodeId.powerOfTwo(200), 1_200 * SECOND);
    buckets = refreshed(1_455 * SECOND).stream().map(Rig.ID::bucketOf).toList();
    assertThat(buckets).containsExactlyInAnyOrder(-1, 6, 4, 3);
    buckets = refreshed(1_925 * SECOND).stream().map(Rig.ID::bucketOf).toList();
    assertThat(buckets).contains(5);
  }

  @Test
  void targets_areDrawnFromTheWholeBucket() {
    rig.earn(0, NodeId.of(1), NodeId.powerOfTwo(100));
    rig.refresh.joined(0);
    refreshed(4 * SECOND);
    List<NodeId> targets = new ArrayList<>(refreshed(730 * SECOND));
    targets.remove(Rig.ID);

    assertThat(targets).hasSize(100);
    NodeId highest =
        targets.stream().filter(id -> Rig.ID.bucketOf(id) == 100).findFirst().orElseThrow();
    int bits = 0;
    for (int bit = 0; bit < 100; bit++) {
      bits += highest.bit(bit) ? 1 : 0;
    }
    assertThat(bits).isBetween(20, 80);
  }

  @Test
  void aBucketThatIsNew_isNoticedWithinATenthOfTheInterval_andNotDueAtOnce() {
    rig.earn(0, NodeId.of(5));
    rig.refresh.joined(0);
    refreshed(0);
    refreshed(4 * SECOND);
    assertThat(rig.refresh.nextWake()).isEqualTo(60 * SECOND);
    rig.earn(0, NodeId.powerOfTwo(6));
    assertThat(refreshed(60 * SECOND)).isEmpty();
    assertThat(rig.refresh.nextWake()).isEqualTo(120 * SECOND);
    assertThat(refreshed(539 * SECOND).stream().map(Rig.ID::bucketOf)).doesNotContain(6);
    assertThat(refreshed(1_300 * SECOND).stream().map(Rig.ID::bucketOf)).contains(6);
  }

  @Test
  void fromAPeerOfAnotherIsland_itLooksAroundAtOnce_onceForEach_aBoundedNumber() {
    rig.earn(0, NodeId.of(1));
    rig.refresh.lookAroundFrom(Rig.record(NodeId.of(50)));
    rig.refresh.joined(0);
    assertThat(refreshed(0)).as("before it had joined").isEmpty();
    for (int i = 0; i < 100; i++) {
      rig.refresh.lookAroundFrom(Rig.record(NodeId.of(50 + i)));
    }
    rig.refresh.advance(1);
    rig.lookups.advance(1);
    assertThat(rig.called()).containsExactly(NodeId.of(50));
    rig.lookups.endAll(1);
    assertThat(refreshed(1)).hasSize(15).containsOnly(Rig.ID);
  }
}
