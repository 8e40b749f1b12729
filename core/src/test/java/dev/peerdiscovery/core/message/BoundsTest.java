package dev.peerdiscovery.core.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.Peers;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that a remote can make long is bounded in the message itself. */
class BoundsTest {
  private static final SignedPeerRecord PEER = Peers.record(NodeId.of(13));

  @ParameterizedTest
  @ValueSource(ints = {0, 32})
  void pingRequest_takesANonceOrNone(int size) {
    assertThat(ping(size).nonce().size()).isEqualTo(size);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 33, 64, 1_000_000})
  void pingRequest_refusesANonceOfAnotherLength(int size) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ping(size))
        .withMessage("nonce: must be 32 bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 32, 64})
  void pingResponse_takesAProofOfUpTo64Bytes(int size) {
    assertThat(new PingResponse(PEER, bytes(size), Optional.empty()).proof().size())
        .isEqualTo(size);
  }

  @ParameterizedTest
  @ValueSource(ints = {65, 1_000_000})
  void pingResponse_refusesALongerProof(int size) {
    Bytes proof = bytes(size);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PingResponse(PEER, proof, Optional.empty()))
        .withMessage("proof: longer than 64 bytes");
  }

  @Test
  void findNodeResponse_takes64Peers_andCopiesThem() {
    List<SignedPeerRecord> peers = new ArrayList<>(Collections.nCopies(64, PEER));
    FindNodeResponse response = new FindNodeResponse(peers);

    peers.clear();

    assertThat(response.peers()).hasSize(64).isUnmodifiable();
    assertThat(new FindNodeResponse(List.of()).peers()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {65, 10_000})
  void findNodeResponse_refusesMore(int count) {
    List<SignedPeerRecord> peers = Collections.nCopies(count, PEER);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FindNodeResponse(peers))
        .withMessage("peers: more than 64");
  }

  private static PingRequest ping(int nonceSize) {
    return new PingRequest(
        Network.of(Peers.NETWORK, IdentityMode.ASSIGNED, Scope.PRIVATE),
        Optional.empty(),
        Optional.empty(),
        new Endpoint("localhost", 7400),
        bytes(nonceSize));
  }

  private static Bytes bytes(int size) {
    return Bytes.copyOf(new byte[size]);
  }
}
