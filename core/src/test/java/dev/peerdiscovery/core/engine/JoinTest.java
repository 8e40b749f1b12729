package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.IdRange;
import dev.peerdiscovery.core.id.LookupTable;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.record.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JoinTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @Test
  void joiningInTurn_asksWhatTheSeedsTableSays() {
    VirtualNetwork network = new VirtualNetwork(1);
    List<VirtualNetwork.Traffic> asked = new ArrayList<>();
    for (int n = 0; n < 33; n++) {
      int from = network.traffic.size();
      VirtualNetwork.Peer peer = joined(network, NodeId.of(n), VirtualNetwork.endpointOf(0));
      asked.addAll(network.traffic.subList(from, network.traffic.size()));
      network.run(Duration.ofSeconds(3));
      assertThat(peer.events(Event.JoinEnded.class)).hasSize(1);
    }
    asked.addAll(network.traffic);
    IdRange rows = IdRange.parse("0..16");
    IdRange columns = IdRange.parse("0..32");
    LookupTable recorded =
        LookupTable.of(
            rows,
            columns,
            (row, column) ->
                row.compareTo(column) <= 0
                    && asked.stream()
                        .anyMatch(
                            t ->
                                t.from().equals(column)
                                    && t.request() instanceof FindNodeRequest find
                                    && find.target().equals(row)));

    assertThat(recorded.differencesFrom(LookupTable.of(rows, columns))).isEmpty();
  }

  @Test
  void twoThatJoinAtTheSameMoment_knowEachOtherBeforeLong() {
    VirtualNetwork network = new VirtualNetwork(1);
    joined(network, NodeId.of(0), VirtualNetwork.endpointOf(0));
    VirtualNetwork.Peer eight =
        network.start(NodeId.of(8), EngineConfig.defaults(), VirtualNetwork.endpointOf(0));
    VirtualNetwork.Peer thirteen =
        network.start(NodeId.of(13), EngineConfig.defaults(), VirtualNetwork.endpointOf(0));

    network.run(Duration.ofSeconds(10));

    assertThat(eight.engine.closest(thirteen.id, 1).get(0).id()).isEqualTo(thirteen.id);
    assertThat(thirteen.engine.closest(eight.id, 1).get(0).id()).isEqualTo(eight.id);
  }

  @Test
  void aFirstCallThatIsLost_makesNobodyAlone() {
    VirtualNetwork network = new VirtualNetwork(1);
    joined(network, NodeId.of(0), VirtualNetwork.endpointOf(0));
    AtomicInteger calls = new AtomicInteger();
    network.passes = (from, to) -> calls.getAndIncrement() > 0;

    VirtualNetwork.Peer late = joined(network, NodeId.of(13), VirtualNetwork.endpointOf(0));

    assertThat(late.events(Event.JoinEnded.class)).containsExactly(new Event.JoinEnded(1));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void lookups_findExactlyTheClosest_afterJoiningThroughRandomPeers(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    VirtualNetwork network = new VirtualNetwork(seed);
    List<VirtualNetwork.Peer> peers = new ArrayList<>();
    for (int n = 0; n < 300; n++) {
      Endpoint via = VirtualNetwork.endpointOf(n == 0 ? 0 : random.nextInt(n));
      peers.add(joined(network, NodeId.random(random), via));
    }
    network.run(Duration.ofSeconds(5));
    int wrong = 0;
    for (int i = 0; i < 300; i++) {
      NodeId target = NodeId.random(random);
      VirtualNetwork.Peer peer = peers.get(random.nextInt(peers.size()));
      network.lookup(peer, target);
      network.runUntil("lookup", LIMIT, () -> peer.events.stream().anyMatch(e -> isEnd(e, target)));
      Event.LookupEnded ended =
          (Event.LookupEnded) peer.events.stream().filter(e -> isEnd(e, target)).findFirst().get();
      List<NodeId> truth =
          peers.stream()
              .map(p -> p.id)
              .filter(id -> !id.equals(peer.id))
              .sorted(target::compareDistances)
              .limit(20)
              .toList();
      wrong += ended.result().stream().map(c -> c.id()).toList().equals(truth) ? 0 : 1;
    }
    assertThat(wrong).isZero();
  }

  private static boolean isEnd(Event event, NodeId target) {
    return event instanceof Event.LookupEnded ended && ended.target().equals(target);
  }

  private static VirtualNetwork.Peer joined(VirtualNetwork network, NodeId id, Endpoint via) {
    VirtualNetwork.Peer peer = network.start(id, EngineConfig.defaults(), via);
    network.runUntil("join of " + id, LIMIT, () -> peer.saw(Event.JoinEnded.class));
    return peer;
  }
}
