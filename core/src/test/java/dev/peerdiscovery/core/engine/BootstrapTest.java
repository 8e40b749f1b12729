package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.record.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** When the seeds are asked; every pause is jittered by 20%. */
class BootstrapTest {
  private static final Percentage JITTER = Percentage.withPercentage(21);
  private static final EngineConfig SMALL = EngineConfig.defaults().toBuilder().k(3).build();

  private final VirtualNetwork network = new VirtualNetwork(1);
  private final List<Double> askedSeconds = new ArrayList<>();

  private void watch(NodeId asker) {
    network.observers.add(
        new VirtualNetwork.Observer() {
          @Override
          public void completed(VirtualNetwork.Peer from, Call call, Outcome outcome) {
            if (from.id.equals(asker) && call.request().wantedId().isEmpty()) {
              askedSeconds.add(network.nowNanos() / 1e9);
            }
          }
        });
  }

  private VirtualNetwork.Peer start(int id) {
    VirtualNetwork.Peer peer =
        network.startAt(
            NodeId.of(id), VirtualNetwork.endpointOf(id), SMALL, VirtualNetwork.endpointOf(0));
    network.run(Duration.ofSeconds(2));
    return peer;
  }

  private List<Double> pauses() {
    return IntStream.range(1, askedSeconds.size())
        .mapToObj(i -> askedSeconds.get(i) - askedSeconds.get(i - 1))
        .toList();
  }

  @Test
  void alone_asksAtPausesThatDoubleFromHalfASecondToThirty() {
    watch(NodeId.of(1));
    start(1);
    network.run(Duration.ofMinutes(5));

    double[] expected = {0.5, 1, 2, 4, 8, 16, 30, 30, 30};
    for (int i = 0; i < expected.length; i++) {
      assertThat(pauses().get(i)).isCloseTo(expected[i], JITTER);
    }
  }

  @Test
  void belowKContacts_asksEveryThirtySeconds() {
    start(0);
    watch(NodeId.of(1));
    start(1);
    network.run(Duration.ofMinutes(10));

    assertThat(pauses())
        .hasSizeGreaterThan(15)
        .allSatisfy(pause -> assertThat(pause).isCloseTo(30, JITTER));
  }

  @Test
  void withKContacts_asksEveryFiveMinutes() {
    IntStream.range(0, 6).forEach(this::start);
    watch(NodeId.of(6));
    start(6);
    network.run(Duration.ofHours(1));

    assertThat(pauses().subList(1, pauses().size()))
        .hasSizeGreaterThan(8)
        .allSatisfy(pause -> assertThat(pause).isCloseTo(300, JITTER));
  }

  @Test
  void havingLostEverybody_asksAtOnce() {
    VirtualNetwork.Peer seed = start(0);
    VirtualNetwork.Peer peer = start(1);
    network.run(Duration.ofMinutes(1));
    watch(NodeId.of(1));
    network.leave(seed);
    network.run(Duration.ofMillis(100));

    assertThat(peer.engine.contacts()).isEmpty();
    assertThat(askedSeconds).hasSize(1);
  }

  @Test
  void firstRound_asksSixteenSeedsAtMost_eachOnce() {
    Endpoint[] seeds =
        IntStream.range(0, 60)
            .mapToObj(i -> VirtualNetwork.endpointOf(100 + i / 2))
            .toArray(Endpoint[]::new);
    watch(NodeId.of(1));
    VirtualNetwork.Peer peer = network.start(NodeId.of(1), SMALL, seeds);
    network.run(Duration.ofMillis(100));

    assertThat(askedSeconds).hasSize(Bootstrap.MAX_PER_ROUND);
    assertThat(peer.engine.status().seeds()).hasSize(30);
    assertThat(peer.engine.status().state()).isEqualTo(EngineStatus.State.ALONE);
  }

  @Test
  void withoutSeeds_isAloneAtOnce() {
    VirtualNetwork.Peer peer = network.start(NodeId.of(1), SMALL);

    assertThat(peer.events(Event.JoinEnded.class)).containsExactly(new Event.JoinEnded(0));
    assertThat(peer.engine.nextWake()).isEqualTo(Part.NEVER);
  }

  @Test
  void islands_merge_throughTheSeedsOfOnePeer() {
    IntStream.range(0, 6).forEach(this::start);
    for (int id = 10; id < 16; id++) {
      Endpoint[] seeds = {VirtualNetwork.endpointOf(10), VirtualNetwork.endpointOf(0)};
      // Only peer 15 knows of the other island, which cannot be reached when it starts.
      Endpoint[] own = id == 15 ? seeds : new Endpoint[] {seeds[0]};
      network.passes = (from, to) -> isEastern(from) == isEastern(to);
      network.startAt(NodeId.of(id), VirtualNetwork.endpointOf(id), SMALL, own);
      network.run(Duration.ofSeconds(2));
    }
    network.passes = (from, to) -> true;
    network.run(Duration.ofMinutes(20));

    VirtualNetwork.Peer far = start(3);
    network.lookup(far, NodeId.of(12));
    network.run(Duration.ofSeconds(2));
    List<Event.LookupEnded> ended = far.events(Event.LookupEnded.class);
    assertThat(ended.get(ended.size() - 1).result().get(0).id()).isEqualTo(NodeId.of(12));
  }

  private static boolean isEastern(VirtualNetwork.Peer peer) {
    return peer.id.compareTo(NodeId.of(10)) >= 0;
  }
}
