package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CallsTest {
  private final Calls calls = new Calls();
  private final List<String> completions = new ArrayList<>();

  @Test
  void completed_tellsOnce_andIgnoresASecondTime() {
    make("a", 100);
    CallId id = calls.drain().get(0).id();

    calls.completed(id, Rig.BUSY, 130);
    calls.completed(id, Rig.TIMEOUT, 140);

    assertThat(completions).containsExactly("a " + Rig.BUSY + " after 30 at 130");
    assertThat(calls.underWay()).isZero();
  }

  @Test
  void completed_ofACallNeverMade_isIgnored() {
    make("a", 100);

    calls.completed(new CallId(77), Rig.BUSY, 130);

    assertThat(completions).isEmpty();
    assertThat(calls.underWay()).isEqualTo(1);
  }

  @Test
  void completed_mayMakeAnotherCall() {
    calls.make(
        Rig.ENDPOINT,
        request(),
        Duration.ofSeconds(1),
        0,
        (outcome, rtt, now) -> make("next", now));
    calls.completed(calls.drain().get(0).id(), Rig.BUSY, 10);

    assertThat(calls.underWay()).isEqualTo(1);
    assertThat(calls.drain()).hasSize(1);
  }

  @Test
  void drain_givesEachCallOnce_underAnIdOfItsOwn() {
    make("a", 1);
    make("b", 1);

    List<Call> drained = calls.drain();

    assertThat(drained.stream().map(Call::id).distinct()).hasSize(2);
    assertThat(calls.drain()).isEmpty();
    assertThat(calls.made()).isEqualTo(2);
    assertThat(calls.underWay()).isEqualTo(2);
  }

  private void make(String name, long nowNanos) {
    calls.make(
        Rig.ENDPOINT,
        request(),
        Duration.ofSeconds(1),
        nowNanos,
        (Outcome outcome, long rtt, long now) ->
            completions.add(name + " " + outcome + " after " + rtt + " at " + now));
  }

  private static Request request() {
    return new Rig().self.ping(Optional.of(NodeId.of(5)), Rig.ENDPOINT, Bytes.EMPTY);
  }
}
