package dev.peerdiscovery.core.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.Peers;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.lookup.Lookup.Settings;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths are held against a plain model: who was dealt to each, and whom its own peers named. */
class DisjointLookupTest {
  private static final NodeId SELF = NodeId.ZERO.complement();
  private static final Patience PATIENCE = new Patience(1_000_000, 1_000_000);

  static LongStream seeds() {
    return LongStream.rangeClosed(301, 320);
  }

  /** A network in which anybody may name anybody, and some do not answer. */
  private static final class Net {
    final Random random;
    final List<NodeId> ids = new ArrayList<>();
    final Map<NodeId, List<NodeId>> named = new HashMap<>();
    final Set<NodeId> dead = new HashSet<>();
    final NodeId target;

    Net(long seed) {
      random = new Random(seed);
      for (int i = 0; i < 20 + random.nextInt(100); i++) {
        ids.add(NodeId.random(random));
      }
      target = NodeId.random(random);
      for (NodeId id : ids) {
        named.put(id, some(random.nextInt(8)));
        if (random.nextInt(5) == 0) {
          dead.add(id);
        }
      }
    }

    List<NodeId> some(int count) {
      return random.ints(count, 0, ids.size()).mapToObj(ids::get).toList();
    }
  }

  private static List<SignedPeerRecord> records(Collection<NodeId> ids) {
    return ids.stream().map(Peers::record).toList();
  }

  private static List<NodeId> nearest(Collection<NodeId> ids, NodeId target, int count) {
    return ids.stream()
        .distinct()
        .sorted(Comparator.comparing(target::distanceTo))
        .limit(count)
        .toList();
  }

