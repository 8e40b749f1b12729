package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.ToyKey;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingProof;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a call that is to prove an id says about the peer, and about the node. */
class ProverTest {
  private static final ToyKey KEY = new ToyKey(1);
  private static final Endpoint AT = Rig.endpointOf(KEY.id());
  private static final Endpoint MOVED = new Endpoint("10.1.1.1", 7400);
  private static final RecordVerifier VERIFIER =
      RecordVerifier.signed("test", AddressPolicy.of(Scope.PRIVATE, false), ToyKey::verify);

  private final Rig rig =
      new Rig(
          EngineConfig.defaults(),
          Network.of("test", IdentityMode.SIGNED, Scope.PRIVATE),
          VERIFIER);
  private final List<Optional<Event.Drop>> drops = new ArrayList<>();

  private static SignedPeerRecord record(ToyKey key, long sequence, Endpoint... at) {
    return Wire.sign(new PeerRecord(key.id(), List.of(at), sequence, "test"), key);
  }

  private static Contact contact(SignedPeerRecord record) {
    return ((RecordVerifier.Verified) VERIFIER.verify(record)).contact();
  }

  private static PingResponse proving(PingRequest ping, ToyKey key, SignedPeerRecord record) {
    Bytes proof = key.sign(PingProof.bytesOf(ping, key.id()));
    return new PingResponse(record, proof, Optional.empty());
  }

  private PingRequest begin(Contact peer) {
    rig.prover.prove(peer, 10, (drop, now) -> drops.add(drop));
    return (PingRequest) rig.calls.drain().get(0).request();
  }

  private void end(Outcome outcome) {
    rig.calls.completed(new CallId(rig.calls.made()), outcome, 30);
  }

  @Test
  void whoSignsTheNonce_isAContact_withTheTimeThatTheCallTook() {
    SignedPeerRecord record = record(KEY, 1, AT);
    PingRequest ping = begin(contact(record));
    assertThat(ping.wantedId()).contains(KEY.id());
    assertThat(ping.nonce().size()).isEqualTo(PingRequest.NONCE_BYTES);
    end(proving(ping, KEY, record));

    assertThat(drops).containsExactly(Optional.empty());
    assertThat(rig.table.contact(KEY.id())).contains(contact(record));
    assertThat(rig.table.roundTripNanos(KEY.id(), 0)).isNotNegative();
    assertThat(rig.contacts.dials().size()).as("in private none are counted").isZero();
  }

  @Test
  void nonces_differ() {
    assertThat(rig.prover.nonce()).isNotEqualTo(rig.prover.nonce());
  }

  @Test
  void whereTheCallWasSeenToComeFrom_isNoted() {
    SignedPeerRecord record = record(KEY, 1, AT);
    Optional<Endpoint> seen = Optional.of(new Endpoint("203.0.113.9", 1));
    rig.self.observed(NodeId.of(9), seen.get());
    PingRequest ping = begin(contact(record));
    end(new PingResponse(record, proving(ping, KEY, record).proof(), seen));

    assertThat(rig.self.warnings()).singleElement().asString().contains("203.0.113.9");
  }

  @Test
  void whoDoesNotAnswer_isUnreachable_andMissesACall() {
    rig.contacts.earned(contact(record(KEY, 1, AT)), 0);
    begin(contact(record(KEY, 1, AT)));
    end(Rig.TIMEOUT);

    assertThat(drops).containsExactly(Optional.of(Event.Drop.UNREACHABLE));
    assertThat(rig.table.entry(KEY.id()).orElseThrow().failures()).isEqualTo(1);
  }

  @Test
  void whoRefuses_provesNothing() {
    begin(contact(record(KEY, 1, AT)));
    end(Rig.BUSY);

    assertThat(drops).containsExactly(Optional.of(Event.Drop.NOT_PROVED));
    assertThat(rig.table.size()).isZero();
  }

