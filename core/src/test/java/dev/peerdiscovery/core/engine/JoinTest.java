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
}
