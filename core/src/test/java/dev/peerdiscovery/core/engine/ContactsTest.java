package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.routing.RoutingTable;
import dev.peerdiscovery.core.routing.SubnetLimits;
import dev.peerdiscovery.core.simulation.Wire;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class ContactsTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final NodeId ONE = NodeId.of(1);
  private static final Contact CONTACT = Rig.contact(1);

  private final Rig rig = new Rig();
  private final Contacts contacts = rig.contacts;

  private void miss(long id, long startedSeconds, long seconds) {
    contacts.failed(Rig.contact(id), Rig.TIMEOUT, startedSeconds * SECOND, seconds * SECOND);
  }

  @Test
  void twoMisses_withASignOfLifeBetween_evict() {
    rig.earn(0, ONE);
    miss(1, 1, 2);
    assertThat(rig.table.contact(ONE)).contains(CONTACT);
    contacts.heard(3 * SECOND);
    miss(1, 4, 5);

    assertThat(rig.table.contact(ONE)).isEmpty();
    assertThat(rig.departed.contains(ONE)).isTrue();
    assertThat(rig.events.drain()).contains(new Event.ContactLost(CONTACT, Event.Loss.FAILED));
  }

  @Test
  void missesWhileNothingComesIn_evictNobody() {
    rig.earn(0, ONE);
    for (int i = 1; i < 20; i++) {
      miss(1, 2L * i, 2L * i + 1);
    }

    assertThat(rig.table.contact(ONE)).contains(CONTACT);
  }

  @Test
  void callsUnderWayTogether_missOnce() {
    rig.earn(0, ONE);
    contacts.heard(SECOND);
    for (int i = 0; i < 5; i++) {
      miss(1, 1, 2 + i);
    }

    assertThat(rig.table.entry(ONE).orElseThrow().failures()).isEqualTo(1);
  }

  @Test
  void answerBetween_startsTheCountAnew() {
    rig.earn(0, ONE);
    for (int i = 1; i < 10; i++) {
      miss(1, 10L * i, 10L * i + 1);
      contacts.answered(CONTACT, SECOND, (10L * i + 5) * SECOND);
    }

    assertThat(rig.table.contact(ONE)).contains(CONTACT);
    assertThat(rig.table.suspects()).isZero();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.MATCH_ALL, names = "OTHER_.*")
  void refusalByAnother_losesTheContactAtOnce(Refusal.Reason reason) {
    rig.earn(0, ONE);
    contacts.failed(CONTACT, refusal(reason), 0, SECOND);

    assertThat(rig.events.drain()).contains(new Event.ContactLost(CONTACT, Event.Loss.CHANGED));
  }

  @ParameterizedTest
  @EnumSource(names = {"MALFORMED", "NOT_SERVING", "UNKNOWN"})
  void otherRefusals_countAsMisses(Refusal.Reason reason) {
    rig.earn(0, ONE);
    contacts.failed(CONTACT, refusal(reason), 0, SECOND);

    assertThat(rig.table.suspects()).isEqualTo(1);
  }

  @Test
  void busyOrCancelled_isNoMiss() {
    rig.earn(0, ONE);
    contacts.failed(CONTACT, Rig.BUSY, 0, SECOND);
    contacts.failed(CONTACT, Rig.CANCELLED, 0, SECOND);

    assertThat(rig.table.suspects()).isZero();
  }

  private static Outcome refusal(Refusal.Reason reason) {
    return new Refusal(reason, "no");
  }

  @Test
  void whatHappensAtAnotherEndpoint_isNoBlame_andNoMerit() {
    rig.earn(0, ONE);
    Contact elsewhere = Rig.contact(Rig.record(ONE, 9, new Endpoint("10.1.1.1", 7400)));
    contacts.failed(elsewhere, Rig.TIMEOUT, 0, SECOND);
    contacts.changed(elsewhere, SECOND);
    assertThat(rig.table.suspects()).isZero();

    miss(1, 1, 2);
    contacts.answered(elsewhere, SECOND, 3 * SECOND);
    assertThat(rig.table.suspects()).isEqualTo(1);
  }

  @Test
  void farewell_withAnOldRecord_isIgnored() {
    contacts.earned(Rig.contact(Rig.record(ONE, 5, Rig.ENDPOINT)), 0);
    contacts.left(Rig.record(ONE, 5), SECOND);
    assertThat(rig.table.size()).isEqualTo(1);

    contacts.left(Rig.record(ONE, 6), SECOND);
    assertThat(rig.table.size()).isZero();
  }

  @Test
  void eightFailingInSilenceForTenSeconds_makeItDoubtItself_andTheFirstSignOfLifeForgives() {
    LongStream.rangeClosed(1, 15).forEach(id -> rig.earn(0, NodeId.of(id)));
    LongStream.rangeClosed(1, 7).forEach(id -> miss(id, id, id));
    assertThat(contacts.nextWake()).isEqualTo(Part.NEVER);
    miss(8, 8, 8);

    assertThat(contacts.nextWake()).isEqualTo(11 * SECOND);
    contacts.advance(11 * SECOND - 1);
    assertThat(contacts.isDoubtful()).isFalse();
    contacts.advance(11 * SECOND);
    assertThat(contacts.isDoubtful()).isTrue();
    assertThat(rig.table.suspects()).isEqualTo(8);
    assertThat(contacts.nextWake()).isEqualTo(Part.NEVER);

    contacts.heard(60 * SECOND);
    assertThat(contacts.isDoubtful()).isFalse();
    assertThat(rig.table.suspects()).isZero();
    assertThat(rig.table.closest(Rig.ID, 20)).hasSize(15);
    assertThat(rig.events.drain()).contains(new Event.SelfDoubt(true), new Event.SelfDoubt(false));
  }

  @Test
  void allOfFewFailing_isEnoughForDoubt() {
    rig.earn(0, NodeId.of(1), NodeId.of(2));
    miss(1, 1, 1);
    assertThat(contacts.nextWake()).isEqualTo(Part.NEVER);
    miss(2, 2, 2);

    assertThat(contacts.nextWake()).isEqualTo(11 * SECOND);
  }

  @Test
  void signOfLife_beforeTenSeconds_preventsDoubt() {
    rig.earn(0, NodeId.of(1), NodeId.of(2));
    miss(1, 1, 1);
    miss(2, 2, 2);
    contacts.heard(5 * SECOND);
    contacts.advance(60 * SECOND);

    assertThat(contacts.isDoubtful()).isFalse();
  }

  /**
   * The process was stopped for a minute: all its calls ran out of time, and nobody is at fault.
   */
  @Test
  void whatFailedWhileTheNodeStoodStill_isNobodysFault() {
    Rig stopped = new Rig();
    stopped.earn(0, NodeId.of(1), NodeId.of(2));
    Contact one = stopped.table.contact(NodeId.of(1)).orElseThrow();
    Contact two = stopped.table.contact(NodeId.of(2)).orElseThrow();
    stopped.contacts.failed(two, Rig.TIMEOUT, 1, 2);
    assertThat(stopped.table.suspects()).isEqualTo(1);
    long later = Duration.ofMinutes(1).toNanos();

    stopped.contacts.resumed(later);
    for (int i = 0; i < 10; i++) {
      stopped.contacts.failed(one, Rig.TIMEOUT, 3, later + 1);
    }

    assertThat(stopped.table.suspects()).isZero();
    stopped.contacts.failed(one, Rig.TIMEOUT, later + 2, later + 3);
    assertThat(stopped.table.suspects()).as("a call of its own time").isEqualTo(1);
  }

  @Test
  void aContactThatWentAway_andProvesItself_hasReturned() {
    rig.earn(0, ONE);
    assertThat(contacts.returned()).isZero();
    contacts.left(Rig.record(ONE, 2), SECOND);
    assertThat(rig.departed.contains(ONE)).isTrue();
    rig.events.drain();
    rig.earn(2 * SECOND, ONE);

    assertThat(contacts.returned()).isEqualTo(1);
    assertThat(rig.departed.contains(ONE)).isFalse();
    assertThat(rig.events.drain()).containsExactly(new Event.ContactEarned(CONTACT));
  }

  @Test
  void farewell_isRemembered_asOneThatWasSaid() {
    rig.earn(0, ONE);
    assertThat(contacts.isLeaving(Rig.record(ONE, 2))).isTrue();
    assertThat(contacts.isLeaving(Rig.record(NodeId.of(2), 2))).as("no contact").isFalse();
    contacts.left(Rig.record(ONE, 2), SECOND);

    assertThat(rig.departed.hasLost()).isFalse();
    assertThat(rig.events.drain()).contains(new Event.ContactLost(CONTACT, Event.Loss.LEFT));
  }

  @Test
  void aContactThatFailedForGood_isLost_withoutAFarewell() {
    rig.earn(0, ONE);
    contacts.changed(CONTACT, SECOND);

    assertThat(rig.departed.hasLost()).isTrue();
  }

  @Test
  void whoIsEarned_whereItsBucketIsFull_isParked_andTakesThePlaceOfTheNextThatIsLost() {
    Rig tiny = new Rig(EngineConfig.defaults().toBuilder().k(1).build());
    tiny.earn(0, NodeId.of(8));
    tiny.events.drain();
    assertThat(tiny.contacts.earned(Rig.contact(9), 1)).isTrue();
    assertThat(tiny.events.drain()).containsExactly(new Event.HintParked(NodeId.of(9)));
    assertThat(tiny.contacts.takeVacancy()).isEmpty();

    tiny.contacts.changed(Rig.contact(8), 2);
    assertThat(tiny.contacts.takeVacancy()).contains(Rig.record(NodeId.of(9)));
    assertThat(tiny.contacts.takeVacancy()).isEmpty();
  }

  @Test
  void whoIsToBeMet_isTakenOnce() {
    contacts.meet(Rig.record(ONE));
    assertThat(contacts.takeVacancy()).contains(Rig.record(ONE));
    assertThat(contacts.takeVacancy()).isEmpty();
  }

  @Test
  void aContactThatMissedACall_isTakenUpOnce_oneThatIsEvictedNever() {
    rig.earn(0, ONE);
    miss(1, 1, 2);
    assertThat(contacts.takeMissed()).contains(ONE);
    assertThat(contacts.takeMissed()).isEmpty();
    contacts.heard(3 * SECOND);
    miss(1, 4, 5);
    assertThat(contacts.takeMissed()).isEmpty();
  }

  @Test
  void answer_countsForTheContact_andForTheNode() {
    rig.earn(0, ONE);
    miss(1, 1, 2);
    assertThat(contacts.nextWake()).isEqualTo(12 * SECOND);
    contacts.answered(CONTACT, 7, 3 * SECOND);

    assertThat(rig.table.suspects()).isZero();
    assertThat(contacts.nextWake()).isEqualTo(Part.NEVER);
  }

  /** Busy or unwilling as it may be, it is there: the node itself is not cut off. */
  @Test
  void refusal_isASignOfLife() {
    rig.earn(0, ONE);
    miss(1, 1, 2);
    contacts.failed(Rig.contact(2), Rig.BUSY, 2 * SECOND, 3 * SECOND);
    assertThat(contacts.nextWake()).isEqualTo(Part.NEVER);
    contacts.advance(60 * SECOND);
    assertThat(contacts.isDoubtful()).isFalse();
  }

  @Test
  void callBegunWhenTheOneBeforeFailed_countsAsASecondMiss() {
    rig.earn(0, ONE);
    miss(1, 1, 2);
    miss(1, 2, 3);
    assertThat(rig.table.entry(ONE).orElseThrow().failures()).isEqualTo(2);
  }

  @Test
  void signOfLifeAtTheMomentOfTheFirstMiss_isEnoughToEvict() {
    rig.earn(0, ONE);
    miss(1, 1, 2);
    contacts.heard(2 * SECOND);
    miss(1, 3, 4);
    assertThat(rig.table.contact(ONE)).isEmpty();
  }

  @Test
  void aLostContact_countsNoMoreForDoubt() {
    rig.earn(0, NodeId.of(1), NodeId.of(2), NodeId.of(3));
    miss(1, 1, 1);
    miss(2, 1, 1);
    contacts.left(Rig.record(NodeId.of(1), 2), 2 * SECOND);

    assertThat(contacts.nextWake()).as("one of two").isEqualTo(Part.NEVER);
  }

  @Test
  void doubt_isToldOnce_andEndsWithTheFirstSignOfLife_onlyIfThereWasDoubt() {
    rig.earn(0, ONE);
    rig.events.drain();
    contacts.heard(SECOND);
    assertThat(rig.events.drain()).isEmpty();
    miss(1, 1, 2);
    contacts.advance(12 * SECOND);
    contacts.advance(13 * SECOND);
    assertThat(rig.events.drain()).containsExactly(new Event.SelfDoubt(true));
  }

  @Test
  void resumed_endsTheSilence() {
    rig.earn(0, ONE);
    miss(1, 1, 2);
    contacts.resumed(5 * SECOND);
    assertThat(contacts.nextWake()).isEqualTo(Part.NEVER);
    miss(1, 5, 6);
    assertThat(rig.table.suspects()).as("begun at that very moment").isEqualTo(1);
  }

  @Test
  void threeBrokenRules_loseTheContact_whoseRecordIsStillRight() {
    rig.earn(0, ONE);
    contacts.violated(CONTACT, 0);
    contacts.violated(CONTACT, 1);
    assertThat(rig.table.size()).isEqualTo(1);
    contacts.violated(CONTACT, 2);
    assertThat(rig.table.size()).isZero();
    assertThat(contacts.dials().isPaused(CONTACT.endpoint(), 3)).isTrue();
  }

  @Test
  void brokenRulesElsewhere_costTheContactNothing() {
    rig.earn(0, ONE);
    Contact elsewhere = Rig.contact(Rig.record(ONE, 9, new Endpoint("10.1.1.1", 7400)));
    for (int i = 0; i < 3; i++) {
      contacts.violated(elsewhere, i);
    }
    assertThat(rig.table.contact(ONE)).contains(CONTACT);
  }

  @Test
  void whoProvesItself_isASignOfLife() {
    rig.earn(0, NodeId.of(1), NodeId.of(2));
    miss(1, 1, 1);
    miss(2, 1, 1);
    rig.earn(2 * SECOND, NodeId.of(1));
    assertThat(contacts.nextWake()).isEqualTo(Part.NEVER);
  }

  /** In public two of one subnet have a place in a bucket. */
  @Test
  void whoIsOneTooManyOfItsSubnet_hasNoPlace() {
    RecordVerifier verifier =
        RecordVerifier.assigned("test", AddressPolicy.of(Scope.PUBLIC, false));
    RoutingTable table = new RoutingTable(Rig.ID, 20, SubnetLimits.by(verifier::dialled));
    Contacts open = new Contacts(rig.config, table, rig.departed, rig.events, 0);
    for (int id = 16; id < 19; id++) {
      Endpoint at = new Endpoint("20.1.1." + id, 1);
      SignedPeerRecord record = Wire.sign(new PeerRecord(NodeId.of(id), List.of(at), 1, "test"));
      Contact contact = ((RecordVerifier.Verified) verifier.verify(record)).contact();
      assertThat(open.earned(contact, 0)).isEqualTo(id < 18);
    }
    assertThat(table.size()).isEqualTo(2);
  }
}
