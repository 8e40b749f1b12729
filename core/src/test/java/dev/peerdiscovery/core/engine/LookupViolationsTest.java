package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.ToyKey;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.simulation.Wire;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Answers that are well-formed and break a rule all the same: three, and the peer is left alone.
 */
class LookupViolationsTest {
  private static final ToyKey LIAR = new ToyKey(1);
  private static final RecordVerifier VERIFIER =
      RecordVerifier.signed("test", AddressPolicy.of(Scope.PRIVATE, false), ToyKey::verify);

  private final Rig rig =
      new Rig(
          EngineConfig.defaults(),
          Network.of("test", IdentityMode.SIGNED, Scope.PRIVATE),
          VERIFIER);

  private static SignedPeerRecord record(ToyKey key) {
    Endpoint at = Rig.endpointOf(key.id());
    return Wire.sign(new PeerRecord(key.id(), List.of(at), 1, "test"), key);
  }

  /** In the name of a key that did not sign it. */
  private static SignedPeerRecord forged(long number) {
    SignedPeerRecord genuine = record(new ToyKey(number));
    Bytes other = record(LIAR).signature();
    return new SignedPeerRecord(genuine.content(), genuine.encoded(), genuine.publicKey(), other);
  }

  private void lookup() {
    rig.lookup(NodeId.ZERO, record(LIAR));
  }

  /** Three lookups, in each of which it answers so; whoever else is called is not there. */
  private void answerThrice(List<SignedPeerRecord> named) {
    rig.contacts.earned(((RecordVerifier.Verified) VERIFIER.verify(record(LIAR))).contact(), 0);
    for (int i = 0; i < 3; i++) {
      lookup();
      for (List<Call> calls = rig.calls.drain(); !calls.isEmpty(); calls = rig.calls.drain()) {
        for (Call call : calls) {
          boolean isLiar = call.request().wantedId().orElseThrow().equals(LIAR.id());
          rig.calls.completed(call.id(), isLiar ? new FindNodeResponse(named) : Rig.TIMEOUT, 1);
        }
        rig.lookups.advance(1);
      }
    }
  }

  private boolean isLeftAlone() {
    return rig.table.contact(LIAR.id()).isEmpty()
        && rig.contacts.dials().isPaused(Rig.endpointOf(LIAR.id()), 2);
  }

  @Test
  void answersThatMostlyRepeatThemselves_areViolations() {
    answerThrice(Collections.nCopies(20, record(new ToyKey(2))));
    assertThat(isLeftAlone()).isTrue();
  }

  @Test
  void answersThatRepeatHalf_areNone() {
    List<SignedPeerRecord> ten =
        IntStream.range(2, 12).mapToObj(number -> record(new ToyKey(number))).toList();
    answerThrice(IntStream.range(0, 20).mapToObj(i -> ten.get(i % 10)).toList());
    assertThat(isLeftAlone()).isFalse();
    assertThat(rig.table.contact(LIAR.id())).isPresent();
  }

  @Test
  void whoNamesForgeries_isToBlame() {
    answerThrice(List.of(forged(2), forged(3)));
    assertThat(isLeftAlone()).isTrue();
  }

  @Test
  void whoNamesPeersThatAreGone_isNot() {
    answerThrice(List.of(record(new ToyKey(2)), record(new ToyKey(3))));
    assertThat(isLeftAlone()).isFalse();
  }
}
