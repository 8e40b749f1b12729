package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.simulation.Addresses;
import dev.peerdiscovery.core.simulation.EventLog;
import dev.peerdiscovery.core.simulation.Newcomer;
import dev.peerdiscovery.core.simulation.Observer;
import dev.peerdiscovery.core.simulation.Oracle;
import dev.peerdiscovery.core.simulation.Probes;
import dev.peerdiscovery.core.simulation.Reach;
import dev.peerdiscovery.core.simulation.Tally;
import dev.peerdiscovery.core.simulation.VirtualNetwork;
import dev.peerdiscovery.core.simulation.VirtualPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When the seeds are asked; every pause is jittered by 20%. */
class BootstrapTest {
  private static final Percentage JITTER = Percentage.withPercentage(21);
  private static final EngineConfig SMALL = EngineConfig.defaults().toBuilder().k(3).build();

  private final VirtualNetwork network = new VirtualNetwork(1);
  private final EventLog log = new EventLog();
  private final List<Double> askedSeconds = new ArrayList<>();

  @BeforeEach
  void watch() {
    network.observe(log);
  }

  private void watch(NodeId asker) {
    network.observe(
        new Observer() {
          @Override
          public void completed(VirtualPeer from, Call call, Outcome outcome) {
            if (from.id().equals(asker) && call.request().wantedId().isEmpty()) {
              askedSeconds.add(network.nowNanos() / 1e9);
            }
          }
        });
  }

  private VirtualPeer start(int id) {
    VirtualPeer peer =
        network.start(
            Newcomer.of(NodeId.of(id), Addresses.DENSE.of(id), SMALL, Addresses.DENSE.of(0)));
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
    VirtualPeer seed = start(0);
    VirtualPeer peer = start(1);
    network.run(Duration.ofMinutes(1));
    watch(NodeId.of(1));
    network.leave(seed);
    network.run(Duration.ofMillis(100));

    assertThat(peer.engine().contacts()).isEmpty();
    assertThat(askedSeconds).hasSize(1);
  }

  /** Whoever is behind the name answers there, and is held up when it should prove its id. */
  @Test
  void alone_callsWhomItDidNotReach_asSoonAsASeedNamesThemAgain() {
    VirtualPeer seed = start(0);
    Endpoint name = new Endpoint("peers", 7400);
    network.alias(name, seed);
    network.observe(
        new Observer() {
          private boolean answered;

          @Override
          public void completed(VirtualPeer from, Call call, Outcome outcome) {
            if (!answered && call.to().equals(name)) {
              answered = true;
              network.weather().reach((one, other) -> false);
              network.after(
                  Duration.ofSeconds(2), () -> network.weather().reach((one, other) -> true));
            }
          }
        });
    VirtualPeer peer = network.start(Newcomer.of(NodeId.of(1), Addresses.DENSE.of(1), SMALL, name));

    network.run(Duration.ofMillis(1500));
    assertThat(log.of(peer, Event.HintDropped.class))
        .containsExactly(new Event.HintDropped(seed.id(), Event.Drop.UNREACHABLE));
    network.run(Duration.ofSeconds(9));
    assertThat(peer.engine().contacts()).hasSize(1);
  }

  @Test
  void firstRound_asksSixteenSeedsAtMost_eachOnce() {
    Endpoint[] seeds =
        IntStream.range(0, 60)
            .mapToObj(i -> Addresses.DENSE.of(100 + i / 2))
            .toArray(Endpoint[]::new);
    watch(NodeId.of(1));
    VirtualPeer peer = network.start(NodeId.of(1), SMALL, seeds);
    network.run(Duration.ofMillis(100));

    assertThat(askedSeconds).hasSize(Bootstrap.MAX_PER_ROUND);
    assertThat(peer.engine().status().seeds()).hasSize(30);
    assertThat(peer.engine().status().state()).isEqualTo(EngineStatus.State.ALONE);
  }

  @Test
  void withoutSeeds_isAloneAtOnce() {
    VirtualPeer peer = network.start(NodeId.of(1), SMALL);

    assertThat(log.of(peer, Event.JoinEnded.class)).containsExactly(new Event.JoinEnded(0));
    assertThat(peer.engine().nextWake()).isEqualTo(Part.NEVER);
  }

  @Test
  void islands_merge_throughTheSeedsOfOnePeer() {
    IntStream.range(0, 6).forEach(this::start);
    for (int id = 10; id < 16; id++) {
      Endpoint[] seeds = {Addresses.DENSE.of(10), Addresses.DENSE.of(0)};
      // Only peer 15 knows of the other island, which cannot be reached when it starts.
      Endpoint[] own = id == 15 ? seeds : new Endpoint[] {seeds[0]};
      network.weather().reach((from, to) -> isEastern(from) == isEastern(to));
      network.start(Newcomer.of(NodeId.of(id), Addresses.DENSE.of(id), SMALL, own));
      network.run(Duration.ofSeconds(2));
    }
    network.weather().reach((from, to) -> true);
    network.run(Duration.ofMinutes(20));

    VirtualPeer far = start(3);
    network.lookup(far, NodeId.of(12));
    network.run(Duration.ofSeconds(2));
    List<Event.LookupEnded> ended = log.of(far, Event.LookupEnded.class);
    assertThat(ended.get(ended.size() - 1).result().get(0).id()).isEqualTo(NodeId.of(12));
  }

  /** Where buckets are full, whoever answers from the other island has no place in the table. */
  @Test
  void fullIslands_merge_thoughNobodyHasAPlaceForTheSeed() {
    Oracle oracle = new Oracle();
    network.observe(oracle);
    network.weather().reach(Reach.ISLANDS);
    SplittableRandom random = new SplittableRandom(1);
    List<VirtualPeer> peers = new ArrayList<>(network.grow(40, SMALL, random));
    Endpoint own = network.addressOf(40);
    for (int i = 0; i < 40; i++) {
      VirtualPeer peer = network.start(NodeId.random(random), SMALL, own, network.addressOf(0));
      peer.island(1);
      network.run(Duration.ofSeconds(5));
      peers.add(peer);
    }
    network.weather().reach(Reach.EVERYBODY);
    network.run(Duration.ofMinutes(20));

    Tally tally = Probes.ofAll(network, oracle).askAtRandom(peers, 200, random);
    assertThat(tally.exact()).as(tally.toString()).isEqualTo(200);
  }

  private static boolean isEastern(VirtualPeer peer) {
    return peer.id().compareTo(NodeId.of(10)) >= 0;
  }
}
