package dev.peerdiscovery.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.Peers;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.routing.RoutingTable.Insert;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The node is 0, so bucket 3 is 8 to 15. Two of a subnet may be in a bucket, ten in the table. */
class SubnetLimitsTest {
  private static final AddressPolicy POLICY = AddressPolicy.of(Scope.PUBLIC, false);

  private final RoutingTable table =
      new RoutingTable(
          NodeId.ZERO,
          4,
          SubnetLimits.by(
              record -> record.content().endpoints().stream().filter(POLICY::allows).findFirst()));

  private static SignedPeerRecord record(long id, String host, long sequence) {
    Endpoint at = new Endpoint(host, 7400);
    return Peers.record(new PeerRecord(NodeId.of(id), List.of(at), sequence, Peers.NETWORK));
  }

  private static Contact contact(long id, String host) {
    return Peers.contact(record(id, host, 1));
  }

  private Insert insert(long id, String host) {
    return table.insert(contact(id, host), 0);
  }

  @Test
  void theThirdOfASubnetInABucket_isRefused_andNothingChanges() {
    insert(8, "20.1.1.1");
    insert(9, "20.1.1.2");
    table.park(record(10, "20.2.2.2", 1));
    TableView before = table.view();

    assertThat(insert(11, "20.1.1.3")).isEqualTo(Insert.CROWDED);

    assertThat(table.view()).isSameAs(before);
    assertThat(table.size()).isEqualTo(2);
    assertThat(table.room(3)).isEqualTo(2);
    assertThat(table.contact(NodeId.of(11))).isEmpty();
    assertThat(table.replacements()).isEqualTo(1);
    assertThat(table.takeReplacement(NodeId.of(8))).contains(record(10, "20.2.2.2", 1));
    assertThat(insert(12, "20.1.2.1")).as("another subnet").isEqualTo(Insert.ADDED);
    assertThat(insert(16, "20.1.1.3")).as("another bucket").isEqualTo(Insert.ADDED);
  }

  @Test
  void theEleventhOfASubnet_isRefused_untilOneOfThemIsGone() {
    for (int i = 0; i < 10; i++) {
      assertThat(insert((16L << (i / 2)) + i % 2, "20.1.1." + i)).isEqualTo(Insert.ADDED);
    }

    assertThat(insert(8, "20.1.1.77")).isEqualTo(Insert.CROWDED);
    assertThat(table.admits(record(8, "20.1.1.77", 1))).isFalse();
    assertThat(table.remove(NodeId.of(16))).isPresent();
    assertThat(table.remove(NodeId.of(16))).isEmpty();
    assertThat(insert(8, "20.1.1.77")).isEqualTo(Insert.ADDED);
    assertThat(insert(9, "20.1.1.78")).isEqualTo(Insert.CROWDED);
  }

  @Test
  void oneWhoIsRefused_doesNotWait_whereItsBucketIsFull() {
    insert(8, "20.1.1.1");
    insert(9, "20.1.1.2");
    insert(10, "20.2.1.1");
    insert(11, "20.2.1.2");

    assertThat(insert(12, "20.1.1.3")).isEqualTo(Insert.CROWDED);
    assertThat(table.replacements()).isZero();
    assertThat(insert(12, "20.3.1.3")).isEqualTo(Insert.FULL);
    assertThat(table.replacements()).isEqualTo(1);
  }

  @Test
  void ofThoseWhoWait_twoAreOfASubnet_andTheyPushNobodyOut() {
    table.park(record(8, "20.2.2.2", 1));
    for (int id = 9; id < 16; id++) {
      table.park(record(id, "20.1.1." + id, 1));
    }

    assertThat(table.replacements()).isEqualTo(3);
    table.park(record(9, "20.1.1.9", 2));
    assertThat(table.replacements()).as("a newer record of one of them").isEqualTo(3);
    assertThat(table.takeReplacement(NodeId.of(8))).contains(record(9, "20.1.1.9", 2));
  }

  /** Whoever names an address first at which nobody calls it, counts where it is called. */
  @Test
  void anAddressThatIsNotDialled_hidesNoSubnet() {
    for (int id = 8; id < 12; id++) {
      table.park(hiding(id, "10.0." + id + ".1", "20.1.1." + id));
    }
    assertThat(table.replacements()).isEqualTo(2);

    insert(16, "20.1.2.1");
    insert(17, "20.1.2.2");
    assertThat(table.admits(hiding(18, "10.0.0.1", "20.1.2.3"))).isFalse();
    assertThat(table.admits(record(18, "10.0.0.1", 1))).as("called nowhere").isFalse();
  }

  private static SignedPeerRecord hiding(long id, String first, String dialled) {
    List<Endpoint> at = List.of(new Endpoint(first, 7400), new Endpoint(dialled, 7400));
    return Peers.record(new PeerRecord(NodeId.of(id), at, 1, Peers.NETWORK));
  }

  @Test
  void oneWhoWaited_andMayNotEnterNow_isPassedOver() {
    table.park(record(8, "20.2.2.2", 1));
    table.park(record(9, "20.1.1.1", 1));
    insert(10, "20.1.1.2");
    insert(11, "20.1.1.3");

    assertThat(table.takeReplacement(NodeId.of(8))).contains(record(8, "20.2.2.2", 1));
    assertThat(table.takeReplacement(NodeId.of(8))).isEmpty();
  }

