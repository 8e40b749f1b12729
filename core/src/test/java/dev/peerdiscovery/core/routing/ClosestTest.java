package dev.peerdiscovery.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.Peers;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code closest} against a full sort, on 10,000 random tables. */
class ClosestTest {
  private static final int TABLES_PER_SEED = 500;

  static LongStream seeds() {
    return LongStream.rangeClosed(101, 120);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void closest_isTheBeginningOfAFullSort(long seed) {
    Random random = new Random(seed);
    List<Contact> pool = pool(random);
    for (int i = 0; i < TABLES_PER_SEED; i++) {
      NodeId self = pool.get(random.nextInt(pool.size())).id();
      int k = 1 + random.nextInt(random.nextBoolean() ? 4 : 30);
      RoutingTable table = new RoutingTable(self, k);
      List<Contact> healthy = fill(table, self, pool, random);
      for (int query = 0; query < 3; query++) {
        NodeId target = target(self, healthy, random);
        int count = query == 0 ? k : random.nextInt(2 * k + 2);

        assertThat(table.closest(target, count))
            .as("seed %d, table %d: self %s, k %d, target %s, %d", seed, i, self, k, target, count)
            .isEqualTo(sorted(healthy, target, count));
      }
    }
  }

  /** The seed's world: every pair of small ids, so every shape of a small table. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 20})
  void closest_isExact_amongTheSeedsPeers(int k) {
    for (long self = 0; self <= 32; self++) {
      RoutingTable table = new RoutingTable(NodeId.of(self), k);
      List<Contact> contacts = new ArrayList<>();
      for (long id = 0; id <= 32; id++) {
        if (id != self) {
          Contact contact = Peers.contact(NodeId.of(id));
          if (table.insert(contact, 0) == RoutingTable.Insert.ADDED) {
            contacts.add(contact);
          }
        }
      }
      for (long target = 0; target <= 64; target++) {
        assertThat(table.closest(NodeId.of(target), k))
            .as("self %d, target %d, k %d", self, target, k)
            .isEqualTo(sorted(contacts, NodeId.of(target), k));
      }
    }
  }

  @Test
  void closest_ofAnEmptyTable_isEmpty() {
    RoutingTable table = new RoutingTable(NodeId.ZERO, 20);

    assertThat(table.closest(NodeId.ZERO, 20)).isEmpty();
    assertThat(table.closest(NodeId.ZERO, Integer.MAX_VALUE)).isEmpty();
  }

  /** Ids that differ in the last 64 bits, or in the last bit, alone: no word but the last tells. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 20})
  void closest_isExact_whenIdsShare192BitsAndMore(int k) {
    Random random = new Random(7);
    NodeId self = NodeId.random(random);
    RoutingTable table = new RoutingTable(self, k);
    List<Contact> contacts = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      NodeId near = new NodeId(self.w0(), self.w1(), self.w2(), random.nextLong());
      for (NodeId id : List.of(near, near.flip(0), near.flip(63), self.flip(i % 64))) {
        if (!id.equals(self) && table.insert(Peers.contact(id), 0) == RoutingTable.Insert.ADDED) {
          contacts.add(Peers.contact(id));
        }
      }
    }
    List<NodeId> targets = new ArrayList<>(List.of(self, self.complement()));
    for (Contact contact : contacts) {
      targets.addAll(List.of(contact.id(), contact.id().flip(0), contact.id().flip(200)));
    }

    for (NodeId target : targets) {
      assertThat(table.closest(target, 20))
          .as("seed 7, k %d, target %s", k, target)
          .isEqualTo(sorted(contacts, target, 20));
    }
  }

  /** Half of a large table, and the whole of the buckets that would be asked first. */
  @Test
  void closest_isExact_aroundManySuspects() {
    Random random = new Random(8);
    NodeId self = NodeId.random(random);
    RoutingTable table = new RoutingTable(self, 20);
    List<Contact> healthy = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      Contact contact = Peers.contact(NodeId.random(random));
      if (table.insert(contact, 0) == RoutingTable.Insert.ADDED) {
        healthy.add(contact);
      }
    }
    healthy.removeIf(
        contact -> {
          boolean top = self.bucketOf(contact.id()) >= 254;
          return (top || random.nextBoolean()) && table.failed(contact.id(), 1) == 1;
        });

    assertThat(table.suspects()).isGreaterThan(100);
    for (int i = 0; i < 500; i++) {
      NodeId target = i == 0 ? self : NodeId.random(random);
      assertThat(table.closest(target, 20))
          .as("seed 8, target %s", target)
          .isEqualTo(sorted(healthy, target, 20));
    }
  }

  private static List<Contact> fill(
      RoutingTable table, NodeId self, List<Contact> pool, Random random) {
    int offers = random.nextInt(random.nextInt(5) == 0 ? 400 : 60);
    List<Contact> healthy = new ArrayList<>();
    for (int i = 0; i < offers; i++) {
      Contact contact = pool.get(random.nextInt(pool.size()));
      if (contact.id().equals(self) || table.contact(contact.id()).isPresent()) {
        continue;
      }
      if (table.insert(contact, i) == RoutingTable.Insert.ADDED) {
        switch (random.nextInt(12)) {
          case 0 -> table.remove(contact.id());
          case 1 -> table.failed(contact.id(), i);
          default -> healthy.add(contact);
        }
      }
    }
    return healthy;
  }

  private static List<Contact> sorted(List<Contact> contacts, NodeId target, int count) {
    return contacts.stream()
        .sorted(Comparator.comparing(contact -> target.distanceTo(contact.id())))
        .limit(count)
        .toList();
  }

  private static NodeId target(NodeId self, List<Contact> contacts, Random random) {
    return switch (random.nextInt(7)) {
      case 0 -> self;
      case 1 -> self.complement();
      case 2 -> self.flip(random.nextInt(NodeId.BITS));
      case 3 -> self.plus(NodeId.of(random.nextInt(64)));
      case 4 ->
          contacts.isEmpty() ? NodeId.ZERO : contacts.get(random.nextInt(contacts.size())).id();
      case 5 -> NodeId.of(random.nextInt(1_024));
      default -> NodeId.random(random);
    };
  }

  /** Small ids, uniform ones, and clusters that share a prefix of any length. */
  private static List<Contact> pool(Random random) {
    List<Contact> pool = new ArrayList<>();
    for (long id = 0; id < 500; id++) {
      pool.add(Peers.contact(NodeId.of(id)));
    }
    for (int i = 0; i < 500; i++) {
      pool.add(Peers.contact(NodeId.random(random)));
    }
    for (int cluster = 0; cluster < 10; cluster++) {
      NodeId centre = NodeId.random(random);
      int bits = 8 + random.nextInt(248);
      NodeId mask = NodeId.powerOfTwo(bits).minus(NodeId.of(1));
      for (int i = 0; i < 50; i++) {
        NodeId r = NodeId.random(random);
        pool.add(
            Peers.contact(
                new NodeId(
                    centre.w0() ^ (r.w0() & mask.w0()),
                    centre.w1() ^ (r.w1() & mask.w1()),
                    centre.w2() ^ (r.w2() & mask.w2()),
                    centre.w3() ^ (r.w3() & mask.w3()))));
      }
    }
    return pool;
  }
}
