package dev.peerdiscovery.core.routing;

import static dev.peerdiscovery.core.Peers.contact;
import static dev.peerdiscovery.core.Peers.ids;
import static dev.peerdiscovery.core.Peers.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.peerdiscovery.core.Peers;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.routing.RoutingTable.Entry;
import dev.peerdiscovery.core.routing.RoutingTable.Insert;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The node is 0 and k is 3, so bucket 3 is 8 to 15 and three of them have a place. */
class RoutingTableTest {
  private static final NodeId SELF = NodeId.ZERO;
  private static final NodeId EIGHT = NodeId.of(8);
  private static final long MS = 1_000_000;
  private static final long SECOND = 1_000 * MS;

  private final RoutingTable table = new RoutingTable(SELF, 3);

  @Nested
  class OfFill {
    @Test
    void fill_isInsertOfOneAfterTheOther() {
      SplittableRandom random = new SplittableRandom(7);
      RoutingTable one = new RoutingTable(SELF, 20);
      RoutingTable other = new RoutingTable(SELF, 20);
      List<Contact> contacts = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        Contact contact = contact(NodeId.random(random));
        if (one.insert(contact, 5 * SECOND) == Insert.ADDED) {
          contacts.add(contact);
        }
      }
      Collections.shuffle(contacts, new Random(7));

      other.fill(contacts, 5 * SECOND);

      assertThat(other.entries()).isEqualTo(one.entries());
      assertThat(other.size()).isEqualTo(one.size());
      for (int i = 0; i < 100; i++) {
        NodeId target = NodeId.random(random);
        assertThat(other.closest(target, 20)).isEqualTo(one.closest(target, 20));
      }
      assertThat(other.insert(contact(NodeId.of(9)), 0)).isEqualTo(Insert.ADDED);
    }