  @Test
  void aContactThatMoves_countsWhereItIs_andStaysWhereItMayNotGo() {
    insert(8, "20.1.1.1");
    insert(9, "20.1.1.2");
    insert(10, "20.2.2.1");

    assertThat(table.insert(Peers.contact(record(10, "20.1.1.3", 2)), 0)).isEqualTo(Insert.CROWDED);
    assertThat(table.contact(NodeId.of(10))).contains(contact(10, "20.2.2.1"));
    assertThat(table.insert(Peers.contact(record(9, "20.1.1.9", 2)), 0))
        .as("within its subnet")
        .isEqualTo(Insert.UPDATED);
    assertThat(table.insert(Peers.contact(record(9, "20.2.2.9", 3)), 0)).isEqualTo(Insert.UPDATED);
    assertThat(insert(11, "20.2.2.3")).isEqualTo(Insert.CROWDED);
    assertThat(insert(11, "20.1.1.3")).isEqualTo(Insert.ADDED);
  }

  @Test
  void fill_letsInWhomInsertWould_andCountsThem() {
    table.fill(
        List.of(contact(8, "20.1.1.1"), contact(12, "20.1.1.2"), contact(10, "20.1.1.3")), 0);

    assertThat(table.entries())
        .extracting(entry -> entry.contact().id().w3())
        .containsExactly(8L, 12L);
    assertThat(table.size()).isEqualTo(2);
    assertThat(insert(11, "20.1.1.4")).isEqualTo(Insert.CROWDED);
    table.remove(NodeId.of(12));
    assertThat(insert(11, "20.1.1.4")).isEqualTo(Insert.ADDED);
  }

  @Test
  void withoutLimits_anyNumberIsOfASubnet() {
    RoutingTable unlimited = new RoutingTable(NodeId.ZERO, 4);
    for (int id = 8; id < 16; id++) {
      assertThat(unlimited.insert(contact(id, "20.1.1." + id), 0))
          .isEqualTo(id < 12 ? Insert.ADDED : Insert.FULL);
    }
    assertThat(unlimited.replacements()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({
    "20.1.1.1,               20.1.1.255,              true",
    "20.1.1.1,               20.1.2.1,                false",
    "::ffff:20.1.1.1,        20.1.1.9,                true",
    "2002:1401:0101::1,      20.1.1.9,                true",
    "64:ff9b::20.1.1.1,      20.1.1.9,                true",
    "2a00:1:2::1,            2a00:1:2:ffff:1:2:3:4,   true",
    "2a00:1:2::1,            2a00:1:3::1,             false",
    "a.example,              a.example,               false"
  })
  void subnets(String one, String other, boolean same) {
    SubnetLimits limits =
        SubnetLimits.by(record -> record.content().endpoints().stream().findFirst());

    assertThat(limits.areOne(record(1, one, 1), record(2, other, 1))).isEqualTo(same);
    assertThat(SubnetLimits.NONE.areOne(record(1, one, 1), record(2, other, 1))).isFalse();
  }

  /** Whatever happens to a table, it counts what a plain map counts. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {51, 52, 53, 54})
  void randomChanges_areCountedAsAMapCountsThem(long seed) {
    Random random = new Random(seed);
    Map<Integer, String> addresses = new HashMap<>();
    for (int step = 0; step < 5_000; step++) {
      int id = 1 + random.nextInt(255);
      String host = "20.0." + random.nextInt(6) + "." + random.nextInt(200);
      String before = addresses.remove(id);
      if (random.nextInt(3) == 0) {
        assertThat(table.remove(NodeId.of(id)).isPresent()).isEqualTo(before != null);
        continue;
      }
      int bucket = 31 - Integer.numberOfLeadingZeros(id);
      long inTable =
          addresses.values().stream().filter(at -> subnet(at).equals(subnet(host))).count();
      long inBucket =
          addresses.entrySet().stream()
              .filter(at -> 31 - Integer.numberOfLeadingZeros(at.getKey()) == bucket)
              .filter(at -> subnet(at.getValue()).equals(subnet(host)))
              .count();
      long size =
          addresses.keySet().stream()
              .filter(other -> 31 - Integer.numberOfLeadingZeros(other) == bucket)
              .count();
      Insert expected =
          inTable >= 10 || inBucket >= 2
              ? Insert.CROWDED
              : before != null ? Insert.UPDATED : size < 4 ? Insert.ADDED : Insert.FULL;
      assertThat(table.insert(Peers.contact(record(id, host, 2 + step)), step))
          .as("seed %d, step %d", seed, step)
          .isEqualTo(expected);
      if (expected == Insert.ADDED || expected == Insert.UPDATED) {
        addresses.put(id, host);
      } else if (before != null) {
        addresses.put(id, before);
      }
    }
    Map<Integer, String> actual = new HashMap<>();
    table.forEach(
        entry -> actual.put((int) entry.contact().id().w3(), entry.contact().endpoint().host()));
    assertThat(actual).as("seed %d", seed).isEqualTo(addresses);
  }

  private static String subnet(String host) {
    return host.substring(0, host.lastIndexOf('.'));
  }
}
