package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where lookups call a peer that says it can be reached at several endpoints. */
class LookupEndpointsTest {
  private static final NodeId ONE = NodeId.of(1);
  private static final Endpoint FIRST = new Endpoint("10.1.1.1", 7400);
  private static final Endpoint SECOND = new Endpoint("10.1.1.2", 7400);
  private static final SignedPeerRecord BOTH = Rig.record(ONE, 1, FIRST, SECOND);
  private static final Outcome UNREACHABLE = new Failure(Failure.Kind.UNREACHABLE, "refused");

  private final Rig rig = new Rig();

  private void lookup(SignedPeerRecord from) {
    rig.lookup(ONE, from);
  }

  private Call onlyCall() {
    List<Call> calls = rig.calls.drain();
    assertThat(calls).hasSize(1);
    return calls.get(0);
  }

  private Optional<List<Contact>> result() {
    return rig.events.drain().stream()
        .filter(Event.LookupEnded.class::isInstance)
        .map(event -> ((Event.LookupEnded) event).result())
        .findFirst();
  }

  /** It was proved at its second endpoint: that is where the contact is. */
  @Test
  void contact_isCalledWhereItProvedToBe() {
    rig.hints.offer(BOTH, 0);
    rig.hints.advance(0);
    rig.calls.completed(onlyCall().id(), UNREACHABLE, 1);
    Call proof = onlyCall();
    rig.calls.completed(proof.id(), Rig.answerOf(proof), 2);
    assertThat(rig.table.contact(ONE).orElseThrow().endpoint()).isEqualTo(SECOND);

    lookup(BOTH);
    assertThat(onlyCall().to()).isEqualTo(SECOND);
  }

  @Test
  void stranger_isCalledAtTheNextEndpoint_whereItIsNotAtTheFirst() {
    lookup(BOTH);
    Call first = onlyCall();
    assertThat(first.to()).isEqualTo(FIRST);
    rig.calls.completed(first.id(), UNREACHABLE, 1);
    Call second = onlyCall();
    assertThat(second.to()).isEqualTo(SECOND);
    rig.calls.completed(second.id(), Rig.answerOf(second), 2);
    rig.lookups.advance(2);

    assertThat(result().orElseThrow()).extracting(Contact::endpoint).containsExactly(SECOND);
  }

  /** A call that seems lost is made once more, at the other endpoint: the first may swallow all. */
  @Test
  void secondCall_goesToTheOtherEndpoint() {
    lookup(BOTH);
    Call first = onlyCall();
    long later = Duration.ofSeconds(5).toNanos();
    rig.lookups.advance(Duration.ofSeconds(3).toNanos());
    rig.lookups.advance(later);
    Call second = onlyCall();
    assertThat(second.to()).isEqualTo(SECOND);
    rig.calls.completed(first.id(), Rig.TIMEOUT, later);
    assertThat(rig.calls.drain()).as("called there already").isEmpty();
    rig.calls.completed(second.id(), Rig.answerOf(second), later);
    rig.lookups.advance(later);

    assertThat(result().orElseThrow()).hasSize(1);
  }

  @Test
  void peerThatIsNowhere_fails_andTheLookupEnds() {
    lookup(BOTH);
    rig.calls.completed(onlyCall().id(), UNREACHABLE, 1);
    rig.calls.completed(onlyCall().id(), UNREACHABLE, 2);
    rig.lookups.advance(2);

    assertThat(rig.calls.drain()).isEmpty();
    assertThat(result().orElseThrow()).isEmpty();
  }
}
