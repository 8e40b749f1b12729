package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.simulation.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** How lookups are run: whom they ask when, what an answer does, and when they end. */
class LookupsTest {
  private static final NodeId TARGET = NodeId.of(1);
  private static final long MILLI = Duration.ofMillis(1).toNanos();

  private final Rig rig = new Rig();
  private final Seen seen = new Seen();

  /** What a lookup tells those who wait for it. */
  private static final class Seen implements Lookups.Companion {
    final List<NodeId> passedOver = new ArrayList<>();
    final List<NodeId> answered = new ArrayList<>();
    final List<Long> ended = new ArrayList<>();
    boolean isEnough;

    @Override
    public void passedOver(Contact peer) {
      passedOver.add(peer.id());
    }

    @Override
    public boolean answered(Contact from, List<SignedPeerRecord> named, long nowNanos) {
      answered.add(from.id());
      return isEnough;
    }

    @Override
    public void ended(long nowNanos) {
      ended.add(nowNanos);
    }
  }

  private LookupId start(long nowNanos) {
    return rig.lookups.start(TARGET, Event.Purpose.REQUESTED, true, seen, nowNanos);
  }

  private List<Call> callsAt(long nowNanos) {
    rig.lookups.advance(nowNanos);
    return rig.calls.drain();
  }

  private void complete(Call call, Outcome outcome, long nowNanos) {
    rig.calls.completed(call.id(), outcome, nowNanos);
  }

  private static FindNodeResponse naming(long... ids) {
    return new FindNodeResponse(
        LongStream.of(ids).mapToObj(id -> Rig.record(NodeId.of(id))).toList());
  }

