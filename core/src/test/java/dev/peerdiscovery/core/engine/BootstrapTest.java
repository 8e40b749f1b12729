package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.ToyKey;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
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
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
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

  @Tag("slow")
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
  @Tag("slow")
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

  private static final Endpoint SEED = new Endpoint("10.5.0.1", 7400);
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Rig rig = new Rig(SMALL);

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

  private static Endpoint[] seeds(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Endpoint("10.5.0." + i, 7400))
        .toArray(Endpoint[]::new);
  }

  private void end(Outcome outcome, long nowNanos) {
    rig.calls.drain().forEach(call -> rig.calls.completed(call.id(), outcome, nowNanos));
  }

  private static PingResponse answer(SignedPeerRecord responder) {
    return new PingResponse(responder, Bytes.EMPTY, Optional.empty());
  }

  private static String result(Bootstrap bootstrap) {
    return bootstrap.status().get(0).lastResult();
  }

  @Test
  void status_saysWhatBecameOfTheLastCall() {
    Bootstrap bootstrap = bootstrap(rig, SEED);
    assertThat(bootstrap.status()).containsExactly(new EngineStatus.Seed(SEED, "not asked yet"));
    assertThat(bootstrap.hasOthers()).isTrue();
    assertThat(bootstrap.nextWake()).isZero();
    bootstrap.advance(0);
    assertThat(bootstrap.nextWake()).as("a round is under way").isEqualTo(Part.NEVER);
    end(Rig.BUSY, 1);
    assertThat(result(bootstrap)).isEqualTo("refused: OVERLOADED: too much to do");
    bootstrap.advance(SECOND);
    end(Rig.TIMEOUT, SECOND);
    assertThat(result(bootstrap)).isEqualTo("TIMEOUT: no answer in time");
    bootstrap.advance(10 * SECOND);
    end(answer(Rig.record(NodeId.of(5))), 10 * SECOND);
    assertThat(result(bootstrap)).isEqualTo("answered as " + NodeId.of(5));
  }

  @Test
  void firstRound_asksTwiceWhereNothingCameBackInTime_laterOnesOnce() {
    Bootstrap bootstrap = bootstrap(rig, SEED);
    bootstrap.advance(0);
    assertThat(bootstrap.isFirstRoundOver()).isFalse();
    end(Rig.TIMEOUT, 1);
    assertThat(bootstrap.isFirstRoundOver()).as("it is asked once more").isFalse();
    end(Rig.TIMEOUT, 2);
    assertThat(rig.calls.drain()).isEmpty();
    assertThat(bootstrap.isFirstRoundOver()).isTrue();
    assertThat(bootstrap.nextWake()).isBetween(2 + SECOND * 4 / 10, 2 + SECOND * 6 / 10);
    bootstrap.advance(bootstrap.nextWake() - 1);
    assertThat(rig.calls.drain()).isEmpty();
    bootstrap.advance(bootstrap.nextWake());
    end(Rig.TIMEOUT, SECOND);
    assertThat(rig.calls.drain()).isEmpty();
  }

  @Test
  void aRefusalIsNotAskedAgain_andARoundEndsWithItsLastCall() {
    Bootstrap bootstrap = bootstrap(rig, seeds(2));
    bootstrap.advance(0);
    List<Call> calls = rig.calls.drain();
    assertThat(calls).hasSize(2);
    rig.calls.completed(calls.get(0).id(), Rig.BUSY, 1);
    assertThat(bootstrap.isFirstRoundOver()).isFalse();
    bootstrap.advance(600 * SECOND);
    assertThat(rig.calls.drain()).as("one round at a time").isEmpty();
    rig.calls.completed(calls.get(1).id(), Rig.BUSY, 600 * SECOND);
    assertThat(bootstrap.isFirstRoundOver()).isTrue();
    assertThat(rig.calls.drain()).isEmpty();
  }

  @Test
  void whereTheSeedIsTheNodeItself_thereAreNoOthers_andTheRoundIsOverAtOnce() {
    Bootstrap bootstrap = bootstrap(rig, Rig.ENDPOINT);
    bootstrap.advance(0);

    assertThat(rig.calls.drain()).isEmpty();
    assertThat(bootstrap.isFirstRoundOver()).isTrue();
    assertThat(bootstrap.hasOthers()).isFalse();
    assertThat(result(bootstrap)).isEqualTo("this node itself");
    assertThat(bootstrap.nextWake()).isNotEqualTo(Part.NEVER);
  }

  @Test
  void answersInTheNodesOwnName_areItself_orAnotherNodeWithItsId() {
    Bootstrap bootstrap = bootstrap(rig, SEED);
    bootstrap.advance(0);
    end(answer(Rig.record(Rig.ID, 1, Rig.ENDPOINT)), 1);
    assertThat(result(bootstrap)).isEqualTo("this node itself");
    assertThat(bootstrap.hasOthers()).isFalse();

    bootstrap.advance(10 * SECOND);
    end(answer(Rig.record(Rig.ID, 90, SEED)), 10 * SECOND);
    assertThat(result(bootstrap)).isEqualTo("another node with this node's id");
    assertThat(rig.self.sequence()).as("outbid").isEqualTo(91);
    assertThat(rig.hints.isIdle()).as("itself is no hint").isTrue();
  }

  @Test
  void anAnswerInTheNodesOwnName_thatItsKeyDidNotSign_isAClaim() {
    RecordVerifier verifier =
        RecordVerifier.signed("test", AddressPolicy.of(Scope.PRIVATE, false), ToyKey::verify);
    Rig signed = new Rig(SMALL, Network.of("test", IdentityMode.SIGNED, Scope.PRIVATE), verifier);
    Bootstrap bootstrap = bootstrap(signed, SEED);
    bootstrap.advance(0);
    signed
        .calls
        .drain()
        .forEach(c -> signed.calls.completed(c.id(), answer(Rig.record(Rig.ID, 90, SEED)), 1));

    assertThat(result(bootstrap)).isEqualTo("claims this node's id, without its key");
    assertThat(signed.self.sequence()).isLessThan(90);
  }

  @Test
  void aSeedThatProvesItself_isAContact_andOneThatDoesNot_isCalledAsAnyOther() {
    bootstrap(rig, SEED).advance(0);
    Call call = rig.calls.drain().get(0);
    Bytes nonce = ((PingRequest) call.request()).nonce();
    SignedPeerRecord here = Rig.record(NodeId.of(5), 1, SEED);
    rig.calls.completed(call.id(), new PingResponse(here, nonce, Optional.empty()), 1);
    assertThat(rig.table.contact(NodeId.of(5))).isPresent();
    assertThat(rig.hints.isIdle()).isTrue();

    bootstrap(rig, new Endpoint("a.name", 7400)).advance(0);
    end(answer(Rig.record(NodeId.of(6))), 1);
    assertThat(rig.table.contact(NodeId.of(6))).isEmpty();
    assertThat(rig.hints.isKnown(NodeId.of(6))).isTrue();
  }

  /** A seed that finds no place for itself waits for one, as any other peer. */
  @Test
  void aSeedThatProvesItself_whereItsBucketIsFull_waits_unlessItHasAPlace() {
    Rig tiny = new Rig(EngineConfig.defaults().toBuilder().k(1).build());
    tiny.earn(0, NodeId.of(4));
    for (NodeId id : List.of(NodeId.of(5), NodeId.of(4))) {
      bootstrap(tiny, Rig.endpointOf(id)).advance(0);
      Call call = tiny.calls.drain().get(0);
      Bytes nonce = ((PingRequest) call.request()).nonce();
      SignedPeerRecord newer = Rig.record(id, 2, Rig.endpointOf(id));
      tiny.calls.completed(call.id(), new PingResponse(newer, nonce, Optional.empty()), 1);
    }

    assertThat(tiny.table.waiting(NodeId.of(5))).isPresent();
    assertThat(tiny.table.contact(NodeId.of(4)).orElseThrow().record())
        .isEqualTo(Rig.record(NodeId.of(4), 2, Rig.endpointOf(NodeId.of(4))));
  }

  /** A refusal as much as an answer shows that the node's own network works. */
  @Test
  void whateverASeedSays_isASignOfLife_butNotWhatTheNodeSaysItself() {
    rig.earn(0, NodeId.of(1));
    for (Outcome outcome :
        List.of(
            answer(Rig.record(NodeId.of(5))),
            Rig.BUSY,
            Rig.TIMEOUT,
            answer(Rig.record(Rig.ID, 1, Rig.ENDPOINT)))) {
      rig.contacts.failed(Rig.contact(1), Rig.TIMEOUT, SECOND, 2 * SECOND);
      Bootstrap bootstrap = bootstrap(rig, SEED);
      bootstrap.advance(0);
      end(outcome, 3 * SECOND);
      end(outcome, 3 * SECOND);
      boolean isSign = result(bootstrap).contains("answered") || outcome == Rig.BUSY;
      assertThat(rig.contacts.nextWake() == Part.NEVER).as("%s", outcome).isEqualTo(isSign);
      rig.contacts.answered(Rig.contact(1), 1, 4 * SECOND);
    }
  }

  @Test
  void whatASeedSaysOfAddresses_isNoted() {
    rig.self.advertise(List.of(new Endpoint("127.0.0.1", 7400)));
    rig.self.observed(NodeId.of(9), new Endpoint("203.0.113.9", 1));
    bootstrap(rig, SEED).advance(0);
    Optional<Endpoint> seen = Optional.of(new Endpoint("203.0.113.9", 1));
    end(new PingResponse(Rig.record(NodeId.of(5)), Bytes.EMPTY, seen), 1);

    assertThat(rig.self.warnings())
        .anySatisfy(warning -> assertThat(warning).contains("loopback-address"))
        .anySatisfy(warning -> assertThat(warning).contains("unverified-address"));
  }

  @Test
  void withContacts_itAsksTwoSeedsARound_andLooksAroundFromThem() {
    rig.earn(0, NodeId.of(1), NodeId.of(2), NodeId.of(3));
    rig.refresh.joined(0);
    Bootstrap bootstrap = bootstrap(rig, seeds(5));
    bootstrap.advance(0);
    assertThat(rig.calls.underWay()).as("in the first round").isEqualTo(5);
    end(answer(Rig.record(NodeId.of(5))), 1);
    rig.refresh.advance(1);
    assertThat(rig.lookups.underWay()).as("the join follows").isZero();
    assertThat(bootstrap.nextWake()).isBetween(240 * SECOND, 361 * SECOND);
    long next = bootstrap.nextWake();
    bootstrap.advance(next);
    assertThat(rig.calls.underWay()).isEqualTo(2);
    end(answer(Rig.record(NodeId.of(5))), next);
    rig.refresh.advance(next);
    rig.lookups.advance(next);
    assertThat(rig.called()).as("from the seed").containsExactly(NodeId.of(5));
  }

  @Test
  void resumed_itsFirstRoundIsOver_andTheNextIsInItsTurn() {
    rig.earn(0, NodeId.of(1));
    Bootstrap bootstrap = bootstrap(rig, SEED);
    bootstrap.resume(0);

    assertThat(bootstrap.isFirstRoundOver()).isTrue();
    assertThat(bootstrap.nextWake()).isBetween(24 * SECOND, 36 * SECOND);
    bootstrap.advance(1);
    assertThat(rig.calls.drain()).isEmpty();
  }

  @Test
  void thePause_growsWhileThereIsNobody_andBeginsAnewAfterThat() {
    Bootstrap bootstrap = bootstrap(rig, SEED);
    for (int round = 0; round < 6; round++) {
      bootstrap.advance(bootstrap.nextWake());
      end(Rig.BUSY, 0);
    }
    assertThat(bootstrap.nextWake()).isBetween(12 * SECOND, 20 * SECOND);
    rig.earn(0, NodeId.of(1));
    bootstrap.advance(bootstrap.nextWake());
    end(Rig.BUSY, 0);
    assertThat(bootstrap.nextWake()).isBetween(24 * SECOND, 36 * SECOND);
    rig.contacts.left(Rig.record(NodeId.of(1), 2), 1);
    bootstrap.advance(2);
    assertThat(rig.calls.underWay()).as("at once, when the last is gone").isEqualTo(1);
    end(Rig.BUSY, 2);
    assertThat(bootstrap.nextWake()).isLessThan(SECOND);
  }
}