  private static List<NodeId> ids(List<Contact> contacts) {
    return contacts.stream().map(Contact::id).toList();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void eachPath_goesByWhatItsOwnPeersNamed_andSharesNoneOfThem(long seed) {
    for (int round = 0; round < 20; round++) {
      String of = "seed %d, round %d".formatted(seed, round);
      Net net = new Net(31 * seed + round);
      int k = 1 + net.random.nextInt(8);
      int d = 1 + net.random.nextInt(6);
      List<NodeId> start = nearest(net.some(k), net.target, k);
      Settings settings = new Settings(k, 1 + net.random.nextInt(4), net.random.nextBoolean());
      List<SignedPeerRecord> inAnyOrder = new ArrayList<>(records(start));
      Collections.shuffle(inAnyOrder, net.random);
      DisjointLookup lookup =
          new DisjointLookup(
              net.target, Optional.of(SELF), settings, d, inAnyOrder, id -> PATIENCE);
      List<Set<NodeId>> heardOf = new ArrayList<>();
      for (int p = 0; p < d; p++) {
        heardOf.add(new HashSet<>());
      }
      for (int i = 0; i < start.size(); i++) {
        heardOf.get(i % d).add(start.get(i));
      }
      List<NodeId> asked = new ArrayList<>();
      List<NodeId> underWay = new ArrayList<>();
      Set<NodeId> answered = new HashSet<>();
      while (!lookup.isDone()) {
        lookup
            .next(0)
            .ifPresent(
                record -> {
                  NodeId id = record.id();
                  assertThat(heardOf.get(lookup.pathOf(id))).as(of).contains(id);
                  asked.add(id);
                  underWay.add(id);
                });
        if (!underWay.isEmpty() && net.random.nextBoolean()) {
          NodeId id = underWay.remove(net.random.nextInt(underWay.size()));
          if (net.dead.contains(id)) {
            lookup.failed(id, false);
          } else {
            heardOf.get(lookup.pathOf(id)).addAll(net.named.get(id));
            lookup.answered(Peers.contact(id), records(net.named.get(id)));
            answered.add(id);
          }
        }
      }

      assertThat(asked).as(of + ": nobody is asked twice").doesNotHaveDuplicates();
      assertThat(lookup.calls()).isEqualTo(asked.size());
      for (Set<NodeId> path : heardOf) {
        List<NodeId> alive = path.stream().filter(id -> !net.dead.contains(id)).toList();
        assertThat(answered)
            .as(of + ": the k nearest of each path have answered, whoever asked them")
            .containsAll(nearest(alive, net.target, k));
      }
      assertThat(ids(lookup.result())).as(of).isEqualTo(nearest(answered, net.target, k));
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void onePath_isThePlainLookup_callByCall(long seed) {
    Net net = new Net(seed);
    Settings settings = new Settings(1 + net.random.nextInt(8), 3, true);
    List<SignedPeerRecord> start = records(net.some(6));
    Patience hasty = new Patience(5, 20);
    Lookup plain = new Lookup(net.target, Optional.of(SELF), settings, start, id -> hasty);
    DisjointLookup one =
        new DisjointLookup(net.target, Optional.of(SELF), settings, 1, start, id -> hasty);
    List<NodeId> underWay = new ArrayList<>();
    for (long now = 0; !plain.isDone(); now++) {
      Optional<SignedPeerRecord> next = plain.next(now);
      assertThat(one.next(now)).as("seed %d at %d", seed, now).isEqualTo(next);
      next.ifPresent(record -> underWay.add(record.id()));
      if (!underWay.isEmpty() && net.random.nextInt(3) == 0) {
        NodeId id = underWay.remove(net.random.nextInt(underWay.size()));
        assertThat(one.awaits(id)).isEqualTo(plain.awaits(id));
        if (net.dead.contains(id)) {
          boolean lost = net.random.nextBoolean();
          plain.failed(id, lost);
          one.failed(id, lost);
        } else {
          List<SignedPeerRecord> named = records(net.named.get(id));
          assertThat(one.answered(Peers.contact(id), named))
              .isEqualTo(plain.answered(Peers.contact(id), named));
          assertThat(one.hop(id)).isEqualTo(plain.hop(id));
        }
      }
      assertThat(one.isDone()).isEqualTo(plain.isDone());
      assertThat(one.nextWake()).isEqualTo(plain.nextWake());
    }
    assertThat(one.result()).isEqualTo(plain.result());
    assertThat(one.calls()).isEqualTo(plain.calls());
  }

  /** The liar is the nearest that is known, and has accomplices around the target. */
  @Test
  void aLiar_leadsOnePathAstray_andTheOthersFindTheNearest() {
    assertThat(found(1)).doesNotContain(NodeId.of(7));
    assertThat(found(2)).contains(NodeId.of(7));
  }

  private static List<NodeId> found(int paths) {
    NodeId liar = NodeId.powerOfTwo(200);
    NodeId honest = NodeId.powerOfTwo(201);
    List<NodeId> accomplices = Peers.ids(1, 2, 3, 4);
    DisjointLookup lookup =
        new DisjointLookup(
            NodeId.ZERO,
            Optional.of(SELF),
            new Settings(4, 1, true),
            paths,
            records(List.of(honest, liar)),
            id -> PATIENCE);
    while (!lookup.isDone()) {
      NodeId id = lookup.next(0).orElseThrow().id();
      List<NodeId> named =
          id.equals(honest) ? Peers.ids(7) : id.equals(NodeId.of(7)) ? List.of() : accomplices;
      lookup.answered(Peers.contact(id), records(named));
    }
    List<NodeId> asked = new ArrayList<>(accomplices);
    asked.add(NodeId.of(7));
    asked.removeIf(id -> lookup.pathOf(id) < 0);
    return asked;
  }

  @Test
  void stopPathOf_endsThatPath_andNoOther() {
    List<NodeId> start = Peers.ids(8, 9, 10, 11);
    DisjointLookup lookup =
        new DisjointLookup(
            NodeId.ZERO,
            Optional.of(SELF),
            new Settings(4, 1, false),
            2,
            records(start),
            id -> PATIENCE);
    assertThat(lookup.next(0).orElseThrow().id()).isEqualTo(NodeId.of(8));
    assertThat(lookup.next(0).orElseThrow().id()).isEqualTo(NodeId.of(9));

    lookup.stopPathOf(NodeId.of(8));
    lookup.stopPathOf(NodeId.of(77));
    lookup.failed(NodeId.of(8), false);

    assertThat(lookup.next(0)).isEmpty();
    lookup.answered(Peers.contact(NodeId.of(9)), List.of());
    assertThat(lookup.next(0).orElseThrow().id()).isEqualTo(NodeId.of(11));
    lookup.answered(Peers.contact(NodeId.of(11)), List.of());
    assertThat(lookup.isDone()).isTrue();
    assertThat(ids(lookup.result())).isEqualTo(Peers.ids(9, 11));
  }

  @Test
  void stop_endsAllPaths_andAnswersUnderWayStillCount() {
    DisjointLookup lookup =
        new DisjointLookup(
            NodeId.ZERO,
            Optional.of(SELF),
            new Settings(4, 1, false),
            2,
            records(Peers.ids(8, 9, 10, 11)),
            id -> PATIENCE);
    lookup.next(0);
    lookup.next(0);

    lookup.stop();
    lookup.answered(Peers.contact(NodeId.of(9)), List.of());

    assertThat(lookup.next(0)).isEmpty();
    assertThat(lookup.isDone()).isTrue();
    assertThat(ids(lookup.result())).isEqualTo(Peers.ids(9));
  }

  /** Two paths come upon the same peer while its call is under way, and lost at first. */
  @Test
  void aCallThatIsLost_isMadeOnceMore_byItsOwnPathAlone() {
    DisjointLookup lookup =
        new DisjointLookup(
            NodeId.ZERO,
            Optional.of(SELF),
            new Settings(2, 2, false),
            2,
            records(Peers.ids(8, 9)),
            id -> PATIENCE);
    lookup.next(0);
    lookup.next(0);
    lookup.answered(Peers.contact(NodeId.of(8)), records(Peers.ids(1)));
    lookup.answered(Peers.contact(NodeId.of(9)), records(Peers.ids(1)));
    assertThat(lookup.next(0).orElseThrow().id()).isEqualTo(NodeId.of(1));
    assertThat(lookup.next(0)).as("the other path waits").isEmpty();

    lookup.failed(NodeId.of(1), true);
    assertThat(lookup.next(0).orElseThrow().id()).isEqualTo(NodeId.of(1));
    assertThat(lookup.next(0)).isEmpty();
    assertThat(lookup.isDone()).isFalse();
    lookup.answered(Peers.contact(NodeId.of(1)), List.of());

    assertThat(lookup.isDone()).isTrue();
    assertThat(lookup.calls()).isEqualTo(4);
    assertThat(ids(lookup.result())).isEqualTo(Peers.ids(1, 8));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 17})
  void paths_areBounded(int paths) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new DisjointLookup(
                    NodeId.ZERO,
                    Optional.empty(),
                    new Settings(4, 1, true),
                    paths,
                    List.of(),
                    id -> PATIENCE))
        .withMessageContaining("paths: must be 1 to 16");
  }

  /** Whoever forges a record of a peer does not take the peer from the paths that know better. */
  @Test
  void aForgedRecord_isNoReasonForOtherPaths() {
    NodeId wanted = NodeId.of(10);
    SignedPeerRecord forged = Peers.record(wanted, -1);
    SignedPeerRecord genuine = Peers.record(wanted, 1);
    DisjointLookup lookup =
        new DisjointLookup(
            NodeId.ZERO,
            Optional.of(SELF),
            new Settings(3, 2, true),
            2,
            List.of(Peers.record(NodeId.of(100)), Peers.record(NodeId.of(200))),
            id -> PATIENCE);
    lookup.next(0);
    lookup.next(0);
    lookup.answered(Peers.contact(NodeId.of(100)), List.of(forged));
    assertThat(lookup.next(0)).contains(forged);
    lookup.refused(wanted);

    lookup.answered(Peers.contact(NodeId.of(200)), List.of(genuine));

    assertThat(lookup.next(0)).contains(genuine);
    lookup.answered(Peers.contact(wanted), List.of());
    assertThat(lookup.result()).extracting(Contact::id).contains(wanted);
    assertThat(lookup.calls()).isEqualTo(3);
  }
}
