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
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.simulation.Wire;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class HintsTest {
  private static final NodeId ONE = NodeId.of(1);

  private final Rig rig = new Rig();

  @Tag("slow")
  @Test
  void flood_of100000Strangers_keepsWithinTheBounds() {
    SplittableRandom random = new SplittableRandom(7);
    int dropped = 0;
    for (int i = 0; i < 100_000; i++) {
      rig.hints.offer(Rig.record(NodeId.random(random)), i);
      rig.hints.advance(i);
      assertThat(rig.calls.underWay()).isLessThanOrEqualTo(Hints.MAX_UNDER_WAY);
      if (i % 100 == 0) {
        // Nobody is there.
        rig.calls.drain().forEach(call -> rig.calls.completed(call.id(), Rig.TIMEOUT, 1));
        dropped += countDrops(Event.Drop.UNREACHABLE);
      }
    }
    assertThat(dropped).isLessThanOrEqualTo(1_000 * Hints.MAX_UNDER_WAY);
    assertThat(rig.table.size()).isZero();
    // A bucket parks k, and the flood reaches about 17 buckets.
    assertThat(rig.table.replacements()).isLessThanOrEqualTo(20 * rig.config.k());
    // What is left in the queue drains, and then there is peace.
    for (int i = 0; i < 100_000 && !rig.hints.isIdle(); i++) {
      rig.calls.drain().forEach(call -> rig.calls.completed(call.id(), Rig.TIMEOUT, 1));
      rig.hints.advance(100_000);
    }
    assertThat(rig.hints.isIdle()).isTrue();
    assertThat(rig.calls.underWay()).isZero();
  }

  private int countDrops(Event.Drop drop) {
    return (int)
        rig.events.drain().stream()
            .filter(event -> event instanceof Event.HintDropped d && d.drop() == drop)
            .count();
  }

  @Test
  void offer_toAFullQueue_isDropped_andSaidSo() {
    // With k = 64 the buckets have room for more than may wait.
    Rig large = new Rig(EngineConfig.defaults().toBuilder().k(64).build());
    for (int bucket = 255; bucket > 245; bucket--) {
      for (int i = 0; i < 64; i++) {
        large.hints.offer(Rig.record(NodeId.powerOfTwo(bucket).plus(NodeId.of(i))), 0);
      }
    }

    assertThat(large.events.drain())
        .filteredOn(event -> !(event instanceof Event.SelfChanged))
        .hasSize(640 - Hints.MAX_WAITING)
        .allMatch(e -> e instanceof Event.HintDropped d && d.drop() == Event.Drop.TOO_MANY);
  }

  @Test
  void offer_ofOnesOwnRecord_isMet_andNeverCalled() {
    assertThat(rig.hints.offer(Rig.record(Rig.ID, 900, Rig.ENDPOINT), 0))
        .isNotEqualTo(Hints.Offer.NEW);
    rig.hints.advance(0);

    assertThat(rig.calls.drain()).isEmpty();
    assertThat(rig.self.record().orElseThrow().content().sequence()).isEqualTo(901);
  }

  @Test
  void offer_ofAContactsNewerRecord_isCalledAtItsNewEndpoint() {
    rig.earn(0, ONE);
    Endpoint moved = new Endpoint("10.1.1.1", 7400);

    assertThat(rig.hints.offer(Rig.record(ONE, 2, moved), 0)).isNotEqualTo(Hints.Offer.NEW);
    rig.hints.advance(0);
    Call call = rig.calls.drain().get(0);
    assertThat(call.to()).isEqualTo(moved);
    assertThat(rig.table.contact(ONE).orElseThrow().endpoint()).isEqualTo(Rig.endpointOf(ONE));

    rig.calls.completed(call.id(), Rig.answerOf(call), 10);
    assertThat(rig.table.contact(ONE).orElseThrow().endpoint()).isEqualTo(moved);
  }

  @Test
  void offer_ofAForgedNewEndpoint_costsTheContactNothing() {
    rig.earn(0, ONE);
    rig.hints.offer(Rig.record(ONE, 99, new Endpoint("10.1.1.1", 7400)), 0);
    rig.hints.advance(0);
    rig.calls.drain().forEach(call -> rig.calls.completed(call.id(), Rig.TIMEOUT, 10));

    assertThat(rig.table.contact(ONE).orElseThrow().endpoint()).isEqualTo(Rig.endpointOf(ONE));
    assertThat(rig.table.suspects()).isZero();
  }

  @Test
  void rejected_isLeftAlone_forHalfAMinute() {
    offerAndFail(0);
    assertThat(rig.hints.offer(Rig.record(ONE), Duration.ofSeconds(29).toNanos()))
        .isNotEqualTo(Hints.Offer.NEW);
    assertThat(rig.hints.offer(Rig.record(ONE), Duration.ofSeconds(31).toNanos()))
        .isEqualTo(Hints.Offer.NEW);
  }

  @Test
  void forgetUnreachable_isOfThoseWhoWereNotReached_andOfNobodyElse() {
    NodeId two = NodeId.of(2);
    rig.hints.offer(Rig.record(ONE), 0);
    rig.hints.offer(Rig.record(two), 0);
    rig.hints.advance(0);
    rig.calls.drain().forEach(call -> rig.calls.completed(call.id(), timeoutOrBusy(call), 0));

    rig.hints.forgetUnreachable();

    assertThat(rig.hints.offer(Rig.record(ONE), 1)).isEqualTo(Hints.Offer.NEW);
    assertThat(rig.hints.offer(Rig.record(two), 1)).isNotEqualTo(Hints.Offer.NEW);
  }

  private static Outcome timeoutOrBusy(Call call) {
    boolean is1 = call.request().wantedId().orElseThrow().equals(ONE);
    return is1 ? Rig.TIMEOUT : Rig.BUSY;
  }

  @Test
  void rejected_withANewerRecord_isCalledAtOnce() {
    offerAndFail(0);

    assertThat(rig.hints.offer(Rig.record(ONE, 2, Rig.endpointOf(ONE)), 1))
        .isEqualTo(Hints.Offer.NEW);
  }

  private void offerAndFail(long nowNanos) {
    rig.hints.offer(Rig.record(ONE), nowNanos);
    rig.hints.advance(nowNanos);
    rig.calls.drain().forEach(call -> rig.calls.completed(call.id(), Rig.TIMEOUT, nowNanos));
  }

  @Test
  void notDialledAddress_isRefusedUncalled() {
    SignedPeerRecord loopback = Rig.record(ONE, 1, new Endpoint("127.0.0.1", 80));
    rig.hints.offer(loopback, 0);
    rig.hints.advance(0);

    assertThat(rig.calls.drain()).isEmpty();
    assertThat(rig.events.drain()).contains(new Event.HintDropped(ONE, Event.Drop.REFUSED));
    assertThat(rig.hints.isIdle()).isTrue();
  }

  @Test
  void placeOfAHintThatFails_goesToTheNextReplacement() {
    Rig tiny = new Rig(EngineConfig.defaults().toBuilder().k(1).build());
    tiny.hints.offer(Rig.record(NodeId.of(8)), 0);
    tiny.hints.offer(Rig.record(NodeId.of(9)), 0);
    tiny.hints.offer(Rig.record(NodeId.of(10)), 0);
    tiny.hints.advance(0);
    for (int i = 0; i < 3; i++) {
      tiny.calls.drain().forEach(call -> tiny.calls.completed(call.id(), answerUnless8(call), 0));
      tiny.hints.advance(0);
    }

    assertThat(tiny.table.contact(NodeId.of(10))).isPresent();
    assertThat(tiny.table.replacements()).isZero();
  }

  private static Outcome answerUnless8(Call call) {
    boolean is8 = call.request().wantedId().orElseThrow().equals(NodeId.of(8));
    return is8 ? Rig.TIMEOUT : Rig.answerOf(call);
  }

  /** Its dead addresses are called, and everybody else's turn comes all the same. */
  @Test
  void oneCaller_hasASmallShareOfTheCalls_andParksNobodyElse() {
    SplittableRandom random = new SplittableRandom(8);
    for (int i = 0; i < 1_000; i++) {
      rig.hints.offer(Rig.record(NodeId.random(random)), "10.66.0.1", 0);
    }
    rig.hints.advance(0);
    assertThat(rig.calls.underWay()).isEqualTo(Hints.MAX_OF_CALLER);
    assertThat(rig.hints.offer(Rig.record(ONE), "10.0.0.1", 0)).isEqualTo(Hints.Offer.NEW);
    assertThat(rig.hints.offer(Rig.record(NodeId.of(2)), 0)).isEqualTo(Hints.Offer.NEW);
  }

  @Test
  void allCallersTogether_leaveRoomForWhomTheNodeMet() {
    SplittableRandom random = new SplittableRandom(9);
    Rig large = new Rig(EngineConfig.defaults().toBuilder().k(64).build());
    for (int i = 0; i < 10_000; i++) {
      large.hints.offer(Rig.record(NodeId.random(random)), "10.66." + i % 200 + ".1", 0);
    }
    large.hints.advance(0);
    assertThat(large.calls.underWay()).isEqualTo(Hints.MAX_UNDER_WAY_OF_CALLERS);

    // In the same buckets that callers' hints could fill.
    for (int i = 0; i < Hints.MAX_WAITING - Hints.MAX_WAITING_OF_CALLERS; i++) {
      NodeId met = NodeId.powerOfTwo(255 - i % 3).plus(NodeId.of(i));
      assertThat(large.hints.offer(Rig.record(met), 0)).isEqualTo(Hints.Offer.NEW);
    }
    large.hints.advance(0);
    assertThat(large.calls.underWay()).isEqualTo(Hints.MAX_UNDER_WAY);
  }

  /** The forged record has the highest sequence that there is. */
  @Test
  void forgedRecord_displacesNoneThatWaits_andMakesWayForTheGenuineOne() {
    Network network = Network.of("test", IdentityMode.SIGNED, Scope.PRIVATE);
    AddressPolicy policy = AddressPolicy.of(Scope.PRIVATE, false);
    Rig full =
        new Rig(
            EngineConfig.defaults().toBuilder().k(1).build(),
            network,
            RecordVerifier.signed("test", policy, ToyKey::verify));
    ToyKey key = new ToyKey(1);
    NodeId inTheSameBucket = key.id().flip(0);
    full.table.insert(Rig.contact(Rig.record(inTheSameBucket)), 0);
    SignedPeerRecord genuine = Wire.sign(content(key.id(), 7), key);
    SignedPeerRecord latest = Wire.sign(content(key.id(), -1), key);
    SignedPeerRecord forged =
        new SignedPeerRecord(
            latest.content(), latest.encoded(), key.publicKey(), genuine.signature());

    assertThat(full.hints.offer(genuine, 0)).isEqualTo(Hints.Offer.PARKED);
    assertThat(full.hints.offer(forged, 0)).isEqualTo(Hints.Offer.OTHER);
    assertThat(full.table.waiting(key.id())).contains(genuine);
    assertThat(full.events.drain()).contains(new Event.HintDropped(key.id(), Event.Drop.FORGED));

    full.table.waitsNoMore(key.id());
    full.hints.offer(forged, 0);
    assertThat(full.table.waiting(key.id())).contains(forged);
    assertThat(full.hints.offer(genuine, 0)).isEqualTo(Hints.Offer.PARKED);
    assertThat(full.table.waiting(key.id())).contains(genuine);
  }

  private static PeerRecord content(NodeId id, long sequence) {
    return new PeerRecord(id, List.of(Rig.endpointOf(id)), sequence, "test");
  }

  @Test
  void peerThatIsNotAtItsFirstEndpoint_isCalledAtTheNext() {
    Endpoint dead = new Endpoint("10.1.1.1", 7400);
    Endpoint second = new Endpoint("10.1.1.2", 7400);
    rig.hints.offer(Rig.record(ONE, 1, dead, new Endpoint("127.0.0.1", 1), second), 0);
    rig.hints.advance(0);
    Call first = rig.calls.drain().get(0);
    assertThat(first.to()).isEqualTo(dead);
    rig.calls.completed(first.id(), Rig.TIMEOUT, 1);
    Call next = rig.calls.drain().get(0);
    assertThat(next.to()).as("the one between is not allowed").isEqualTo(second);
    rig.calls.completed(next.id(), Rig.answerOf(next), 2);

    assertThat(rig.table.contact(ONE).orElseThrow().endpoint()).isEqualTo(second);
    assertThat(rig.hints.isIdle()).isTrue();
    assertThat(rig.calls.underWay()).isZero();
  }

  @Test
  void peerThatIsNowhere_isCalledAtThreeEndpoints() {
    Endpoint[] dead = new Endpoint[8];
    for (int i = 0; i < dead.length; i++) {
      dead[i] = new Endpoint("10.1.1." + i, 7400);
    }
    rig.hints.offer(Rig.record(ONE, 1, dead), 0);
    rig.hints.advance(0);
    int calls = 0;
    for (List<Call> next = rig.calls.drain(); !next.isEmpty(); next = rig.calls.drain()) {
      calls += next.size();
      next.forEach(call -> rig.calls.completed(call.id(), Rig.TIMEOUT, 1));
    }
    assertThat(calls).isEqualTo(Hints.MAX_ENDPOINTS);
    assertThat(rig.hints.isIdle()).isTrue();
  }

  /** Else honest peers would hand on a record that sends everybody to the first. */
  @Test
  void inPublic_aPeerIsCalledAtItsFirstEndpointOnly_andEarnsNothingElsewhere() {
    Network network = Network.of("test", IdentityMode.ASSIGNED, Scope.PUBLIC);
    RecordVerifier verifier =
        RecordVerifier.assigned("test", AddressPolicy.of(Scope.PUBLIC, false));
    Rig open = new Rig(EngineConfig.defaults(), network, verifier);
    Endpoint victim = new Endpoint("20.1.1.1", 7400);
    Endpoint own = new Endpoint("20.2.2.2", 7400);
    SignedPeerRecord reflector = Wire.sign(new PeerRecord(ONE, List.of(victim, own), 1, "test"));
    open.hints.offer(reflector, 0);
    open.hints.advance(0);
    List<Call> calls = open.calls.drain();
    assertThat(calls).extracting(Call::to).containsExactly(victim);
    open.calls.completed(calls.get(0).id(), Rig.TIMEOUT, 1);
    assertThat(open.calls.drain()).isEmpty();

    PingRequest ping = open.self.ping(Optional.empty(), own, open.prover.nonce());
    PingResponse answer = new PingResponse(reflector, ping.nonce(), Optional.empty());
    assertThat(open.prover.proved(answer, ping)).as("as a seed, at its second").isEmpty();
  }

  /** It answers where it was called, but says that it is elsewhere now. */
  @Test
  void inPublic_aContactThatNamesAnotherEndpointFirst_isCalledThere() {
    Network network = Network.of("test", IdentityMode.ASSIGNED, Scope.PUBLIC);
    RecordVerifier verifier =
        RecordVerifier.assigned("test", AddressPolicy.of(Scope.PUBLIC, false));
    Rig open = new Rig(EngineConfig.defaults(), network, verifier);
    Endpoint before = new Endpoint("20.1.1.1", 7400);
    Endpoint now = new Endpoint("20.2.2.2", 7400);
    Contact contact = contact(verifier, new PeerRecord(ONE, List.of(before), 1, "test"));
    open.contacts.earned(contact, 0);
    open.prover.prove(contact, 0, (drop, at) -> {});
    Call check = open.calls.drain().get(0);
    SignedPeerRecord moved = Wire.sign(new PeerRecord(ONE, List.of(now, before), 2, "test"));
    Bytes nonce = ((PingRequest) check.request()).nonce();
    open.calls.completed(check.id(), new PingResponse(moved, nonce, Optional.empty()), 1);
    open.hints.advance(1);
    Call second = open.calls.drain().get(0);
    assertThat(second.to()).isEqualTo(now);
    Bytes secondNonce = ((PingRequest) second.request()).nonce();
    open.calls.completed(second.id(), new PingResponse(moved, secondNonce, Optional.empty()), 2);
    assertThat(open.table.contact(ONE).orElseThrow().endpoint()).isEqualTo(now);
  }

  private static Contact contact(RecordVerifier verifier, PeerRecord record) {
    return ((RecordVerifier.Verified) verifier.verify(Wire.sign(record))).contact();
  }

  private List<Event.HintDropped> drops(Rig of) {
    return of.events.drain().stream()
        .filter(Event.HintDropped.class::isInstance)
        .map(Event.HintDropped.class::cast)
        .toList();
  }

  @Test
  void offer_ofAnOldRecordOfItsOwn_changesNothing() {
    long before = rig.self.sequence();
    assertThat(rig.hints.offer(Rig.record(Rig.ID, before, Rig.ENDPOINT), 0))
        .isEqualTo(Hints.Offer.OTHER);
    assertThat(rig.self.sequence()).isEqualTo(before);
    SignedPeerRecord foreign =
        Wire.sign(new PeerRecord(Rig.ID, List.of(Rig.ENDPOINT), 900, "another"));
    assertThat(rig.hints.offer(foreign, 0)).isEqualTo(Hints.Offer.OTHER);
    assertThat(rig.self.sequence()).as("not genuine").isEqualTo(before);
  }

  @Test
  void offer_ofAFarewell_losesTheContact_unlessItIsOldOrForged() {
    rig.earn(0, ONE);
    assertThat(rig.hints.offer(Rig.record(ONE, 1), 1)).isEqualTo(Hints.Offer.OTHER);
    SignedPeerRecord foreign = Wire.sign(new PeerRecord(ONE, List.of(), 9, "another"));
    assertThat(rig.hints.offer(foreign, 1)).isEqualTo(Hints.Offer.OTHER);
    assertThat(rig.table.contact(ONE)).isPresent();
    assertThat(rig.hints.offer(Rig.record(ONE, 2), 1)).isEqualTo(Hints.Offer.OTHER);
    assertThat(rig.table.contact(ONE)).isEmpty();
    assertThat(rig.hints.offer(Rig.record(NodeId.of(2), 2), 1)).isEqualTo(Hints.Offer.OTHER);
    assertThat(rig.hints.isIdle()).isTrue();
  }

  @Test
  void offer_ofAContactsOwnRecord_isNoNews() {
    rig.earn(0, ONE);
    assertThat(rig.hints.isKnown(ONE)).isTrue();
    assertThat(rig.hints.offer(Rig.record(ONE), 1)).isEqualTo(Hints.Offer.OTHER);
    assertThat(rig.hints.isIdle()).isTrue();
  }

  @Test
  void offer_ofOneThatWaits_bringsItsNewerRecord_ifThatIsItsOwn() {
    Endpoint moved = new Endpoint("10.1.1.1", 7400);
    rig.hints.offer(Rig.record(ONE, 5, Rig.endpointOf(ONE)), 0);
    assertThat(rig.hints.isKnown(ONE)).isTrue();
    assertThat(rig.hints.isKnown(NodeId.of(2))).isFalse();
    assertThat(rig.hints.offer(Rig.record(ONE, 4, new Endpoint("10.1.1.4", 1)), 0))
        .isEqualTo(Hints.Offer.OTHER);
    assertThat(rig.hints.offer(Rig.record(ONE, 6, moved), 0)).isEqualTo(Hints.Offer.OTHER);
    Endpoint third = new Endpoint("10.1.1.7", 7400);
    rig.hints.offer(Wire.sign(new PeerRecord(ONE, List.of(third), 7, "another")), 0);
    rig.hints.advance(0);

    assertThat(rig.calls.drain()).extracting(Call::to).containsExactly(moved);
  }

  @Test
  void aCallersFifth_isTooMany_andSaidSo_anothersIsNot() {
    for (int i = 1; i <= Hints.MAX_OF_CALLER; i++) {
      assertThat(rig.hints.offer(Rig.record(NodeId.of(i)), "a", 0)).isEqualTo(Hints.Offer.NEW);
    }
    NodeId fifth = NodeId.of(5);
    assertThat(rig.hints.offer(Rig.record(fifth), "a", 0)).isEqualTo(Hints.Offer.OTHER);
    assertThat(drops(rig)).containsExactly(new Event.HintDropped(fifth, Event.Drop.TOO_MANY));
    assertThat(rig.hints.offer(Rig.record(fifth), "b", 0)).isEqualTo(Hints.Offer.NEW);
    assertThat(rig.hints.offer(Rig.record(NodeId.of(6)), 0)).isEqualTo(Hints.Offer.NEW);
  }

  @Test
  void sixteenAreCalledAtATime_twelveOfThemOfCallers_andTheNextWhenOneIsOver() {
    for (int i = 0; i < 20; i++) {
      rig.hints.offer(Rig.record(NodeId.powerOfTwo(i + 20)), "caller " + i, 0);
    }
    rig.hints.advance(0);
    List<Call> calls = rig.calls.drain();
    assertThat(calls).hasSize(Hints.MAX_UNDER_WAY_OF_CALLERS);
    for (int i = 0; i < 20; i++) {
      rig.hints.offer(Rig.record(NodeId.powerOfTwo(i + 60)), 0);
    }
    rig.hints.advance(0);
    List<Call> met = rig.calls.drain();
    assertThat(met).hasSize(Hints.MAX_UNDER_WAY - Hints.MAX_UNDER_WAY_OF_CALLERS);
    rig.calls.completed(calls.get(0).id(), Rig.TIMEOUT, 1);
    rig.hints.advance(1);
    assertThat(rig.called()).containsExactly(NodeId.powerOfTwo(64));
    rig.calls.completed(met.get(0).id(), Rig.answerOf(met.get(0)), 1);
    rig.hints.advance(1);
    assertThat(rig.called()).as("those that were met come first").hasSize(1);
  }

  @Test
  void room_countsThoseThatAreMet_andForCallersAllThatWait() {
    Rig two = new Rig(EngineConfig.defaults().toBuilder().k(2).build());
    assertThat(two.hints.room(3)).isEqualTo(2);
    two.hints.offer(Rig.record(NodeId.of(8)), "a", 0);
    assertThat(two.hints.room(3)).as("a caller takes nobody's place").isEqualTo(2);
    two.hints.offer(Rig.record(NodeId.of(9)), 0);
    assertThat(two.hints.room(3)).isEqualTo(1);
    assertThat(two.hints.room(4)).isEqualTo(2);
    assertThat(two.hints.offer(Rig.record(NodeId.of(10)), "b", 0)).isEqualTo(Hints.Offer.PARKED);
    assertThat(two.events.drain()).contains(new Event.HintParked(NodeId.of(10)));
    assertThat(two.hints.offer(Rig.record(NodeId.of(11)), 0)).isEqualTo(Hints.Offer.NEW);
  }

  @Test
  void rejected_mayBeHeardOfAgain_afterExactlyHalfAMinute() {
    offerAndFail(0);
    long end = Duration.ofSeconds(30).toNanos();
    assertThat(rig.hints.offer(Rig.record(ONE), end - 1)).isEqualTo(Hints.Offer.OTHER);
    assertThat(rig.hints.offer(Rig.record(ONE), end)).isEqualTo(Hints.Offer.NEW);
  }

  @Test
  void ofThoseRejected_theOldestIsForgotten_whereTheyAreTooMany() {
    SignedPeerRecord first = Rig.record(ONE, 1, new Endpoint("127.0.0.1", 1));
    rig.hints.offer(first, 0);
    rig.hints.advance(0);
    for (int i = 1; i < 512; i++) {
      rig.hints.offer(Rig.record(NodeId.of(1 + i), 1, new Endpoint("127.0.0.1", 1)), i);
      rig.hints.advance(i);
    }
    assertThat(rig.hints.offer(first, 600)).isEqualTo(Hints.Offer.OTHER);
    rig.hints.offer(Rig.record(NodeId.of(900), 1, new Endpoint("127.0.0.1", 1)), 601);
    rig.hints.advance(601);
    assertThat(rig.hints.offer(first, 602)).isEqualTo(Hints.Offer.NEW);
  }

  @Test
  void recordsAtAddressesThatAreNotDialled_areAWarning() {
    rig.hints.offer(Rig.record(ONE, 1, new Endpoint("127.0.0.1", 80)), 0);
    rig.hints.advance(0);
    assertThat(rig.self.warnings()).singleElement().asString().contains("address-refused: 1 ");
  }

  @Test
  void aForgedRecord_isDroppedAsSuch_uncalled_andIsNoWarning() {
    Rig signed =
        new Rig(
            EngineConfig.defaults(),
            Network.of("test", IdentityMode.SIGNED, Scope.PRIVATE),
            RecordVerifier.signed("test", AddressPolicy.of(Scope.PRIVATE, false), ToyKey::verify));
    ToyKey key = new ToyKey(1);
    SignedPeerRecord genuine = Wire.sign(content(key.id(), 7), key);
    SignedPeerRecord forged =
        new SignedPeerRecord(
            genuine.content(),
            genuine.encoded(),
            key.publicKey(),
            Wire.sign(content(key.id(), 8), key).signature());
    signed.hints.offer(forged, 0);
    signed.hints.advance(0);

    assertThat(signed.calls.drain()).isEmpty();
    assertThat(drops(signed)).containsExactly(new Event.HintDropped(key.id(), Event.Drop.FORGED));
    assertThat(signed.self.warnings()).isEmpty();
    assertThat(signed.hints.offer(genuine, 1)).as("the genuine one").isEqualTo(Hints.Offer.NEW);
  }

  @Test
  void whoeverIsToBeMet_isOffered_andNothingWantsAWake() {
    rig.contacts.meet(Rig.record(ONE));
    rig.contacts.meet(Rig.record(NodeId.of(2)));
    rig.hints.advance(0);
    assertThat(rig.called()).containsExactlyInAnyOrder(ONE, NodeId.of(2));
    assertThat(rig.hints.nextWake()).isEqualTo(Part.NEVER);
  }

  private static SignedPeerRecord publicRecord(long id, String host, int port) {
    Endpoint at = new Endpoint(host, port);
    return Wire.sign(new PeerRecord(NodeId.of(id), List.of(at), 1, "test"));
  }

  private static Rig open() {
    return new Rig(
        EngineConfig.defaults(),
        Network.of("test", IdentityMode.ASSIGNED, Scope.PUBLIC),
        RecordVerifier.assigned("test", AddressPolicy.of(Scope.PUBLIC, false)));
  }

  @Test
  void inPublic_ofOneSubnetTwoWaitForABucket_untilOneOfThemIsOver() {
    Rig open = open();
    assertThat(open.hints.offer(publicRecord(16, "20.1.1.1", 1), 0)).isEqualTo(Hints.Offer.NEW);
    assertThat(open.hints.offer(publicRecord(17, "20.1.1.2", 1), 0)).isEqualTo(Hints.Offer.NEW);
    assertThat(open.hints.offer(publicRecord(18, "20.1.1.3", 1), 0)).isEqualTo(Hints.Offer.OTHER);
    assertThat(open.hints.isKnown(NodeId.of(18))).isFalse();
    open.hints.advance(0);
    Call call = open.calls.drain().get(0);
    open.calls.completed(call.id(), Rig.TIMEOUT, 1);
    assertThat(open.hints.offer(publicRecord(18, "20.1.1.3", 1), 2)).isEqualTo(Hints.Offer.NEW);
  }

  @Test
  void inPublic_aHostThatWasJustTried_isNotCalled_andMayBeHeardOfAgain() {
    Rig open = open();
    SignedPeerRecord second = publicRecord(32, "20.1.1.1", 2);
    open.hints.offer(publicRecord(16, "20.1.1.1", 1), 0);
    open.hints.offer(second, 0);
    open.hints.advance(0);
    assertThat(open.called()).containsExactly(NodeId.of(16));
    assertThat(drops(open))
        .containsExactly(new Event.HintDropped(NodeId.of(32), Event.Drop.TOO_MANY));
    assertThat(open.hints.isKnown(NodeId.of(32))).isFalse();
    assertThat(open.hints.offer(second, 1)).isEqualTo(Hints.Offer.NEW);
  }
}
