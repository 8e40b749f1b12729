package dev.peerdiscovery.core.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.ToyKey;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.simulation.Wire;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * A proof is worth something for one nonce, one caller, one responder, one address, one network.
 */
class PingProofTest {
  private static final ToyKey RESPONDER = new ToyKey(1);
  private static final ToyKey CALLER = new ToyKey(2);
  private static final ToyKey OTHER = new ToyKey(3);
  private static final Endpoint HERE = Endpoint.parse("10.0.0.1:7400");

  private static SignedPeerRecord record(ToyKey key) {
    return Wire.sign(new PeerRecord(key.id(), List.of(HERE), 1, "test"), key);
  }

  private static PingRequest request(
      String network, Optional<ToyKey> caller, Endpoint dialled, int nonce) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) nonce);
    return new PingRequest(
        Network.of(network, IdentityMode.SIGNED, Scope.PRIVATE),
        caller.map(PingProofTest::record),
        Optional.empty(),
        dialled,
        Bytes.copyOf(bytes));
  }

  private static PingRequest request() {
    return request("test", Optional.of(CALLER), HERE, 5);
  }

  private static PingResponse answer(ToyKey key, PingRequest to) {
    return new PingResponse(
        record(key), key.sign(PingProof.bytesOf(to, key.id())), Optional.empty());
  }

  private static boolean isIn(PingResponse response, PingRequest request) {
    return PingProof.isIn(response, request, ToyKey::verify);
  }

  @Test
  void signature_isAProof_alsoForWhoIsNoPeer() {
    PingRequest outside = request("test", Optional.empty(), HERE, 5);
    assertThat(isIn(answer(RESPONDER, request()), request())).isTrue();
    assertThat(isIn(answer(RESPONDER, outside), outside)).isTrue();
  }

  @Test
  void signatureForAnythingElse_isNone() {
    for (PingRequest other :
        List.of(
            request("test", Optional.of(CALLER), HERE, 6),
            request("test2", Optional.of(CALLER), HERE, 5),
            request("test", Optional.of(OTHER), HERE, 5),
            request("test", Optional.empty(), HERE, 5),
            request("test", Optional.of(CALLER), Endpoint.parse("10.0.0.1:7401"), 5),
            request("test", Optional.of(CALLER), Endpoint.parse("10.0.0.2:7400"), 5))) {
      assertThat(isIn(answer(RESPONDER, other), request())).as(other.toString()).isFalse();
    }
  }

  @Test
  void anothersSignature_theEchoedNonce_andNothing_areNone() {
    Bytes others = answer(OTHER, request()).proof();
    for (Bytes proof :
        List.of(others, request().nonce(), Bytes.EMPTY, Bytes.copyOf(new byte[64]))) {
      assertThat(isIn(answer(RESPONDER, request()).proving(proof), request())).isFalse();
    }
  }

  @Test
  void withoutANonce_nothingIsProved() {
    PingRequest without =
        new PingRequest(request().network(), Optional.empty(), Optional.empty(), HERE, Bytes.EMPTY);
    assertThat(isIn(answer(RESPONDER, without), without)).isFalse();
  }

  @Test
  void whereIdsAreAssigned_theEchoIsTheProof() {
    PingRequest assigned =
        new PingRequest(
            Network.of("test", IdentityMode.ASSIGNED, Scope.PRIVATE),
            Optional.empty(),
            Optional.empty(),
            HERE,
            request().nonce());
    assertThat(isIn(answer(RESPONDER, assigned), assigned)).isFalse();
    assertThat(isIn(answer(RESPONDER, assigned).proving(assigned.nonce()), assigned)).isTrue();
  }
}
