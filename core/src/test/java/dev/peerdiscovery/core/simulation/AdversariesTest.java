package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One of twelve peers misbehaves; the others find each other all the same. */
class AdversariesTest {
  private static final EngineConfig CONFIG = EngineConfig.defaults().toBuilder().k(8).build();

  private interface Sign {
    boolean of(Request request, Outcome answer);
  }

  static Stream<Arguments> behaviours() {
    List<SignedPeerRecord> past =
        List.of(
            Wire.sign(new PeerRecord(NodeId.of(77), List.of(Addresses.DENSE.of(77)), 1, "test")));
    return Stream.of(
        Arguments.of("silent", Adversaries.SILENT, sign((q, a) -> isFailure(a, "TIMEOUT"))),
        Arguments.of("refusing", Adversaries.REFUSING, sign((q, a) -> a instanceof Refusal)),
        Arguments.of("nobody", Adversaries.NAMING_NOBODY, sign((q, a) -> names(a, 0))),
        Arguments.of(
            "oversize", Adversaries.OVERSIZE, sign((q, a) -> isFailure(a, "INVALID_ANSWER"))),
        Arguments.of("invented", Adversaries.namingInvented(), sign((q, a) -> names(a, 8))),
        Arguments.of("dead", Adversaries.namingThese(past), sign((q, a) -> names(a, 1))),
        Arguments.of("itself", Adversaries.namingTheCallerAndItself(), sign((q, a) -> names(a, 4))),
        Arguments.of("wrong id", Adversaries.WRONG_ID, sign(AdversariesTest::isOtherId)));
  }

  private static Sign sign(Sign sign) {
    return sign;
  }

  private static boolean isFailure(Outcome answer, String kind) {
    return answer instanceof Failure failure && failure.kind().name().equals(kind);
  }

  private static boolean names(Outcome answer, int peers) {
    return answer instanceof FindNodeResponse found && found.peers().size() == peers;
  }

  private static boolean isOtherId(Request request, Outcome answer) {
    return answer instanceof PingResponse ping
        && request.wantedId().isPresent()
        && !ping.responder().id().equals(request.wantedId().get());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("behaviours")
  void oneMisbehaves_itIsSeen_andTheOthersFindEachOther(
      String name, Behaviour behaviour, Sign sign) {
    VirtualNetwork network = new VirtualNetwork(1);
    Invariants invariants = new Invariants(network, name);
    Oracle oracle = new Oracle();
    network.observe(invariants);
    network.observe(oracle);
    List<VirtualPeer> peers = network.grow(12, CONFIG, new SplittableRandom(2));
    network.run(Duration.ofSeconds(20));
    VirtualPeer bad = peers.get(11);
    bad.behave(behaviour);
    int[] signs = new int[1];
    network.observe(
        new Observer() {
          @Override
          public void answered(VirtualPeer from, VirtualPeer to, Request request, Outcome answer) {
            signs[0] += to == bad && sign.of(request, answer) ? 1 : 0;
          }
        });
    network.run(Duration.ofMinutes(2));
    Tally tally =
        Probes.ofAll(network, oracle)
            .askAtRandom(peers.subList(0, 11), 50, new SplittableRandom(3));

    assertThat(signs[0]).isPositive();
    assertThat(tally.found()).as(tally.toString()).isEqualTo(1);
    assertThat(tally.recall()).as(tally.toString()).isGreaterThan(0.99);
  }

  @Test
  void accomplices_nameNobodyElse() {
    VirtualNetwork network = new VirtualNetwork(1);
    List<VirtualPeer> peers = network.grow(30, CONFIG, new SplittableRandom(2));
    List<VirtualPeer> bad = new ArrayList<>(peers.subList(0, 6));
    bad.forEach(peer -> peer.behave(Adversaries.namingOnly(bad)));
    List<NodeId> named = new ArrayList<>();
    network.observe(
        new Observer() {
          @Override
          public void answered(VirtualPeer from, VirtualPeer to, Request request, Outcome answer) {
            if (bad.contains(to) && answer instanceof FindNodeResponse found) {
              found.peers().forEach(peer -> named.add(peer.id()));
            }
          }
        });
    EventLog log = new EventLog();
    network.observe(log);
    network.lookup(peers.get(20), bad.get(0).id());
    network.run(Duration.ofSeconds(5));

    assertThat(log.of(peers.get(20), Event.LookupEnded.class)).hasSize(1);
    assertThat(named).isNotEmpty();
    assertThat(bad.stream().map(VirtualPeer::id)).containsAll(named);
  }
}
