package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.client.Caller;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.RecordCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SeedCallTest {
  private static final Outcome DEAD = new Failure(Failure.Kind.UNREACHABLE, "dead");
  private static final Outcome REFUSED = new Refusal(Refusal.Reason.OTHER_NETWORK, "no");

  private final List<Outcome> completed = new ArrayList<>();
  private final List<NodeId> heardOf = new ArrayList<>();
  private final SeedCall call =
      new SeedCall(
          NodeId.of(0), result -> completed.add(result.outcome()), r -> heardOf.add(r.id()));

  private void take(Outcome... outcomes) {
    for (Outcome outcome : outcomes) {
      call.take(new Caller.Result(outcome, Optional.empty()));
    }
  }

  private static PingResponse answer(int id) {
    SignedPeerRecord record =
        RecordCodec.unsigned()
            .sign(
                new PeerRecord(
                    NodeId.of(id), List.of(new Endpoint("10.0.0." + id, 7400)), 1, "default"));
    return new PingResponse(record, Bytes.copyOf(new byte[0]), Optional.empty());
  }

  @Test
  void firstOfTheOthers_isTheAnswer_andTheRestAreHeardOf() {
    take(DEAD, answer(0), answer(1), answer(2), answer(0), DEAD, answer(3));
    call.end();
    assertThat(completed).containsExactly(answer(1));
    assertThat(heardOf).containsExactly(NodeId.of(2), NodeId.of(3));
  }

  @Test
  void withoutAnother_itEndsWithWhatSaysMost() {
    take(DEAD, answer(0), REFUSED, answer(0), DEAD);
    assertThat(completed).isEmpty();
    call.end();
    assertThat(completed).containsExactly(REFUSED);
  }

  @Test
  void ofTwoThatSayAsMuch_theFirstIsTold() {
    take(REFUSED, new Refusal(Refusal.Reason.OVERLOADED, "later"));
    call.end();
    call.end();
    assertThat(completed).containsExactly(REFUSED);
  }

  @Test
  void itselfSaysMoreThanNobody() {
    take(DEAD, answer(0), DEAD);
    call.end();
    assertThat(completed).containsExactly(answer(0));
    assertThat(heardOf).isEmpty();
  }
}
