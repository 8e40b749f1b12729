package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.simulation.Addresses;
import dev.peerdiscovery.core.simulation.EventLog;
import dev.peerdiscovery.core.simulation.Newcomer;
import dev.peerdiscovery.core.simulation.VirtualNetwork;
import dev.peerdiscovery.core.simulation.VirtualPeer;
import dev.peerdiscovery.core.simulation.Wire;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaveTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final VirtualNetwork network = new VirtualNetwork(1);
  private final EventLog log = new EventLog();

  @BeforeEach
  void watch() {
    network.observe(log);
  }

  private VirtualPeer start(int id) {
    VirtualPeer peer = network.start(NodeId.of(id), EngineConfig.defaults(), Addresses.DENSE.of(0));
    network.run(SECOND);
    return peer;
  }

  @Test
  void left_withinASecond_evenWhenNobodyAnswers() {
    start(0);
    start(1);
    VirtualPeer leaving = start(2);
    network.weather().reach((from, to) -> false);
    network.leave(leaving);
    assertThat(!log.of(leaving, Event.Left.class).isEmpty()).isFalse();

    network.run(SECOND);
    assertThat(!log.of(leaving, Event.Left.class).isEmpty()).isTrue();
  }

  @Test
  void left_atOnce_whenThereIsNobodyToTell() {
    VirtualPeer alone = start(0);
    network.leave(alone);
    network.leave(alone);

    assertThat(log.of(alone, Event.Left.class)).hasSize(1);
    assertThat(alone.engine().nextWake()).isEqualTo(Part.NEVER);
  }

  @Test
  void leaving_answersNobody_callsNobody_andWantsNoWake() {
    start(0);
    start(1);
    VirtualPeer leaving = start(2);
    network.leave(leaving);
    long calls = leaving.engine().status().calls();
    network.run(Duration.ofMinutes(10));

    assertThat(leaving.engine().status().calls()).isEqualTo(calls);
    assertThat(leaving.engine().status().state()).isEqualTo(EngineStatus.State.LEAVING);
    assertThat(leaving.engine().nextWake()).isEqualTo(Part.NEVER);
    assertThat(leaving.engine().lookup(NodeId.of(9), network.nowNanos())).isEmpty();
    assertThat(leaving.engine().isTableTrustworthy()).isFalse();
    PingRequest ping =
        new PingRequest(
            Newcomer.NETWORK, Optional.empty(), Optional.empty(), leaving.endpoint(), Bytes.EMPTY);
    assertThat(leaving.engine().responder().answer(ping, Optional.empty()))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> assertThat(refusal.reason()).isEqualTo(Refusal.Reason.NOT_SERVING));
  }

  @Test
  void leaving_endsTheLookupsUnderWay_withWhatTheyHave() {
    start(0);
    start(1);
    VirtualPeer leaving = start(2);
    LookupId lookup = network.lookup(leaving, NodeId.of(1)).orElseThrow();
    network.leave(leaving);

    List<Event.LookupEnded> ended = log.of(leaving, Event.LookupEnded.class);
    assertThat(ended.get(ended.size() - 1).id()).isEqualTo(lookup);
  }

  @Test
  void farewell_goesToTheNearestK_onceEach_andIsOverWhenAllHaveHeard() {
    Rig rig = new Rig(EngineConfig.defaults().toBuilder().k(2).build());
    rig.earn(0, NodeId.of(1), NodeId.of(2), NodeId.of(3));
    Leave leave = leave(rig);
    leave.advance(0);
    assertThat(leave.isBegun()).isFalse();
    assertThat(leave.nextWake()).isEqualTo(Part.NEVER);
    leave.begin(5);
    leave.begin(6);

    List<Call> calls = rig.calls.drain();
    assertThat(calls)
        .extracting(call -> call.request().wantedId().orElseThrow())
        .containsExactlyInAnyOrder(NodeId.of(1), NodeId.of(2));
    assertThat(calls)
        .allSatisfy(call -> assertThat(call.request().caller()).contains(rig.self.farewell()));
    assertThat(leave.isBegun()).isTrue();
    assertThat(leave.nextWake()).isEqualTo(5 + SECOND.toNanos());
    rig.calls.completed(calls.get(0).id(), Rig.TIMEOUT, 7);
    leave.advance(7);
    assertThat(rig.events.drain()).isEmpty();
    rig.calls.completed(calls.get(1).id(), Rig.answerOf(calls.get(1)), 8);
    leave.advance(8);
    leave.advance(9);
    assertThat(rig.events.drain()).containsExactly(new Event.Left());
    assertThat(leave.nextWake()).isEqualTo(Part.NEVER);
  }

  private static Leave leave(Rig rig) {
    rig.events.drain();
    return new Leave(rig.config, rig.self, rig.table, rig.calls, rig.events);
  }

  @Test
  void others_areWaitedFor_untilTheDeadline() {
    Rig rig = new Rig();
    Leave leave = leave(rig);
    leave.awaits(() -> 1);
    leave.begin(0);
    leave.advance(SECOND.toNanos() - 1);
    assertThat(rig.events.drain()).isEmpty();
    leave.advance(SECOND.toNanos());
    assertThat(rig.events.drain()).containsExactly(new Event.Left());
  }

  @Test
  void withoutARecord_thereIsNothingToTakeBack() {
    Rig rig = new Rig();
    rig.earn(0, NodeId.of(1));
    Events events = new Events();
    Self unknown = new Self(Rig.ID, Newcomer.NETWORK, Wire.signer(Optional.empty()), 1, events);
    Leave leave = new Leave(rig.config, unknown, rig.table, rig.calls, events);
    leave.begin(0);
    leave.advance(0);

    assertThat(rig.calls.drain()).isEmpty();
    assertThat(events.drain()).containsExactly(new Event.Left());
  }
}