    @Test
    void fill_throws_whenATableCouldNotHoldThem() {
      Contact eight = contact(EIGHT);
      assertThatIllegalArgumentException().isThrownBy(() -> table.fill(List.of(contact(SELF)), 0));
      assertThatIllegalArgumentException().isThrownBy(() -> table.fill(List.of(eight, eight), 0));
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  table.fill(
                      IntStream.range(8, 12).mapToObj(i -> contact(NodeId.of(i))).toList(), 0));
    }

    @Test
    void fill_throws_whenThereAreContacts() {
      table.insert(contact(EIGHT), 0);

      assertThatIllegalStateException().isThrownBy(() -> table.fill(List.of(), 0));
    }
  }

  @Nested
  class OfInsert {
    @Test
    void insert_adds_whenThereIsRoom() {
      assertThat(table.insert(contact(EIGHT), 5 * SECOND)).isEqualTo(Insert.ADDED);

      assertThat(table.size()).isEqualTo(1);
      assertThat(table.contact(EIGHT)).contains(contact(EIGHT));
      assertThat(table.view().contact(EIGHT)).contains(contact(EIGHT));
      assertThat(table.entry(EIGHT)).contains(new Entry(contact(EIGHT), 3, 5 * SECOND, 0, 0, 0));
      assertThat(table.room(3)).isEqualTo(2);
      assertThat(table.highestBucket()).isEqualTo(3);
    }

    @Test
    void insert_throws_whenItIsTheNodeItself() {
      assertThatIllegalArgumentException().isThrownBy(() -> table.insert(contact(SELF), 0));
      assertThatIllegalArgumentException().isThrownBy(() -> table.park(record(SELF)));
      assertThat(table.size()).isZero();
    }

    @Test
    void insert_keeps_whenNothingIsNewButTheAnswer() {
      table.insert(contact(EIGHT), 5 * SECOND);
      TableView before = table.view();

      assertThat(table.insert(contact(EIGHT), 9 * SECOND)).isEqualTo(Insert.KEPT);

      assertThat(table.size()).isEqualTo(1);
      assertThat(table.entry(EIGHT).orElseThrow().answeredNanos()).isEqualTo(9 * SECOND);
      assertThat(table.view()).as("no new view without a reason").isSameAs(before);
    }

    @Test
    void insert_updates_whenTheRecordIsNew_andKeepsWhatIsKnown() {
      Contact moved = contact(record(EIGHT, 2));
      table.insert(contact(EIGHT), 5 * SECOND);
      table.answered(EIGHT, 8 * MS, 6 * SECOND);

      assertThat(table.insert(moved, 9 * SECOND)).isEqualTo(Insert.UPDATED);

      assertThat(table.size()).isEqualTo(1);
      assertThat(table.closest(EIGHT, 1)).containsExactly(moved);
      assertThat(table.entry(EIGHT)).contains(new Entry(moved, 3, 9 * SECOND, 0, 0, 8_000));
    }

    @Test
    void insert_parks_whenTheBucketIsFull_andEvictsNobody() {
      fill(8, 9, 10);
      TableView before = table.view();

      assertThat(table.insert(contact(NodeId.of(11)), 0)).isEqualTo(Insert.FULL);

      assertThat(table.size()).isEqualTo(3);
      assertThat(table.contact(NodeId.of(11))).isEmpty();
      assertThat(table.replacements()).isEqualTo(1);
      assertThat(table.takeReplacement(EIGHT)).contains(record(NodeId.of(11)));
      assertThat(table.view()).isSameAs(before);
    }

    @Test
    void insert_evictsNobody_evenASuspect() {
      fill(8, 9, 10);
      table.failed(EIGHT, 1);

      assertThat(table.insert(contact(NodeId.of(11)), 2)).isEqualTo(Insert.FULL);
      assertThat(table.contact(EIGHT)).isPresent();
    }

    @Test
    void insert_updatesAContact_evenInAFullBucket() {
      fill(8, 9, 10);

      assertThat(table.insert(contact(record(EIGHT, 2)), 0)).isEqualTo(Insert.UPDATED);
      assertThat(table.insert(contact(NodeId.of(9)), 0)).isEqualTo(Insert.KEPT);
      assertThat(table.replacements()).isZero();
    }

    @Test
    void insert_forgivesASuspect_whoProvesItself() {
      table.insert(contact(EIGHT), 0);
      table.failed(EIGHT, 1);

      assertThat(table.insert(contact(EIGHT), 2)).isEqualTo(Insert.KEPT);

      assertThat(table.suspects()).isZero();
      assertThat(table.closest(EIGHT, 1)).containsExactly(contact(EIGHT));
    }

    @Test
    void insert_forgivesASuspect_whoProvesItselfWithANewRecord() {
      Contact moved = contact(record(EIGHT, 2));
      table.insert(contact(EIGHT), 0);
      table.failed(EIGHT, 1);

      assertThat(table.insert(moved, 2)).isEqualTo(Insert.UPDATED);

      assertThat(table.suspects()).isZero();
      assertThat(table.entry(EIGHT).orElseThrow().failures()).isZero();
      assertThat(table.closest(EIGHT, 1)).containsExactly(moved);
    }

    @Test
    void aFullBucket_leavesTheOthersTheirRoom() {
      fill(8, 9, 10);

      assertThat(table.insert(contact(NodeId.of(16)), 0)).isEqualTo(Insert.ADDED);
      assertThat(table.insert(contact(NodeId.of(1)), 0)).isEqualTo(Insert.ADDED);
      assertThat(table.room(3)).isZero();
      assertThat(table.room(0)).isEqualTo(2);
      assertThat(table.room(255)).isEqualTo(3);
      assertThat(table.highestBucket()).isEqualTo(4);
    }

    @Test
    void aTable_holdsAtLeastOneContactABucket() {
      assertThatIllegalArgumentException().isThrownBy(() -> new RoutingTable(SELF, 0));

      RoutingTable one = new RoutingTable(SELF, 1);
      assertThat(one.insert(contact(EIGHT), 0)).isEqualTo(Insert.ADDED);
      assertThat(one.insert(contact(NodeId.of(9)), 0)).isEqualTo(Insert.FULL);
    }
  }

  @Nested
  class OfReplacements {
    @Test
    void takeReplacement_takesTheNewest_ofTheSameBucketOnly() {
      park(8, 9, 16);

      assertThat(table.takeReplacement(NodeId.of(15))).contains(record(NodeId.of(9)));
      assertThat(table.takeReplacement(NodeId.of(15))).contains(record(EIGHT));
      assertThat(table.takeReplacement(NodeId.of(15))).isEmpty();
      assertThat(table.takeReplacement(NodeId.of(1))).isEmpty();
      assertThat(table.takeReplacement(SELF)).isEmpty();
      assertThat(table.replacements()).isEqualTo(1);
    }

    @Test
    void park_dropsTheOldest_whenThereAreK() {
      park(8, 9, 10, 11);

      assertThat(table.replacements()).isEqualTo(3);
      assertThat(takeAll()).containsExactlyElementsOf(ids(11, 10, 9));
    }

    @Test
    void park_renewsAReplacement_insteadOfKeepingItTwice() {
      park(8, 9);
      table.park(record(EIGHT, 2));

      assertThat(table.takeReplacement(EIGHT)).contains(record(EIGHT, 2));
      assertThat(takeAll()).containsExactlyElementsOf(ids(9));
    }

    @Test
    void park_keepsTheNewerRecord_whenAnOlderOneIsHeardLater() {
      table.park(record(EIGHT, 2));
      park(9);
      table.park(record(EIGHT, 1));

      assertThat(table.takeReplacement(EIGHT)).contains(record(EIGHT, 2));
      assertThat(takeAll()).containsExactlyElementsOf(ids(9));
    }

    @Test
    void insert_takesAReplacementOutOfTheQueue() {
      park(8, 9);

      table.insert(contact(EIGHT), 0);

      assertThat(takeAll()).containsExactlyElementsOf(ids(9));
    }

    @Test
    void replacements_areHandedOutToNobody() {
      park(8);

      assertThat(table.size()).isZero();
      assertThat(table.closest(EIGHT, 3)).isEmpty();
      assertThat(table.contact(EIGHT)).isEmpty();
      assertThat(table.highestBucket()).isEqualTo(-1);
    }

    /** Or k calls of one would have everybody else forgotten. */
    @Test
    void park_ofOneCaller_pushesOutNobodyButItsOwn() {
      park(8, 9);
      for (long id = 10; id < 16; id++) {
        table.park(record(NodeId.of(id)), "10.0.0.1");
      }

      // There are three places, and two of them are its share.
      assertThat(table.replacements()).isEqualTo(3);
      assertThat(table.takeReplacement(EIGHT)).contains(record(NodeId.of(15)));
      assertThat(table.takeReplacement(EIGHT)).contains(record(NodeId.of(14)));
      assertThat(table.takeReplacement(EIGHT)).contains(record(NodeId.of(9)));
    }

    /** However those who wait move up, and with however many more. */
    @Test
    void park_remembersWhoseEachIs() {
      RoutingTable table = new RoutingTable(SELF, 6);
      table.park(record(EIGHT), "10.0.0.1");
      table.park(record(NodeId.of(9)), "10.0.0.2");
      table.park(record(NodeId.of(10)), "10.0.0.1");
      ids(11, 12).forEach(id -> table.park(record(id)));
      table.waitsNoMore(NodeId.of(9));
      assertThat(table.waiting(EIGHT)).contains(record(EIGHT));
      assertThat(table.waiting(NodeId.of(9))).isEmpty();

      table.park(record(NodeId.of(13)), "10.0.0.1");

      assertThat(table.waiting(EIGHT)).as("the oldest of its caller's").isEmpty();
      assertThat(ids(10, 11, 12, 13)).allMatch(id -> table.waiting(id).isPresent());
    }

    @Test
    void waiting_isTheRecordOfWhoWaits_untilItDoesNot() {
      park(8);
      assertThat(table.waiting(EIGHT)).contains(record(EIGHT));
      assertThat(table.waiting(NodeId.of(9))).isEmpty();
      table.waitsNoMore(EIGHT);
      assertThat(table.waiting(EIGHT)).isEmpty();
      assertThat(table.replacements()).isZero();
      assertThat(table.takeReplacement(EIGHT)).isEmpty();
    }

    private void park(long... values) {
      ids(values).forEach(id -> table.park(record(id)));
    }

    private List<NodeId> takeAll() {
      List<NodeId> taken = new ArrayList<>();
      table.takeReplacement(EIGHT).map(SignedPeerRecord::id).ifPresent(taken::add);
      while (table.replacements() > 0) {
        taken.add(table.takeReplacement(EIGHT).orElseThrow().id());
      }
      return taken;
    }
  }

  @Nested
  class OfSuspects {
    @Test
    void failed_makesASuspect_whichKeepsItsPlaceButIsHandedOutToNobody() {
      fill(8, 9);

      assertThat(table.failed(EIGHT, 7)).isEqualTo(1);

      assertThat(table.size()).isEqualTo(2);
      assertThat(table.suspects()).isEqualTo(1);
      assertThat(table.contact(EIGHT)).isPresent();
      assertThat(table.view().contact(EIGHT)).isEmpty();
      assertThat(table.view().size()).isEqualTo(1);
      assertThat(table.closest(EIGHT, 3)).containsExactly(contact(NodeId.of(9)));
    }

    @Test
    void failed_countsInARow_andNotesTheLast() {
      fill(8);

      table.failed(EIGHT, 7);
      assertThat(table.failed(EIGHT, 9)).isEqualTo(2);
      Entry entry = table.entry(EIGHT).orElseThrow();
      assertThat(entry.failures()).isEqualTo(2);
      assertThat(entry.failedNanos()).isEqualTo(9);
      assertThat(table.suspects()).isEqualTo(1);

      table.answered(EIGHT, MS, 10);
      assertThat(table.failed(EIGHT, 11)).isEqualTo(1);
      assertThat(table.entry(EIGHT).orElseThrow().failedNanos()).isEqualTo(11);
    }

    @Test
    void failed_countsOn_howeverOften() {
      fill(8);
      for (int i = 0; i < 1_000; i++) {
        table.failed(EIGHT, i);
      }

      assertThat(table.failed(EIGHT, 1_000)).isEqualTo(1_001);
      assertThat(table.suspects()).isEqualTo(1);
      table.answered(EIGHT, MS, 1_001);
      assertThat(table.suspects()).isZero();
    }

    @Test
    void failed_saysZero_whenThereIsNoSuchContact() {
      fill(8);

      assertThat(table.failed(NodeId.of(9), 0)).isZero();
      assertThat(table.failed(NodeId.of(16), 0)).isZero();
      assertThat(table.failed(SELF, 0)).isZero();
      assertThat(table.suspects()).isZero();
    }

    @Test
    void answered_clearsASuspect() {
      fill(8);
      table.failed(EIGHT, 1);

      assertThat(table.answered(EIGHT, MS, 2 * SECOND)).isTrue();

      assertThat(table.suspects()).isZero();
      assertThat(table.closest(EIGHT, 1)).containsExactly(contact(EIGHT));
      assertThat(table.entry(EIGHT))
          .contains(new Entry(contact(EIGHT), 3, 2 * SECOND, 0, 0, 1_000));
    }

    @Test
    void answered_saysNo_whenThereIsNoSuchContact() {
      assertThat(table.answered(EIGHT, MS, 0)).isFalse();
      assertThat(table.answered(SELF, MS, 0)).isFalse();
    }

    @Test
    void forgiveAll_clearsTheSuspectsOfAllBuckets() {
      fill(1, 8, 9, 10, 16);
      for (NodeId id : ids(1, 8, 9, 10)) {
        table.failed(id, 1);
        table.failed(id, 2);
      }
      assertThat(table.closest(EIGHT, 9)).containsExactly(contact(NodeId.of(16)));

      table.forgiveAll();

      assertThat(table.suspects()).isZero();
      assertThat(table.view().size()).isEqualTo(5);
      assertThat(table.failed(EIGHT, 3)).as("counted anew").isEqualTo(1);
    }
  }

  @Nested
  class OfRemove {
    @Test
    void remove_returnsTheContact_andMakesRoom() {
      fill(8, 9, 10);

      assertThat(table.remove(EIGHT)).contains(contact(EIGHT));

      assertThat(table.size()).isEqualTo(2);
      assertThat(table.room(3)).isEqualTo(1);
      assertThat(table.contact(EIGHT)).isEmpty();
      assertThat(table.view().contact(EIGHT)).isEmpty();
      assertThat(table.insert(contact(NodeId.of(11)), 0)).isEqualTo(Insert.ADDED);
    }

    @Test
    void remove_isEmpty_whenThereIsNoSuchContact() {
      assertThat(table.remove(EIGHT)).isEmpty();
      assertThat(table.remove(SELF)).isEmpty();
      fill(8);
      assertThat(table.remove(NodeId.of(9))).isEmpty();
      assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void remove_ofASuspect_leavesNoSuspectBehind() {
      fill(8, 9);
      table.failed(EIGHT, 1);

      table.remove(EIGHT);

      assertThat(table.suspects()).isZero();
      assertThat(table.view().size()).isEqualTo(1);
      table.insert(contact(EIGHT), 2);
      assertThat(table.entry(EIGHT).orElseThrow().failures()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {8, 9, 10})
    void remove_leavesTheOthersWhatIsKnownOfThem(long removed) {
      fill(8, 9, 10);
      for (long each = 8; each <= 10; each++) {
        table.answered(NodeId.of(each), each * MS, each * SECOND);
        table.failed(NodeId.of(each), each * SECOND + 1);
      }
      List<Entry> left = new ArrayList<>(table.entries());
      left.removeIf(entry -> entry.contact().id().equals(NodeId.of(removed)));

      table.remove(NodeId.of(removed));

      assertThat(table.entries()).hasSize(2).isEqualTo(left);
      assertThat(table.suspects()).isEqualTo(2);
    }

    @Test
    void aPlaceThatWasTakenBefore_startsWithoutAPast() {
      fill(8);
      table.answered(EIGHT, 500 * MS, 1);
      table.failed(EIGHT, 2);
      table.remove(EIGHT);

      table.insert(contact(NodeId.of(9)), 3);

      assertThat(table.entry(NodeId.of(9)).orElseThrow().rttMicros()).isZero();
      table.answered(NodeId.of(9), 8 * MS, 4);
      assertThat(table.roundTripNanos(NodeId.of(9), 2)).isEqualTo((8 + 2 * 4) * MS);
    }

    @Test
    void remove_ofTheLastOne_emptiesTheTable() {
      fill(8);

      table.remove(EIGHT);

      assertThat(table.highestBucket()).isEqualTo(-1);
      assertThat(table.view().size()).isZero();
      assertThat(table.entries()).isEmpty();
      assertThat(table.closest(EIGHT, 3)).isEmpty();
    }
  }

  @Nested
  class OfViews {
    @Test
    void anOldView_doesNotChange_whateverBecomesOfTheTable() {
      fill(1, 8, 9, 16);
      TableView old = table.view();
      List<Contact> before = old.closest(SELF, 10);

      table.insert(contact(NodeId.of(10)), 0);
      table.insert(contact(record(EIGHT, 2)), 0);
      table.failed(NodeId.of(9), 1);
      table.remove(NodeId.of(1));
      table.remove(NodeId.of(16));
      table.insert(contact(NodeId.of(64)), 0);
      table.forgiveAll();

      assertThat(old.closest(SELF, 10)).isEqualTo(before).hasSize(4);
      assertThat(old.size()).isEqualTo(4);
      assertThat(old.contact(EIGHT)).contains(contact(EIGHT));
      assertThat(old.contact(NodeId.of(10))).isEmpty();
      assertThat(table.view().contact(EIGHT)).contains(contact(record(EIGHT, 2)));
    }

    /** Each change alone, because one of them may copy what the next would have overwritten. */
    @Test
    void anOldView_doesNotChange_byAnyChangeAlone() {
      List<Consumer<RoutingTable>> changes =
          List.of(
              changed -> changed.insert(contact(record(EIGHT, 2)), 1),
              changed -> changed.insert(contact(NodeId.of(10)), 1),
              changed -> changed.insert(contact(NodeId.of(1)), 1),
              changed -> changed.failed(EIGHT, 1),
              changed -> changed.remove(EIGHT),
              changed -> changed.remove(NodeId.of(16)));
      for (Consumer<RoutingTable> change : changes) {
        RoutingTable changed = new RoutingTable(SELF, 3);
        List<Contact> contacts = ids(8, 9, 16).stream().map(Peers::contact).toList();
        contacts.forEach(contact -> changed.insert(contact, 0));
        TableView old = changed.view();

        change.accept(changed);

        assertThat(old.closest(EIGHT, 10)).isEqualTo(contacts);
        assertThat(changed.closest(EIGHT, 10)).isNotEqualTo(contacts);
      }
    }

    @Test
    void healthAlone_makesNoNewView() {
      fill(8);
      TableView before = table.view();

      table.answered(EIGHT, MS, 1);
      table.park(record(NodeId.of(9)));
      table.remove(NodeId.of(10));

      assertThat(table.view()).isSameAs(before);
    }

    @Test
    void closest_cannotBeChangedByItsReader() {
      fill(8, 9);

      assertThat(table.closest(EIGHT, 2)).isUnmodifiable();
    }

    @Test
    void theView_doesNotHoldTheNodeItself() {
      fill(8);

      assertThat(table.view().contact(SELF)).isEmpty();
      assertThat(table.contact(SELF)).isEmpty();
      assertThat(table.entry(SELF)).isEmpty();
    }
  }

  @Nested
  class OfRoundTrips {
    @Test
    void roundTrip_isUnknown_whileNobodyAnswered() {
      fill(8);

      assertThat(table.roundTripNanos(EIGHT, 2)).isEqualTo(-1);
    }

    @Test
    void roundTrip_isEverybodys_forAContactWithoutASample() {
      fill(8, 9);
      table.answered(EIGHT, 8 * MS, 1);

      assertThat(table.roundTripNanos(NodeId.of(9), 2))
          .isEqualTo(table.roundTripNanos(NodeId.of(77), 2))
          .isEqualTo((8 + 2 * 4) * MS);
    }

    /** Whoever is being looked up is mostly no contact, and tells as much about the network. */
    @Test
    void roundTrip_ofEverybody_countsThoseWhoAreNoContacts() {
      assertThat(table.answered(NodeId.of(77), 8 * MS, 1)).isFalse();

      assertThat(table.roundTripNanos(EIGHT, 2)).isEqualTo((8 + 2 * 4) * MS);
    }

    @Test
    void roundTrip_approachesASteadyRoundTrip_perContact() {
      fill(8, 9);
      for (int i = 0; i < 100; i++) {
        table.answered(EIGHT, 100 * MS, i);
        table.answered(NodeId.of(9), 10 * MS, i);
      }

      assertThat(table.roundTripNanos(EIGHT, 2)).isBetween(100 * MS, 101 * MS);
      assertThat(table.roundTripNanos(NodeId.of(9), 2)).isBetween(10 * MS, 11 * MS);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -5, 1, Long.MIN_VALUE, Long.MAX_VALUE})
    void answered_survivesEveryRoundTrip(long rttNanos) {
      fill(8);
      for (int i = 0; i < 5; i++) {
        table.answered(EIGHT, rttNanos, i);
        table.answered(EIGHT, Long.MAX_VALUE, i);
        assertThat(table.roundTripNanos(EIGHT, 2)).isPositive();
        assertThat(table.roundTripNanos(NodeId.of(77), 2)).isPositive();
      }
    }
  }

  /** Whatever happens to a table, it is what a plain map of contacts and failures says. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {41, 42, 43, 44, 45, 46})
  void randomChanges_keepTheTableWhatAMapSays(long seed) {
    Random random = new Random(seed);
    int k = 1 + random.nextInt(6);
    NodeId self = NodeId.of(random.nextInt(256));
    RoutingTable table = new RoutingTable(self, k);
    Map<NodeId, Integer> failures = new HashMap<>();
    for (int step = 0; step < 5_000; step++) {
      NodeId id = NodeId.of(random.nextInt(256));
      if (id.equals(self)) {
        continue;
      }
      switch (random.nextInt(16)) {
        case 0, 1, 2, 3, 4 -> {
          boolean known = failures.containsKey(id);
          boolean full =
              failures.keySet().stream().filter(o -> self.bucketOf(o) == self.bucketOf(id)).count()
                  == k;
          Insert expected = known ? Insert.KEPT : full ? Insert.FULL : Insert.ADDED;
          assertThat(table.insert(contact(id), step)).as("step %d", step).isEqualTo(expected);
          if (known || !full) {
            failures.put(id, 0);
          }
        }
        case 5, 6, 7, 8, 9 -> {
          int expected = failures.containsKey(id) ? failures.merge(id, 1, Integer::sum) : 0;
          assertThat(table.failed(id, step)).as("step %d", step).isEqualTo(expected);
        }
        case 10, 11, 12 -> {
          assertThat(table.answered(id, MS, step)).isEqualTo(failures.containsKey(id));
          failures.computeIfPresent(id, (same, count) -> 0);
        }
        case 13, 14 ->
            assertThat(table.remove(id).isPresent()).isEqualTo(failures.remove(id) != null);
        default -> {
          if (random.nextInt(20) == 0) {
            table.forgiveAll();
            failures.replaceAll((same, count) -> 0);
          }
        }
      }
      if (step % 50 == 0) {
        assertIs(table, failures, step);
      }
    }
    assertIs(table, failures, 5_000);
  }

  private static void assertIs(RoutingTable table, Map<NodeId, Integer> failures, int step) {
    Map<NodeId, Integer> actual = new HashMap<>();
    table.forEach(entry -> actual.put(entry.contact().id(), entry.failures()));
    Set<NodeId> healthy = new HashSet<>(failures.keySet());
    healthy.removeIf(id -> failures.get(id) > 0);
    Set<NodeId> handedOut = new HashSet<>();
    table.closest(NodeId.ZERO, 256).forEach(contact -> handedOut.add(contact.id()));

    assertThat(actual).as("contacts after step %d", step).isEqualTo(failures);
    assertThat(table.entries()).hasSize(failures.size());
    assertThat(table.size()).isEqualTo(failures.size());
    assertThat(table.suspects()).isEqualTo(failures.size() - healthy.size());
    assertThat(handedOut).as("handed out after step %d", step).isEqualTo(healthy);
    assertThat(table.view().size()).isEqualTo(healthy.size());
  }

  private void fill(long... values) {
    for (NodeId id : ids(values)) {
      assertThat(table.insert(contact(id), 0)).isEqualTo(Insert.ADDED);
    }
  }
}
