package dev.peerdiscovery.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.ToyKey;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.RecordVerifier.Reason;
import dev.peerdiscovery.core.simulation.Wire;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each way in which what is said about an instance can be wrong. */
class ProviderVerifierTest {
  private static final ToyKey KEY = new ToyKey(1);
  private static final Endpoint AT = new Endpoint("10.0.0.1", 8080);
  private static final AddressPolicy POLICY = AddressPolicy.of(Scope.PRIVATE, false);

  private final RecordVerifier signed = RecordVerifier.signed("test", POLICY, ToyKey::verify);
  private final RecordVerifier assigned = RecordVerifier.assigned("test", POLICY);

  private static ProviderRecord content(NodeId publisher, Endpoint at) {
    return new ProviderRecord(
        new ServiceName("test", "orders"),
        publisher,
        at,
        Map.of("zone", "a"),
        Duration.ofSeconds(90),
        false,
        1,
        2,
        Bytes.EMPTY);
  }

  private static SignedProviderRecord good() {
    return Wire.sign(content(KEY.id(), AT), KEY);
  }

  private void assertRefused(RecordVerifier verifier, SignedProviderRecord record, Reason why) {
    assertThat(verifier.refusalOf(record)).contains(why);
    assertThat(verifier.verify(record)).isEmpty();
  }

  @Test
  void good_isVerified_asItCame() {
    Provider provider = signed.verify(good()).orElseThrow();
    assertThat(signed.refusalOf(good())).isEmpty();
    assertThat(provider.record()).isEqualTo(good());
    assertThat(provider.content()).isEqualTo(content(KEY.id(), AT));
    assertThat(provider.service()).isEqualTo(new ServiceName("test", "orders"));
    assertThat(provider.publisher()).isEqualTo(KEY.id());
    assertThat(provider.endpoint()).isEqualTo(AT);
    assertThat(provider.metadata()).isEqualTo(Map.of("zone", "a"));
    assertThat(provider).hasToString("test/orders@10.0.0.1:8080 by " + KEY.id().toShortString());
    assertThat(provider)
        .isEqualTo(new Provider(good()))
        .hasSameHashCodeAs(new Provider(good()))
        .isNotEqualTo(new Provider(Wire.sign(content(NodeId.of(1), AT))))
        .isNotEqualTo("something else");
    assertThat(provider.hashCode()).isNotZero();
  }

  @Test
  void forged_isRefused() {
    SignedProviderRecord good = good();
    Bytes other = new ToyKey(2).sign(good.encoded());
    assertRefused(
        signed,
        new SignedProviderRecord(good.content(), good.encoded(), KEY.publicKey(), other),
        Reason.BAD_SIGNATURE);
    assertRefused(signed, Wire.sign(content(NodeId.of(1), AT), KEY), Reason.OTHER_KEY);
    assertRefused(
        signed,
        new SignedProviderRecord(
            good.content(), good.encoded(), Bytes.copyOf(new byte[32]), good.signature()),
        Reason.BAD_KEY);
  }

  @Test
  void ofAnotherIdentity_isRefused() {
    assertRefused(signed, Wire.sign(content(KEY.id(), AT)), Reason.OTHER_IDENTITY);
    assertRefused(assigned, good(), Reason.OTHER_IDENTITY);
    assertThat(assigned.verify(Wire.sign(content(KEY.id(), AT)))).isPresent();
  }

  @Test
  void whereNobodyIsDialled_isRefused_withoutLookingAtTheSignature() {
    Endpoint loopback = new Endpoint("127.0.0.1", 1);
    assertRefused(signed, Wire.sign(content(KEY.id(), loopback), KEY), Reason.ADDRESS_NOT_ALLOWED);
    assertRefused(assigned, Wire.sign(content(KEY.id(), loopback)), Reason.ADDRESS_NOT_ALLOWED);
  }

  @Test
  void whatSaysTheSame_hasTheSameMetadataAndState() {
    ProviderRecord one = content(KEY.id(), AT);
    assertThat(one.saysTheSame(content(KEY.id(), AT))).isTrue();
    assertThat(one.saysTheSame(with(Map.of(), false))).isFalse();
    assertThat(one.saysTheSame(with(Map.of("zone", "a"), true))).isFalse();
  }

  private static ProviderRecord with(Map<String, String> metadata, boolean withdrawn) {
    ProviderRecord one = content(KEY.id(), AT);
    return new ProviderRecord(
        one.service(), one.publisher(), AT, metadata, one.ttl(), withdrawn, 1, 9, Bytes.EMPTY);
  }

  @Test
  void signedRecord_isAsLargeAsItsParts_andNoLargerThanAllowed() {
    ProviderRecord one = content(KEY.id(), AT);
    Bytes key = KEY.publicKey();
    SignedProviderRecord largest =
        new SignedProviderRecord(
            one,
            Bytes.copyOf(new byte[SignedProviderRecord.MAX_BYTES - 32 - 64]),
            key,
            Bytes.copyOf(new byte[64]));
    assertThat(largest.size()).isEqualTo(SignedProviderRecord.MAX_BYTES);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new SignedProviderRecord(one, largest.encoded(), key, Bytes.copyOf(new byte[65])));
  }

  @Test
  void tokensOfAnInstance_haveABound() {
    ProviderRecord one = content(KEY.id(), AT);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new ProviderRecord(
                    one.service(),
                    one.publisher(),
                    AT,
                    Map.of(),
                    one.ttl(),
                    false,
                    1,
                    1,
                    Bytes.copyOf(new byte[33])))
        .withMessageStartingWith("token: ");
  }
}