  @Test
  void anotherPeerAtItsEndpoint_losesItThePlace_andIsASignOfLife() {
    Contact known = contact(record(KEY, 1, AT));
    rig.contacts.earned(known, 0);
    Contact silent = contact(record(new ToyKey(3), 1, MOVED));
    rig.contacts.earned(silent, 0);
    rig.contacts.failed(known, Rig.TIMEOUT, 1, 2);
    rig.contacts.failed(silent, Rig.TIMEOUT, 1, 2);
    assertThat(rig.contacts.nextWake()).isNotEqualTo(Part.NEVER);
    rig.events.drain();
    PingRequest ping = begin(known);
    ToyKey other = new ToyKey(2);
    end(proving(ping, other, record(other, 1, AT)));

    assertThat(drops).containsExactly(Optional.of(Event.Drop.NOT_PROVED));
    assertThat(rig.events.drain()).contains(new Event.ContactLost(known, Event.Loss.CHANGED));
    assertThat(rig.contacts.nextWake()).as("no silence").isEqualTo(Part.NEVER);
    assertThat(rig.table.size()).as("the other was not asked for").isEqualTo(1);
    assertThat(rig.contacts.takeVacancy()).isEmpty();
  }

  @Test
  void whoDoesNotSignTheNonce_provesNothing() {
    SignedPeerRecord record = record(KEY, 1, AT);
    PingRequest ping = begin(contact(record));
    end(proving(ping, new ToyKey(2), record));

    assertThat(drops).containsExactly(Optional.of(Event.Drop.NOT_PROVED));
    assertThat(rig.table.size()).isZero();
    assertThat(rig.contacts.takeVacancy()).as("nothing newer is known").isEmpty();
  }

  @Test
  void whoSaysThatItHasMoved_isCalledThere_ifTheRecordIsItsOwnAndNewer() {
    begin(contact(record(KEY, 5, AT)));
    SignedPeerRecord moved = record(KEY, 6, MOVED);
    end(new PingResponse(moved, Bytes.EMPTY, Optional.empty()));
    assertThat(rig.contacts.takeVacancy()).contains(moved);

    begin(contact(record(KEY, 5, AT)));
    end(new PingResponse(record(KEY, 4, MOVED), Bytes.EMPTY, Optional.empty()));
    assertThat(rig.contacts.takeVacancy()).as("older").isEmpty();

    begin(contact(record(KEY, 5, AT)));
    end(new PingResponse(record(KEY, 6, AT, MOVED), Bytes.EMPTY, Optional.empty()));
    assertThat(rig.contacts.takeVacancy()).as("where it was called").isEmpty();

    begin(contact(record(KEY, 5, AT)));
    Bytes other = record(KEY, 7, MOVED).signature();
    end(
        new PingResponse(
            new SignedPeerRecord(moved.content(), moved.encoded(), moved.publicKey(), other),
            Bytes.EMPTY,
            Optional.empty()));
    assertThat(rig.contacts.takeVacancy()).as("forged").isEmpty();
  }

  /** A record that was handed on may be newer than the one the peer still answers with. */
  @Test
  void ofTwoRecords_theNewerIsKept() {
    PingRequest ping = begin(contact(record(KEY, 5, AT)));
    end(proving(ping, KEY, record(KEY, 4, AT)));
    assertThat(rig.table.contact(KEY.id()).orElseThrow().record()).isEqualTo(record(KEY, 5, AT));

    PingRequest again = begin(contact(record(KEY, 5, AT)));
    end(proving(again, KEY, record(KEY, 6, AT)));
    assertThat(rig.table.contact(KEY.id()).orElseThrow().record()).isEqualTo(record(KEY, 6, AT));
  }

  @Test
  void isGenuine_ofWhatItsKeySigned() {
    SignedPeerRecord record = record(KEY, 1, AT);
    assertThat(rig.prover.isGenuine(record)).isTrue();
    assertThat(
            rig.prover.isGenuine(
                new SignedPeerRecord(
                    record.content(),
                    record.encoded(),
                    record.publicKey(),
                    record(KEY, 2, AT).signature())))
        .isFalse();
  }
}
