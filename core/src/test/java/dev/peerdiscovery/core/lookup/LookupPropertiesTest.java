package dev.peerdiscovery.core.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.Peers;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.lookup.Lookup.Settings;
import dev.peerdiscovery.core.lookup.LookupNetwork.Manner;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Lookups in seeded random networks; {@link LookupNetwork} checks every step. */
class LookupPropertiesTest {
  private static final List<Manner> MANNERS = List.of(Manner.values());

  static LongStream seeds() {
    return LongStream.rangeClosed(201, 220);
  }

  /**
   * Anybody may know anybody, name itself, the asker or the same peer twice, and be late or dead.
   */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyStepKeepsToTheRules_inAnyNetwork(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 50; i++) {
      Settings settings =
          new Settings(1 + random.nextInt(8), 1 + random.nextInt(5), random.nextInt(4) > 0);
      // Not more than are kept at once and may be called twice, or the bounds would be tested too.
      List<NodeId> ids = draw(random, 1 + random.nextInt(8 * settings.k()));
      Map<NodeId, Manner> manners = new HashMap<>();
      ids.forEach(id -> manners.put(id, MANNERS.get(random.nextInt(MANNERS.size()))));
      Map<NodeId, List<NodeId>> named = new HashMap<>();
      for (NodeId id : ids) {
        named.put(id, some(ids, random.nextInt(2 * settings.k() + 1), random));
      }
      NodeId self = ids.get(random.nextInt(ids.size()));
      NodeId target = random.nextInt(3) == 0 ? self : NodeId.of(random.nextInt(1_024));
      LookupNetwork network = new LookupNetwork(random, manners, (from, sought) -> named.get(from));

      try {
        network.lookup(target, self, settings, some(ids, random.nextInt(6), random));
      } catch (AssertionError e) {
        throw new AssertionError("seed %d, network %d, %s".formatted(seed, i, settings), e);
      }
    }
  }

  /** Every peer knows all that live and names some of the dead, so the result must be exact. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void theResultIsExact_whereEverybodyKnowsTheWholeTruth(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 10; i++) {
      int k = 1 + random.nextInt(20);
      Settings settings = new Settings(k, 1 + random.nextInt(4), random.nextInt(4) > 0);
      List<NodeId> live = draw(random, 30 + random.nextInt(100));
      List<NodeId> dead = draw(random, 30);
      dead.removeAll(live);
      Map<NodeId, Manner> manners = new HashMap<>();
      live.forEach(id -> manners.put(id, Manner.PROMPT));
      dead.forEach(id -> manners.put(id, random.nextBoolean() ? Manner.SILENT : Manner.FAILING));
      NodeId self = live.remove(0);
      NodeId target = random.nextInt(3) == 0 ? self : NodeId.of(random.nextInt(1_024));
      LookupNetwork network =
          new LookupNetwork(
              random,
              manners,
              (from, sought) -> {
                List<NodeId> answer = new ArrayList<>(nearest(live, sought, k));
                answer.addAll(nearest(dead, sought, k / 2));
                Collections.shuffle(answer, random);
                return answer;
              });

      List<NodeId> result =
          network.lookup(target, self, settings, List.of(live.get(random.nextInt(live.size()))));

      assertThat(result)
          .as("seed %d, network %d, %s, target %s", seed, i, settings, target)
          .isEqualTo(nearest(live, target, k));
    }
  }

  /** Tables as nodes have them: k a bucket, whoever came first. */
  @ParameterizedTest(name = "seed {0}, k {1}, {2} peers")
  @CsvSource({
    "231, 20, 300",
    "232, 20, 300",
    "233, 8, 300",
    "234, 8, 300",
    "235, 4, 200",
    "236, 2, 200",
    "238, 2, 200",
    "239, 3, 300",
    "240, 1, 100",
    "237, 20, 33"
  })
  void theResultIsExact_withTablesLikeKademlias(long seed, int k, int peers) {
    Random random = new Random(seed);
    List<NodeId> ids = draw(random, peers);
    Map<NodeId, Manner> manners = new HashMap<>();
    ids.forEach(id -> manners.put(id, Manner.PROMPT));
    Map<NodeId, RoutingTable> tables = tables(ids, k, random);
    for (int i = 0; i < 100; i++) {
      NodeId self = ids.get(random.nextInt(ids.size()));
      NodeId target =
          switch (random.nextInt(3)) {
            case 0 -> self;
            case 1 -> ids.get(random.nextInt(ids.size()));
            default -> NodeId.random(random);
          };
      List<NodeId> others = new ArrayList<>(ids);
      others.remove(self);

      // A FindNode answers with the k nearest that are neither the responder nor the caller.
      LookupNetwork network =
          new LookupNetwork(
              random,
              manners,
              (from, sought) -> {
                List<NodeId> known = contactIds(tables.get(from).closest(sought, k + 1));
                return known.stream().filter(id -> !id.equals(self)).limit(k).toList();
              });

      assertThat(
              network.lookup(
                  target,
                  self,
                  new Settings(k, 3, true),
                  contactIds(tables.get(self).closest(target, k))))
          .as("seed %d, lookup %d: %s from %s", seed, i, target, self)
          .isEqualTo(nearest(others, target, k));
    }
  }

  /** The dead nearest of all cost soft timeouts, never the two seconds of their calls. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void silentPeers_doNotHoldItUp(long seed) {
    Random random = new Random(seed);
    List<NodeId> live = new ArrayList<>(Peers.ids(LongStream.range(64, 96).toArray()));
    List<NodeId> silent = Peers.ids(1, 2, 3, 70_000, 80_000);
    Map<NodeId, Manner> manners = new HashMap<>();
    live.forEach(id -> manners.put(id, Manner.PROMPT));
    silent.forEach(id -> manners.put(id, Manner.SILENT));
    List<NodeId> everybody = new ArrayList<>(live);
    everybody.addAll(silent);
    LookupNetwork network =
        new LookupNetwork(random, manners, (from, sought) -> nearest(everybody, sought, 20));

    List<NodeId> result =
        network.lookup(
            NodeId.ZERO, NodeId.of(500), new Settings(8, 3, true), some(live, 3, random));

    assertThat(result).isEqualTo(nearest(live, NodeId.ZERO, 8));
    assertThat(network.elapsed()).as("seed %d", seed).isLessThan(1_000);
  }

  /** Liars who name ever nearer peers, alive or dead, cost no more calls than the bound. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void theCallsAreBounded_whateverIsInvented(long seed) {
    Random random = new Random(seed);
    int k = 1 + random.nextInt(8);
    Settings settings = new Settings(k, 1 + random.nextInt(4), true);
    // The target is 0, so an id is its own distance.
    NodeId target = NodeId.ZERO;
    NodeId nearest = NodeId.powerOfTwo(200);
    Lookup lookup =
        new Lookup(
            target,
            Optional.of(target.complement()),
            settings,
            List.of(Peers.record(nearest)),
            id -> new Patience(random.nextInt(50), 50 + random.nextInt(100)));
    List<NodeId> underWay = new ArrayList<>();
    Map<NodeId, Integer> calls = new HashMap<>();
    List<NodeId> answered = new ArrayList<>();
    for (long now = 0; !lookup.isDone() || !underWay.isEmpty(); now++) {
      assertThat(now).as("seed %d ends", seed).isLessThan(100_000);
      lookup
          .next(now)
          .ifPresent(
              record -> {
                underWay.add(record.id());
                calls.merge(record.id(), 1, Integer::sum);
              });
      if (!underWay.isEmpty() && random.nextBoolean()) {
        NodeId id = underWay.remove(random.nextInt(underWay.size()));
        if (random.nextInt(3) == 0) {
          lookup.failed(id, random.nextBoolean());
        } else {
          List<NodeId> inventions = new ArrayList<>();
          for (int i = random.nextInt(2 * k); i >= 0; i--) {
            nearest = nearest.minus(NodeId.of(1 + random.nextInt(1_000)));
            inventions.add(nearest);
          }
          Collections.shuffle(inventions, random);
          lookup.answered(Peers.contact(id), inventions.stream().map(Peers::record).toList());
          answered.add(id);
        }
      }
    }

    assertThat(lookup.calls()).isLessThanOrEqualTo(16 * k);
    assertThat(calls.values()).as("seed %d: calls to one", seed).allMatch(count -> count <= 2);
    assertThat(answered).doesNotHaveDuplicates();
    assertThat(lookup.result().stream().map(Contact::id))
        .as("seed %d", seed)
        .isEqualTo(nearest(answered, target, k));
  }

  private static Map<NodeId, RoutingTable> tables(List<NodeId> ids, int k, Random random) {
    List<Contact> contacts = new ArrayList<>(ids.stream().map(Peers::contact).toList());
    Map<NodeId, RoutingTable> tables = new HashMap<>();
    for (NodeId id : ids) {
      RoutingTable table = new RoutingTable(id, k);
      Collections.shuffle(contacts, random);
      for (Contact contact : contacts) {
        if (!contact.id().equals(id)) {
          table.insert(contact, 0);
        }
      }
      tables.put(id, table);
    }
    return tables;
  }

  /** Half of them uniform, half of them small, none twice. */
  private static List<NodeId> draw(Random random, int count) {
    return new ArrayList<>(
        random
            .ints()
            .mapToObj(
                any -> any % 2 == 0 ? NodeId.random(random) : NodeId.of(random.nextInt(1_024)))
            .distinct()
            .limit(count)
            .toList());
  }

  /** With repetitions. */
  private static List<NodeId> some(List<NodeId> ids, int count, Random random) {
    return random.ints(count, 0, ids.size()).mapToObj(ids::get).toList();
  }

  private static List<NodeId> nearest(Collection<NodeId> ids, NodeId target, int count) {
    return ids.stream().sorted(Comparator.comparing(target::distanceTo)).limit(count).toList();
  }

  private static List<NodeId> contactIds(List<Contact> contacts) {
    return contacts.stream().map(Contact::id).toList();
  }
}
