package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Bytes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LeaveTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final VirtualNetwork network = new VirtualNetwork(1);

  private VirtualNetwork.Peer start(int id) {
    VirtualNetwork.Peer peer =
        network.start(NodeId.of(id), EngineConfig.defaults(), VirtualNetwork.endpointOf(0));
    network.run(SECOND);
    return peer;
  }

  @Test
  void left_withinASecond_evenWhenNobodyAnswers() {
    start(0);
    start(1);
    VirtualNetwork.Peer leaving = start(2);
    network.passes = (from, to) -> false;
    network.leave(leaving);
    assertThat(leaving.saw(Event.Left.class)).isFalse();

    network.run(SECOND);
    assertThat(leaving.saw(Event.Left.class)).isTrue();
  }

  @Test
  void left_atOnce_whenThereIsNobodyToTell() {
    VirtualNetwork.Peer alone = start(0);
    network.leave(alone);
    network.leave(alone);

    assertThat(alone.events(Event.Left.class)).hasSize(1);
    assertThat(alone.engine.nextWake()).isEqualTo(Part.NEVER);
  }

  @Test
  void leaving_answersNobody_callsNobody_andWantsNoWake() {
    start(0);
    start(1);
    VirtualNetwork.Peer leaving = start(2);
    network.leave(leaving);
    long calls = leaving.engine.status().calls();
    network.run(Duration.ofMinutes(10));

    assertThat(leaving.engine.status().calls()).isEqualTo(calls);
    assertThat(leaving.engine.status().state()).isEqualTo(EngineStatus.State.LEAVING);
    assertThat(leaving.engine.nextWake()).isEqualTo(Part.NEVER);
    assertThat(leaving.engine.lookup(NodeId.of(9), network.nowNanos())).isEmpty();
    assertThat(leaving.engine.isTableTrustworthy()).isFalse();
    PingRequest ping =
        new PingRequest(
            VirtualNetwork.NETWORK,
            Optional.empty(),
            Optional.empty(),
            leaving.endpoint,
            Bytes.EMPTY);
    assertThat(leaving.engine.responder().answer(ping, Optional.empty()))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> assertThat(refusal.reason()).isEqualTo(Refusal.Reason.NOT_SERVING));
  }

  @Test
  void leaving_endsTheLookupsUnderWay_withWhatTheyHave() {
    start(0);
    start(1);
    VirtualNetwork.Peer leaving = start(2);
    LookupId lookup = network.lookup(leaving, NodeId.of(1)).orElseThrow();
    network.leave(leaving);

    List<Event.LookupEnded> ended = leaving.events(Event.LookupEnded.class);
    assertThat(ended.get(ended.size() - 1).id()).isEqualTo(lookup);
  }
}
