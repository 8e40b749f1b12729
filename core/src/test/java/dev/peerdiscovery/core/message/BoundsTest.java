package dev.peerdiscovery.core.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.Peers;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.simulation.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
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

  private static final Network NETWORK =
      Network.of(Peers.NETWORK, IdentityMode.ASSIGNED, Scope.PRIVATE);

  private static HeldProvider held(boolean withdrawn, Duration remaining) {
    ProviderRecord record =
        new ProviderRecord(
            new ServiceName("test", "orders"),
            NodeId.of(1),
            new Endpoint("10.0.0.1", 1),
            Map.of(),
            Duration.ofSeconds(90),
            withdrawn,
            1,
            1,
            Bytes.EMPTY);
    return new HeldProvider(Wire.sign(record), remaining);
  }

  @Test
  void heldProvider_hasTimeLeft_atMostItsTtl_andATombstoneNone() {
    assertThat(held(false, Duration.ofNanos(1)).remaining()).isPositive();
    assertThat(held(false, Duration.ofSeconds(90)).remaining()).hasSeconds(90);
    assertThat(held(true, Duration.ZERO).remaining()).isZero();
    for (Duration none : List.of(Duration.ZERO, Duration.ofMillis(-1), Duration.ofMillis(90_001))) {
      assertThatIllegalArgumentException().isThrownBy(() -> held(false, none));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> held(true, Duration.ofMillis(1)));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 65})
  void getProvidersRequest_isForAtMost64(int max) {
    assertThatIllegalArgumentException().isThrownBy(() -> getProviders(max));
    assertThat(getProviders(0).max()).isZero();
    assertThat(getProviders(64).max()).isEqualTo(64);
  }

  private static GetProvidersRequest getProviders(int max) {
    return new GetProvidersRequest(NETWORK, Optional.empty(), Optional.empty(), NodeId.ZERO, max);
  }

  @Test
  void getProvidersResponse_isBoundedInAllItsParts() {
    List<HeldProvider> most = Collections.nCopies(64, held(true, Duration.ZERO));
    List<SignedPeerRecord> peers = Collections.nCopies(64, PEER);
    assertThat(new GetProvidersResponse(most, 0, peers, bytes(32)).providers()).hasSize(64);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GetProvidersResponse(oneMore(most), 0, peers, bytes(0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GetProvidersResponse(most, 0, oneMore(peers), bytes(0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GetProvidersResponse(most, -1, peers, bytes(0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GetProvidersResponse(most, 0, peers, bytes(33)));
  }

  @Test
  void providersUpdate_has64AtMost() {
    List<HeldProvider> most = Collections.nCopies(64, held(true, Duration.ZERO));
    assertThat(new ProvidersUpdate(most, true).providers()).hasSize(64);
    assertThatIllegalArgumentException().isThrownBy(() -> new ProvidersUpdate(oneMore(most), true));
  }

  private static <T> List<T> oneMore(List<T> list) {
    return Collections.nCopies(list.size() + 1, list.get(0));
  }

  @Test
  void addProviderResponse_hasATokenOfAtMost32Bytes() {
    assertThat(new AddProviderResponse(bytes(32)).token().size()).isEqualTo(32);
    assertThatIllegalArgumentException().isThrownBy(() -> new AddProviderResponse(bytes(33)));
  }

  @Test
  void refusal_asksForAPauseOfTenMinutesAtMost_andForOneWhenItIsForLoad() {
    Refusal.Reason reason = Refusal.Reason.OVERLOADED;
    assertThat(new Refusal(reason, "").retryAfter()).isEqualTo(Refusal.BUSY);
    assertThat(new Refusal(Refusal.Reason.MALFORMED, "").retryAfter()).isZero();
    assertThat(new Refusal(reason, "", Refusal.MAX_RETRY_AFTER).retryAfter()).hasMinutes(10);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Refusal(reason, "", Refusal.MAX_RETRY_AFTER.plusNanos(1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Refusal(reason, "", Duration.ofNanos(-1)));
  }
}
