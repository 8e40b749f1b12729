package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.ProvidersUpdate;
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

  @Test
  void updates_reachTheirStream_untilItIsCompleted_andNoOther() {
    List<ProvidersUpdate> updates = new ArrayList<>();
    ProvidersUpdate update = new ProvidersUpdate(List.of(), true);
    CallId stream =
        calls.makeStream(
            Rig.ENDPOINT,
            request(),
            Duration.ofSeconds(1),
            0,
            (got, now) -> updates.add(got),
            (outcome, rtt, now) -> completions.add("over"));
    make("a", 1);
    CallId plain = calls.drain().get(1).id();

    calls.updated(plain, update, 2);
    calls.updated(new CallId(99), update, 2);
    assertThat(updates).isEmpty();
    calls.updated(stream, update, 3);
    assertThat(updates).containsExactly(update);
    calls.completed(stream, Rig.BUSY, 4);
    calls.updated(stream, update, 5);
    assertThat(updates).hasSize(1);
    assertThat(completions).containsExactly("over");
  }

  @Test
  void cancelled_isSaidOnce_ofCallsThatAreUnderWay_andStillOwedACompletion() {
    make("a", 1);
    make("b", 1);
    List<Call> made = calls.drain();
    CallId a = made.get(0).id();
    CallId b = made.get(1).id();
    assertThat(calls.drainCancelled()).isEmpty();

    calls.cancel(a);
    calls.cancel(b);
    calls.cancel(new CallId(99));
    assertThat(calls.drainCancelled()).containsExactly(a, b);
    assertThat(calls.drainCancelled()).isEmpty();
    assertThat(calls.underWay()).isEqualTo(2);
    calls.completed(a, Rig.CANCELLED, 2);
    assertThat(completions).hasSize(1);
    calls.cancel(a);
    assertThat(calls.drainCancelled()).isEmpty();
  }
}
