package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.IdRange;
import dev.peerdiscovery.core.id.LookupTable;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.simulation.Addresses;
import dev.peerdiscovery.core.simulation.EventLog;
import dev.peerdiscovery.core.simulation.Observer;
import dev.peerdiscovery.core.simulation.Oracle;
import dev.peerdiscovery.core.simulation.Probes;
import dev.peerdiscovery.core.simulation.Tally;
import dev.peerdiscovery.core.simulation.VirtualNetwork;
import dev.peerdiscovery.core.simulation.VirtualPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JoinTest {
  private record Asked(NodeId by, NodeId target) {}

  @Test
  void joiningInTurn_asksWhatTheSeedsTableSays() {
    VirtualNetwork network = new VirtualNetwork(1);
    EventLog log = new EventLog();
    network.observe(log);
    List<Asked> asked = new ArrayList<>();
    network.observe(
        new Observer() {
          @Override
          public void answered(VirtualPeer from, VirtualPeer to, Request request, Outcome answer) {
            if (request instanceof FindNodeRequest find) {
              asked.add(new Asked(from.id(), find.target()));
            }
          }
        });
    for (int n = 0; n < 33; n++) {
      VirtualPeer peer = joined(network, NodeId.of(n), Addresses.DENSE.of(0));
      network.run(Duration.ofSeconds(3));
      assertThat(log.of(peer, Event.JoinEnded.class)).hasSize(1);
    }
    IdRange rows = IdRange.parse("0..16");
    IdRange columns = IdRange.parse("0..32");
    LookupTable recorded =
        LookupTable.of(
            rows,
            columns,
            (row, column) -> row.compareTo(column) <= 0 && asked.contains(new Asked(column, row)));

    assertThat(recorded.differencesFrom(LookupTable.of(rows, columns))).isEmpty();
  }

  @Test
  void twoThatJoinAtTheSameMoment_knowEachOtherBeforeLong() {
    VirtualNetwork network = new VirtualNetwork(1);
    joined(network, NodeId.of(0), Addresses.DENSE.of(0));
    VirtualPeer eight = network.start(NodeId.of(8), EngineConfig.defaults(), Addresses.DENSE.of(0));
    VirtualPeer thirteen =
        network.start(NodeId.of(13), EngineConfig.defaults(), Addresses.DENSE.of(0));

    network.run(Duration.ofSeconds(10));

    assertThat(eight.engine().closest(thirteen.id(), 1).get(0).id()).isEqualTo(thirteen.id());
    assertThat(thirteen.engine().closest(eight.id(), 1).get(0).id()).isEqualTo(eight.id());
  }

  @Test
  void aFirstCallThatIsLost_makesNobodyAlone() {
    VirtualNetwork network = new VirtualNetwork(1);
    joined(network, NodeId.of(0), Addresses.DENSE.of(0));
    EventLog log = new EventLog();
    network.observe(log);
    AtomicInteger calls = new AtomicInteger();
    network.weather().reach((from, to) -> calls.getAndIncrement() > 0);

    VirtualPeer late = joined(network, NodeId.of(13), Addresses.DENSE.of(0));

    assertThat(log.of(late, Event.JoinEnded.class)).containsExactly(new Event.JoinEnded(1));
  }

  @Tag("slow")
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void lookups_findExactlyTheClosest_afterJoiningThroughRandomPeers(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    VirtualNetwork network = new VirtualNetwork(seed);
    Oracle oracle = new Oracle();
    network.observe(oracle);
    List<VirtualPeer> peers = network.grow(300, EngineConfig.defaults(), random);
    network.run(Duration.ofSeconds(5));
    Tally tally = Probes.ofAll(network, oracle).askAtRandom(peers, 300, random);
    assertThat(tally.exact()).as("seed " + seed + ": " + tally).isEqualTo(300);
  }

  private static VirtualPeer joined(VirtualNetwork network, NodeId id, Endpoint via) {
    return network.join(id, EngineConfig.defaults(), via);
  }

  private static Bootstrap bootstrap(Rig rig, Endpoint... seeds) {
    return new Bootstrap(
        rig.config,
        rig.self,
        rig.contacts,
        rig.hints,
        rig.prover,
        rig.refresh,
        rig.calls,
        rig.random,
        List.of(seeds),
        0);
  }

  private static Join join(Rig rig, Bootstrap bootstrap) {
    rig.events.drain();
    return new Join(rig.self, bootstrap, rig.hints, rig.lookups, rig.table, rig.events);
  }

  /** Plays a network in which all are there and know nobody, until nothing is left to do. */
  private static void run(Rig rig, Join join, long nowNanos) {
    for (int i = 0; i < 1_000 && join.isUnderWay(); i++) {
      rig.lookups.advance(nowNanos);
      rig.hints.advance(nowNanos);
      rig.calls.drain().forEach(c -> rig.calls.completed(c.id(), Rig.answerOf(c), nowNanos));
      join.advance(nowNanos);
    }
  }

  @Test
  void withoutAnybody_isAlone_onceTheSeedsAreAskedAndNobodyIsWaitedFor() {
    Rig rig = new Rig();
    Bootstrap bootstrap = bootstrap(rig);
    Join join = join(rig, bootstrap);
    join.advance(0);
    assertThat(join.isReady()).as("the seeds are not asked yet").isFalse();
    bootstrap.advance(0);
    rig.hints.offer(Rig.record(NodeId.of(1)), 0);
    join.advance(0);
    assertThat(join.isReady()).as("one is still to be called").isFalse();
    rig.hints.advance(0);
    rig.calls.drain().forEach(call -> rig.calls.completed(call.id(), Rig.TIMEOUT, 0));
    rig.events.drain();
    join.advance(0);
    join.advance(1);

    assertThat(rig.events.drain()).containsExactly(new Event.JoinEnded(0));
    assertThat(join.isReady()).isTrue();
    assertThat(join.isDone()).isFalse();
    assertThat(join.isUnderWay()).isFalse();
    assertThat(join.nextWake()).isEqualTo(Part.NEVER);
  }

  @Test
  void withTheFirstContact_itJoins_andWhenTheLastIsGone_itIsAloneAgain() {
    Rig rig = new Rig();
    Bootstrap bootstrap = bootstrap(rig);
    bootstrap.advance(0);
    Join join = join(rig, bootstrap);
    rig.earn(0, NodeId.of(5));
    rig.events.drain();
    join.advance(0);
    assertThat(rig.events.drain()).contains(new Event.JoinStarted());
    assertThat(join.isUnderWay()).isTrue();
    assertThat(join.isReady()).isFalse();
    assertThat(join.nextWake()).as("a lookup is under way").isEqualTo(Part.NEVER);
    run(rig, join, 1);

    assertThat(join.isDone()).isTrue();
    assertThat(join.isReady()).isTrue();
    assertThat(rig.events.drain()).contains(new Event.JoinEnded(1));
    join.advance(2);
    assertThat(join.isDone()).isTrue();
    rig.contacts.left(Rig.record(NodeId.of(5), 2), 3);
    rig.events.drain();
    join.advance(3);
    assertThat(join.isDone()).isFalse();
    assertThat(rig.events.drain()).containsExactly(new Event.JoinEnded(0));
  }

  @Test
  void aStep_waitsTwoSecondsForHintsThatDoNotAnswer_andThenGoesOn() {
    Rig rig = new Rig();
    Join join = join(rig, bootstrap(rig));
    rig.earn(0, NodeId.of(5));
    join.advance(0);
    rig.lookups.advance(0);
    rig.hints.offer(Rig.record(NodeId.of(9)), 0);
    rig.hints.advance(0);
    for (Call call : rig.calls.drain()) {
      if (call.request() instanceof FindNodeRequest) {
        rig.calls.completed(call.id(), Rig.answerOf(call), 7);
      }
    }
    rig.lookups.advance(7);
    long end = 7 + Duration.ofSeconds(2).toNanos();
    assertThat(join.nextWake()).isEqualTo(end);
    join.advance(end - 1);
    assertThat(rig.lookups.underWay()).isZero();
    join.advance(end);
    assertThat(rig.lookups.underWay()).isEqualTo(1);
  }

  @Test
  void resumed_isAsIfJoined() {
    Rig rig = new Rig();
    rig.earn(0, NodeId.of(5));
    Join join = join(rig, bootstrap(rig));
    join.resume();
    join.advance(0);

    assertThat(join.isDone()).isTrue();
    assertThat(join.isReady()).isTrue();
    assertThat(rig.lookups.underWay()).isZero();
  }

  /** No lookup for what is nearer than the nearest, nor above the highest bucket with anybody. */
  @Test
  void ofTheTargets_thoseWithoutAnybodyAreSkipped() {
    Rig rig = new Rig();
    Join join = join(rig, bootstrap(rig));
    rig.earn(0, NodeId.of(4));
    join.advance(0);
    run(rig, join, 1);

    List<NodeId> targets =
        rig.events.drain().stream()
            .filter(Event.LookupStarted.class::isInstance)
            .map(event -> ((Event.LookupStarted) event).target())
            .toList();
    assertThat(targets).containsExactly(Rig.ID, Rig.ID.complement(), NodeId.of(4));
  }
}