  private <T> List<T> told(Class<T> kind) {
    return rig.events.drain().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  @Test
  void aLookup_isToldOf_fromItsBeginningToItsEnd() {
    rig.earn(0, NodeId.of(2));
    rig.events.drain();
    LookupId id = start(0);
    assertThat(rig.events.drain())
        .containsExactly(new Event.LookupStarted(id, TARGET, Event.Purpose.REQUESTED));
    assertThat(rig.lookups.underWay()).isEqualTo(1);
    Call first = callsAt(0).get(0);
    assertThat(first.deadline()).isEqualTo(rig.config.callDeadline());
    complete(first, naming(3, 1), 5);
    assertThat(rig.events.drain())
        .containsExactly(new Event.LookupStep(id, Rig.contact(2), 0, 2, 2));
    for (Call call : callsAt(5)) {
      complete(call, naming(), 9);
    }
    assertThat(seen.ended).isEmpty();
    rig.lookups.advance(9);

    assertThat(seen.answered).containsExactlyInAnyOrder(NodeId.of(2), NodeId.of(3), TARGET);
    assertThat(seen.ended).containsExactly(9L);
    Event.LookupEnded ended = told(Event.LookupEnded.class).get(0);
    assertThat(ended.id()).isEqualTo(id);
    assertThat(ended.calls()).isEqualTo(3);
    assertThat(ended.result()).extracting(Contact::id).startsWith(TARGET).hasSize(3);
    assertThat(rig.lookups.underWay()).isZero();
    assertThat(rig.lookups.nextWake()).isEqualTo(Part.NEVER);
  }

  @Test
  void aLookupThatFoundWhatItWasFor_asksNobodyElse() {
    rig.earn(0, NodeId.of(2));
    seen.isEnough = true;
    start(0);
    complete(callsAt(0).get(0), naming(3), 1);

    assertThat(callsAt(1)).isEmpty();
    assertThat(seen.ended).containsExactly(1L);
  }

  @Test
  void withoutAnybody_aLookupEndsAtOnce() {
    start(7);
    rig.lookups.advance(7);
    assertThat(seen.ended).containsExactly(7L);
  }

  @Test
  void theDeadline_endsALookup_withWhatItHas() {
    rig.earn(0, NodeId.of(2));
    start(3);
    long end = 3 + rig.config.lookupDeadline().toNanos();
    long now = 3;
    // Each names another one, after most of a second.
    for (long id = 100; now + 900 * MILLI < end; id++, now += 900 * MILLI) {
      complete(callsAt(now).get(0), naming(id), now + 900 * MILLI);
    }
    callsAt(now);
    rig.lookups.advance(end - 1);
    assertThat(seen.ended).isEmpty();
    assertThat(rig.lookups.nextWake()).isLessThanOrEqualTo(end);
    rig.lookups.advance(end);

    assertThat(seen.ended).containsExactly(end);
    assertThat(told(Event.LookupEnded.class).get(0).result()).hasSize(seen.answered.size());
  }

  @Test
  void anAnswerAfterTheEnd_isMeritOfTheContact_andNoStep() {
    rig.earn(0, NodeId.of(2));
    rig.contacts.failed(Rig.contact(2), Rig.TIMEOUT, 1, 2);
    start(3);
    Call call = callsAt(3).get(0);
    rig.lookups.endAll(4);
    rig.events.drain();
    complete(call, naming(3), 5);

    assertThat(rig.table.suspects()).isZero();
    assertThat(seen.answered).isEmpty();
    assertThat(rig.events.drain()).isEmpty();
    assertThat(seen.ended).containsExactly(4L);
    assertThat(rig.lookups.underWay()).isZero();
  }

  @Test
  void suspects_areAskedWhereThereIsNobodyElse() {
    rig.earn(0, NodeId.of(2), NodeId.of(3));
    rig.contacts.failed(Rig.contact(2), Rig.TIMEOUT, 1, 2);
    assertThat(rig.lookups.nearest(TARGET)).containsExactly(Rig.record(NodeId.of(3)));
    rig.contacts.failed(Rig.contact(3), Rig.TIMEOUT, 1, 2);
    assertThat(rig.lookups.nearest(TARGET))
        .containsExactlyInAnyOrder(Rig.record(NodeId.of(2)), Rig.record(NodeId.of(3)));
  }

  @Test
  void whoIsLeftAlone_isPassedOver_whichIsNoCall() {
    rig.earn(0, NodeId.of(2), NodeId.of(3));
    rig.contacts.dials().busy(Rig.endpointOf(NodeId.of(3)), Duration.ofSeconds(5), 0);
    start(1);
    List<Call> calls = callsAt(1);
    assertThat(calls).extracting(Call::to).containsExactly(Rig.endpointOf(NodeId.of(2)));
    complete(calls.get(0), naming(), 2);
    rig.lookups.advance(2);

    assertThat(seen.passedOver).containsExactly(NodeId.of(3));
    assertThat(told(Event.LookupEnded.class).get(0).calls()).isEqualTo(1);
  }

  @Test
  void aRefusal_isTakenByTheContacts_andTheLookupGoesOn() {
    rig.earn(0, NodeId.of(2));
    start(1);
    complete(callsAt(1).get(0), new Refusal(Refusal.Reason.OTHER_NETWORK, "no"), 2);
    rig.lookups.advance(2);

    assertThat(rig.table.size()).isZero();
    assertThat(seen.ended).containsExactly(2L);
    assertThat(told(Event.LookupEnded.class).get(0).result()).isEmpty();
  }

  /** A miss is blamed on the contact by when its call began, not by when it failed. */
  @Test
  void aCallThatFails_missesFromItsBeginning() {
    rig.earn(0, NodeId.of(2));
    start(1);
    Call call = callsAt(1).get(0);
    rig.contacts.failed(Rig.contact(2), Rig.TIMEOUT, 2, 5);
    complete(call, Rig.TIMEOUT, 9);

    assertThat(rig.table.entry(NodeId.of(2)).orElseThrow().failures()).isEqualTo(1);
  }

  /** While nothing is known of round trips, others are asked beside it after the longest time. */
  @Test
  void patience_isTheLongest_whereNoRoundTripIsKnown() {
    rig.earn(0, NodeId.of(2));
    start(0);
    callsAt(0);
    assertThat(rig.lookups.nextWake()).isEqualTo(1_000 * MILLI);
  }

  @Test
  void patience_goesByTheRoundTrips_withinItsBounds() {
    rig.earn(0, NodeId.of(2));
    rig.contacts.answered(Rig.contact(2), 10 * MILLI, 0);
    start(0);
    callsAt(0);
    assertThat(rig.lookups.nextWake()).as("at least").isEqualTo(100 * MILLI);

    Rig slow = new Rig();
    slow.earn(0, NodeId.of(2));
    slow.contacts.answered(Rig.contact(2), 300 * MILLI, 0);
    slow.lookups.start(TARGET, Event.Purpose.REQUESTED, true, seen, 0);
    slow.lookups.advance(0);
    assertThat(slow.lookups.nextWake()).isBetween(300 * MILLI, 900 * MILLI);
  }

  @Test
  void severalLookups_eachHaveTheirOwnAnswers_andWakes() {
    rig.earn(0, NodeId.of(2));
    start(0);
    Call first = callsAt(0).get(0);
    Seen other = new Seen();
    rig.lookups.start(NodeId.of(3), Event.Purpose.REQUESTED, true, other, 5);
    assertThat(rig.lookups.underWay()).isEqualTo(2);
    List<Call> second = callsAt(5);
    assertThat(second).hasSize(1);
    complete(first, naming(), 6);
    rig.lookups.advance(6);
    assertThat(seen.ended).hasSize(1);
    assertThat(other.ended).isEmpty();
    rig.lookups.endAll(7);
    assertThat(other.ended).containsExactly(7L);
    assertThat(seen.ended).hasSize(1);
  }

  /** Two endpoints, at the second of which the contact has proved to be. */
  @Test
  void verify_ofAContact_keepsItsEndpoint_asLongAsItNamesIt() {
    Endpoint first = new Endpoint("10.1.1.1", 7400);
    Endpoint second = new Endpoint("10.1.1.2", 7400);
    SignedPeerRecord both = Rig.record(TARGET, 1, first, second);
    RecordVerifier verifier =
        RecordVerifier.assigned("test", AddressPolicy.of(Scope.PRIVATE, false));
    rig.contacts.earned(((RecordVerifier.Verified) verifier.verify(both, second)).contact(), 0);

    assertThat(endpoint(rig.lookups.verify(both))).isEqualTo(second);
    assertThat(endpoint(rig.lookups.verify(Rig.record(TARGET, 2, first)))).isEqualTo(first);
    Endpoint third = new Endpoint("10.1.1.3", 7400);
    assertThat(endpoint(rig.lookups.verify(Rig.record(TARGET, 2, first, third)))).isEqualTo(first);
    assertThat(endpoint(rig.lookups.verify(Rig.record(NodeId.of(9), 1, first, second))))
        .as("no contact")
        .isEqualTo(first);
  }

  private static Endpoint endpoint(RecordVerifier.Verdict verdict) {
    return ((RecordVerifier.Verified) verdict).contact().endpoint();
  }

  /** Strangers' hosts are tried once in a while, contacts as often as there is need. */
  @Test
  void inPublic_aHostOfStrangers_isTriedOnceInAWhile() {
    RecordVerifier verifier =
        RecordVerifier.assigned("test", AddressPolicy.of(Scope.PUBLIC, false));
    Rig open =
        new Rig(
            EngineConfig.defaults(),
            Network.of("test", IdentityMode.ASSIGNED, Scope.PUBLIC),
            verifier);
    List<SignedPeerRecord> strangers = new ArrayList<>();
    for (int id = 2; id < 5; id++) {
      Endpoint at = new Endpoint("20.1.1.1", 7400 + id);
      strangers.add(Wire.sign(new PeerRecord(NodeId.of(id), List.of(at), 1, "test")));
    }
    open.contacts.earned(
        ((RecordVerifier.Verified) verifier.verify(strangers.get(2))).contact(), 0);
    open.lookups.start(TARGET, strangers, Event.Purpose.REQUESTED, true, seen, 0);
    open.lookups.advance(0);

    List<Call> calls = open.calls.drain();
    assertThat(calls).hasSize(2);
    assertThat(seen.passedOver).hasSize(1).doesNotContain(NodeId.of(4));
    open.calls.completed(calls.get(0).id(), naming(), 1);
    assertThat(open.contacts.dials().mayTry(calls.get(0).to(), 2)).as("it answered").isTrue();
  }
}
