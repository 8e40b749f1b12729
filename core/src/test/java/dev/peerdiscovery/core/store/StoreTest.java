package dev.peerdiscovery.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreTest {
  private static final NodeId KEY = NodeId.of(1);
  private static final NodeId PUBLISHER = NodeId.of(2);
  private static final Duration TTL = Duration.ofSeconds(90);
  private static final long SECOND = 1_000_000_000L;

  private static final Limits SMALL = new Limits(4, 2, 3, 5, 1_000, 8, Duration.ofMinutes(16));

  private final Store<String> store = new Store<>(SMALL);
  private final SplittableRandom random = new SplittableRandom(1);

  private static Item<String> item(NodeId key, NodeId publisher, String name, long sequence) {
    return new Item<>(key, publisher, name, 1, sequence, TTL, false, 10, name + sequence);
  }

  private static Item<String> item(long sequence) {
    return item(KEY, PUBLISHER, "a", sequence);
  }

  private static Item<String> tombstone(long sequence) {
    return new Item<>(KEY, PUBLISHER, "a", 1, sequence, TTL, true, 10, "gone");
  }

  private boolean isServed(long nowNanos) {
    return !store.sample(KEY, 10, random, nowNanos).isEmpty();
  }

  @Test
  void servesUntilTheTtlIsOver_andSaysWhatIsLeft() {
    store.put(item(1), 0);

    assertThat(store.sample(KEY, 10, random, 60 * SECOND))
        .containsExactly(new Held<>(item(1), Duration.ofSeconds(30)));
    assertThat(isServed(90 * SECOND - 1)).isTrue();
    assertThat(isServed(90 * SECOND)).isFalse();
    assertThat(store.items()).isZero();
    assertThat(store.bytes()).isZero();
  }

  @Test
  void theSameAgain_doesNotBeginTheTtlAnew_anOlderOneIsNothing() {
    store.put(item(5), 0);

    assertThat(store.put(item(5), 60 * SECOND)).isEqualTo(Store.Put.KNOWN);
    assertThat(store.put(item(4), 60 * SECOND)).isEqualTo(Store.Put.OLD);
    assertThat(isServed(90 * SECOND)).isFalse();
  }

  @Test
  void aHigherSequence_orIncarnation_replaces() {
    store.put(item(5), 0);

    assertThat(store.put(item(6), 60 * SECOND)).isEqualTo(Store.Put.STORED);
    assertThat(store.items()).isEqualTo(1);
    assertThat(isServed(140 * SECOND)).isTrue();
    Item<String> nextRun = new Item<>(KEY, PUBLISHER, "a", 2, 1, TTL, false, 10, "next");
    assertThat(store.put(nextRun, 60 * SECOND)).isEqualTo(Store.Put.STORED);
    assertThat(store.put(item(7), 61 * SECOND)).isEqualTo(Store.Put.OLD);
  }

  @Test
  void aTombstone_isNotServed_andKeepsOlderOnesAway() {
    store.put(item(5), 0);

    assertThat(store.put(tombstone(6), SECOND)).isEqualTo(Store.Put.STORED);
    assertThat(isServed(SECOND)).isFalse();
    assertThat(store.put(item(5), 60 * SECOND)).isEqualTo(Store.Put.OLD);
    assertThat(store.put(item(7), 60 * SECOND)).isEqualTo(Store.Put.STORED);
  }

  @Test
  void whatExpired_cannotBeBroughtAgain_whileItsTokenMayBeGood() {
    store.put(item(5), 0);

    assertThat(store.put(item(5), 100 * SECOND)).isEqualTo(Store.Put.OLD);
    assertThat(store.put(item(5), 20 * 60 * SECOND)).isEqualTo(Store.Put.STORED);
  }

  @Test
  void full_refuses_andEvictsNobody() {
    for (int i = 0; i < 4; i++) {
      assertThat(store.put(item(KEY, NodeId.of(i), "a", 1), 0)).isEqualTo(Store.Put.STORED);
    }
    assertThat(store.put(item(KEY, NodeId.of(9), "a", 1), 0)).isEqualTo(Store.Put.KEY_FULL);
    assertThat(store.put(item(KEY, NodeId.of(1), "a", 2), 0)).isEqualTo(Store.Put.STORED);
    assertThat(store.count(KEY, 0)).isEqualTo(4);
    assertThat(store.put(item(KEY, NodeId.of(9), "a", 1), 91 * SECOND))
        .as("room again once others expired")
        .isEqualTo(Store.Put.STORED);
  }

  @Test
  void aPublisher_hasBoundsOfItsOwn() {
    store.put(item(KEY, PUBLISHER, "a", 1), 0);
    store.put(item(KEY, PUBLISHER, "b", 1), 0);
    assertThat(store.put(item(KEY, PUBLISHER, "c", 1), 0))
        .isEqualTo(Store.Put.PUBLISHER_AND_KEY_FULL);

    store.put(item(NodeId.of(2), PUBLISHER, "a", 1), 0);
    store.put(item(NodeId.of(3), PUBLISHER, "a", 1), 0);
    assertThat(store.put(item(NodeId.of(4), PUBLISHER, "a", 1), 0))
        .isEqualTo(Store.Put.PUBLISHER_FULL);
  }

  @Tag("slow")
  @Test
  void aFloodOfKeys_isRefused() {
    int stored = 0;
    for (int i = 0; i < 1_000_000; i++) {
      Item<String> item = item(NodeId.of(i), NodeId.of(i), "a", 1);
      stored += store.put(item, 0) == Store.Put.STORED ? 1 : 0;
    }
    assertThat(stored).isEqualTo(5);
    assertThat(store.keys()).isEqualTo(5);
    assertThat(store.put(item(NodeId.of(7), NodeId.of(7), "a", 1), 0))
        .isEqualTo(Store.Put.KEYS_FULL);
    Item<String> large = new Item<>(KEY, PUBLISHER, "l", 1, 1, TTL, false, 960, "large");
    assertThat(store.put(large, 0)).isEqualTo(Store.Put.BYTES_FULL);
  }

  @Test
  void aFloodOfTombstones_isForgotten_oldestFirst() {
    for (int i = 0; i < 1_000; i++) {
      store.put(new Item<>(KEY, NodeId.of(i), "a", 1, 1, TTL, true, 10, "gone"), 0);
    }
    assertThat(store.bygones()).isEqualTo(8);
  }

  @Test
  void aFloodOfTombstones_pushesOutNobodyElses() {
    store.put(item(KEY, PUBLISHER, "a", 5), 0);
    store.put(tombstone(6), 0);

    for (int i = 0; i < 1_000; i++) {
      NodeId flooder = NodeId.of(3 + i % 3);
      store.put(new Item<>(NodeId.of(i), flooder, "n" + i, 1, 1, TTL, true, 10, "gone"), 0);
    }
    assertThat(store.bygones()).isEqualTo(8);
    assertThat(store.put(item(5), SECOND)).as("the withdrawn one again").isEqualTo(Store.Put.OLD);
  }

  @Test
  void ofOnePublisher_asManyTombstonesAreRemembered_asItCanHaveItems() {
    for (int i = 0; i < 100; i++) {
      store.put(new Item<>(NodeId.of(i), PUBLISHER, "a", 1, 1, TTL, true, 10, "gone"), i);
    }
    assertThat(store.bygones()).isEqualTo(6);
    assertThat(store.put(item(NodeId.of(94), PUBLISHER, "a", 1), 200)).isEqualTo(Store.Put.OLD);
    assertThat(store.put(item(NodeId.of(93), PUBLISHER, "a", 1), 200))
        .as("its own oldest is forgotten")
        .isEqualTo(Store.Put.STORED);
  }

  @Test
  void aLongTombstone_keepsNoOtherFromBeingForgotten() {
    Duration day = Duration.ofDays(1);
    store.put(new Item<>(KEY, PUBLISHER, "long", 1, 1, day, true, 10, "gone"), 0);
    store.put(tombstone(1), 1);
    store.expire(Duration.ofHours(1).toNanos());
    assertThat(store.bygones()).isEqualTo(1);
  }

  @Test
  void aSample_isDrawnEvenly() {
    Store<String> large = new Store<>(Limits.defaults());
    for (int i = 0; i < 100; i++) {
      large.put(item(KEY, NodeId.of(i), "a", 1), 0);
    }
    Map<NodeId, Integer> counts = new HashMap<>();
    for (int i = 0; i < 1_000; i++) {
      Set<NodeId> drawn = new HashSet<>();
      for (Held<String> held : large.sample(KEY, 20, random, 0)) {
        drawn.add(held.item().publisher());
        counts.merge(held.item().publisher(), 1, Integer::sum);
      }
      assertThat(drawn).hasSize(20);
    }
    // 200 are expected of each; the standard deviation is 13.
    assertThat(counts).hasSize(100);
    assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(135, 265));
  }

  /** The same as a map that is searched from end to end. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void agreesWithAnOracle(long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    Store<String> tested = new Store<>(Limits.defaults());
    Map<String, Long> sequences = new HashMap<>();
    Map<String, Long> servedUntil = new HashMap<>();
    long now = 0;
    for (int i = 0; i < 5_000; i++) {
      now += draw.nextLong(4 * SECOND);
      String name = "n" + draw.nextInt(6);
      long sequence = sequences.getOrDefault(name, 10L) + draw.nextInt(4) - 1;
      boolean withdrawn = draw.nextInt(4) == 0;
      Item<String> item = new Item<>(KEY, PUBLISHER, name, 1, sequence, TTL, withdrawn, 1, name);
      boolean isNew = sequence > sequences.getOrDefault(name, 0L);
      if (tested.put(item, now) == Store.Put.STORED) {
        sequences.put(name, sequence);
        servedUntil.put(name, withdrawn ? 0 : now + TTL.toNanos());
        assertThat(isNew).as("seed " + seed).isTrue();
      } else {
        assertThat(isNew).as("seed " + seed).isFalse();
      }
      Set<String> served = new HashSet<>();
      tested.all(KEY, now).forEach(held -> served.add(held.item().name()));
      Set<String> expected = new HashSet<>();
      long at = now;
      servedUntil.forEach(
          (of, until) -> {
            if (until > at) {
              expected.add(of);
            }
          });
      assertThat(served).as("seed " + seed).isEqualTo(expected);
    }
  }

  private static Item<String> ofBytes(NodeId publisher, long sequence, int bytes) {
    return new Item<>(KEY, publisher, "a", 1, sequence, TTL, false, bytes, "large");
  }

  @Test
  void bytes_mayBeAsManyAsTheBound_andNoMore_whatIsReplacedOrWithdrawnNotCounted() {
    assertThat(store.put(ofBytes(PUBLISHER, 1, 600), 0)).isEqualTo(Store.Put.STORED);
    assertThat(store.put(ofBytes(NodeId.of(3), 1, 401), 0)).isEqualTo(Store.Put.BYTES_FULL);
    assertThat(store.put(ofBytes(NodeId.of(3), 1, 400), 0)).isEqualTo(Store.Put.STORED);
    assertThat(store.bytes()).isEqualTo(1_000);

    assertThat(store.put(ofBytes(PUBLISHER, 2, 601), 0)).isEqualTo(Store.Put.BYTES_FULL);
    assertThat(store.all(KEY, 0)).as("what was there").hasSize(2);
    assertThat(store.put(ofBytes(PUBLISHER, 2, 600), 0)).isEqualTo(Store.Put.STORED);
    assertThat(store.put(ofBytes(PUBLISHER, 3, 100), 0)).isEqualTo(Store.Put.STORED);
    assertThat(store.bytes()).isEqualTo(500);
    store.put(tombstone(4), 0);
    assertThat(store.bytes()).isEqualTo(400);
    store.expire(TTL.toNanos());
    assertThat(store.bytes()).isZero();
  }

  @Test
  void nextExpiry_isOfWhatEndsFirst_andNeverWhereNothingIsKept() {
    assertThat(store.nextExpiry()).isEqualTo(Long.MAX_VALUE);
    store.put(item(KEY, PUBLISHER, "a", 1), 5 * SECOND);
    store.put(item(KEY, PUBLISHER, "b", 1), 7 * SECOND);
    assertThat(store.nextExpiry()).isEqualTo(95 * SECOND);

    store.expire(95 * SECOND - 1);
    assertThat(store.items()).isEqualTo(2);
    store.expire(95 * SECOND);
    assertThat(store.nextExpiry()).isEqualTo(97 * SECOND);
    store.expire(97 * SECOND);
    assertThat(store.nextExpiry()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void whatEndsAtTheSameMoment_endsTogether_andIsNotCountedOrServed() {
    store.put(item(KEY, PUBLISHER, "a", 1), 0);
    store.put(item(KEY, PUBLISHER, "b", 1), 0);

    assertThat(store.all(KEY, 60 * SECOND))
        .extracting(Held::remaining)
        .containsOnly(Duration.ofSeconds(30));
    assertThat(store.count(KEY, 90 * SECOND)).isZero();
    assertThat(store.keys()).isZero();
    assertThat(store.all(KEY, 90 * SECOND)).isEmpty();
    assertThat(store.bygones()).isEqualTo(2);
  }

  @Test
  void all_servesNothingThatIsOver() {
    store.put(item(1), 0);

    assertThat(store.all(KEY, 90 * SECOND)).isEmpty();
    assertThat(store.items()).isZero();
  }

  @Test
  void aTombstoneAgain_isOld_andOneOfTheVerySameSequence() {
    assertThat(store.put(tombstone(6), 0)).isEqualTo(Store.Put.STORED);
    assertThat(store.put(tombstone(6), 1)).isEqualTo(Store.Put.OLD);
    assertThat(store.put(item(6), 2)).isEqualTo(Store.Put.OLD);
    assertThat(store.bygones()).isEqualTo(1);
  }

  @Test
  void whatIsKeptAgain_isNoLongerRememberedToBeGone() {
    store.put(tombstone(6), 0);
    store.put(item(7), 1);

    assertThat(store.bygones()).isZero();
  }

  /** Sequences and incarnations have 64 bits without a sign. */
  @Test
  void numbersWithTheTopBit_areTheHighest() {
    store.put(item(Long.MAX_VALUE), 0);
    assertThat(store.put(item(Long.MIN_VALUE), 0)).isEqualTo(Store.Put.STORED);
    assertThat(store.put(item(Long.MAX_VALUE), 0)).isEqualTo(Store.Put.OLD);
    Item<String> run = new Item<>(KEY, PUBLISHER, "a", -1, 1, TTL, false, 10, "run");
    assertThat(store.put(run, 0)).isEqualTo(Store.Put.STORED);
  }

  @Test
  void aWithdrawnOne_makesRoom_forItsPublisherAndItsKey() {
    store.put(item(KEY, PUBLISHER, "a", 1), 0);
    store.put(item(KEY, PUBLISHER, "b", 1), 0);
    store.put(item(NodeId.of(2), PUBLISHER, "a", 1), 0);
    store.put(item(NodeId.of(3), PUBLISHER, "a", 1), 0);
    store.put(tombstone(2), 0);
    assertThat(store.put(item(NodeId.of(4), PUBLISHER, "a", 1), 0))
        .as("one is left under the key")
        .isEqualTo(Store.Put.PUBLISHER_FULL);
    assertThat(store.put(item(KEY, PUBLISHER, "c", 1), 0)).isEqualTo(Store.Put.STORED);
    assertThat(store.put(item(KEY, PUBLISHER, "d", 1), 0))
        .isEqualTo(Store.Put.PUBLISHER_AND_KEY_FULL);

    store.put(new Item<>(NodeId.of(3), PUBLISHER, "a", 1, 2, TTL, true, 10, "gone"), 0);
    assertThat(store.keys()).isEqualTo(2);
    assertThat(store.put(item(NodeId.of(4), PUBLISHER, "a", 1), 0)).isEqualTo(Store.Put.STORED);
  }

  @Test
  void keysThatAreThere_takeMore_whereThereIsNoRoomForAnotherKey() {
    for (int i = 1; i <= 5; i++) {
      assertThat(store.put(item(NodeId.of(i), NodeId.of(i), "a", 1), 0))
          .isEqualTo(Store.Put.STORED);
    }
    assertThat(store.put(item(NodeId.of(6), NodeId.of(6), "a", 1), 0))
        .isEqualTo(Store.Put.KEYS_FULL);
    assertThat(store.put(item(NodeId.of(1), NodeId.of(6), "a", 1), 0)).isEqualTo(Store.Put.STORED);
  }

  @Test
  void whatIsGone_isRememberedUntilItsTimeIsOver_notBefore() {
    store.put(tombstone(1), 0);
    long end = SMALL.remember().toNanos();

    store.expire(end - 1);
    assertThat(store.bygones()).isEqualTo(1);
    store.expire(end);
    assertThat(store.bygones()).isZero();
  }

  @Test
  void ofThoseGone_theLongestGoneOfThePublisherWithTheMost_isForgotten() {
    for (int publisher = 3; publisher >= 0; publisher--) {
      int many = publisher == 0 ? 3 : 2;
      for (int i = 0; i < many; i++) {
        NodeId key = NodeId.of(10L * publisher + i);
        store.put(new Item<>(key, NodeId.of(publisher), "a", 1, 1, TTL, true, 1, "gone"), i);
      }
    }
    assertThat(store.bygones()).isEqualTo(8);
    assertThat(store.put(item(NodeId.of(0), NodeId.of(0), "a", 1), 5)).isEqualTo(Store.Put.STORED);
    for (int publisher = 1; publisher < 4; publisher++) {
      NodeId key = NodeId.of(10L * publisher);
      assertThat(store.put(item(key, NodeId.of(publisher), "a", 1), 5)).isEqualTo(Store.Put.OLD);
    }
  }

  @Test
  void whatIsKeptForLonger_isOverLater_whicheverCameFirst() {
    Item<String> longer =
        new Item<>(KEY, PUBLISHER, "b", 1, 1, TTL.multipliedBy(2), false, 10, "longer");
    store.put(longer, 0);
    store.put(item(1), 1);

    assertThat(store.nextExpiry()).isEqualTo(TTL.toNanos() + 1);
    assertThat(store.all(KEY, 90 * SECOND + 1)).extracting(Held::item).containsExactly(longer);
  }

  @Test
  void aSampleOfOne_isNowThisNowThat() {
    store.put(item(KEY, PUBLISHER, "a", 1), 0);
    store.put(item(KEY, PUBLISHER, "b", 1), 0);
    Set<String> drawn = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      drawn.add(store.sample(KEY, 1, random, 0).get(0).item().name());
    }
    assertThat(drawn).containsExactlyInAnyOrder("a", "b");
  }
}
