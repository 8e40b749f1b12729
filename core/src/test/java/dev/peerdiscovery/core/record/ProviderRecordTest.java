package dev.peerdiscovery.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.simulation.Wire;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderRecordTest {
  private static final ServiceName ORDERS = new ServiceName("demo", "orders");
  private static final Endpoint AT = new Endpoint("10.0.0.1", 8080);

  private static ProviderRecord record(Map<String, String> metadata, Duration ttl, long sequence) {
    return new ProviderRecord(
        ORDERS, NodeId.of(1), AT, metadata, ttl, false, 1, sequence, Bytes.EMPTY);
  }

  private static ProviderRecord record(long incarnation, long sequence) {
    return new ProviderRecord(
        ORDERS,
        NodeId.of(1),
        AT,
        Map.of(),
        ProviderRecord.DEFAULT_TTL,
        false,
        incarnation,
        sequence,
        Bytes.EMPTY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-orders", ".orders", "or ders", "orders/v1", "ördérs", "a\n"})
  void aName_isLettersDigitsAndFewOthers(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ServiceName("demo", name))
        .withMessageStartingWith("service: ");
  }

  @Test
  void names_haveALength() {
    assertThat(new ServiceName("n".repeat(64), "s".repeat(128)).name()).hasSize(128);
    assertThatIllegalArgumentException().isThrownBy(() -> new ServiceName("demo", "s".repeat(129)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ServiceName("n".repeat(65), "orders"))
        .withMessageStartingWith("namespace: ");
  }

  /** Computed by another implementation: {@code docs/protocol.md} says how. */
  @Test
  void aKey_isTheHashOfBothParts_eachWithItsLength() {
    assertThat(ORDERS.key().toString())
        .isEqualTo("6bf58d78e6fedc59d6831220b3866164c708e2e7e03c1a662af8bd44308ab008");
    assertThat(new ServiceName("demoo", "rders").key()).isNotEqualTo(ORDERS.key());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 9_999, 10_500, 86_400_001})
  void aTtl_isTenSecondsToADay_inWholeSeconds(long millis) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> record(Map.of(), Duration.ofMillis(millis), 1))
        .withMessageStartingWith("ttl: ");
  }

  @Test
  void metadata_hasBounds() {
    Duration ttl = ProviderRecord.DEFAULT_TTL;
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 33; i++) {
      many.put("k" + i, "");
    }
    assertThat(record(Map.of("k", "v".repeat(1_023)), ttl, 1).metadata()).hasSize(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> record(Map.of("k", "v".repeat(1_024)), ttl, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> record(Map.of("k", "ü".repeat(512)), ttl, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> record(many, ttl, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> record(Map.of("", "v"), ttl, 1));
  }

  @Test
  void theLargest_fitsIntoASignedRecord() {
    Map<String, String> metadata = new HashMap<>();
    for (int i = 0; i < 32; i++) {
      metadata.put("%02d".formatted(i), "v".repeat(30));
    }
    ProviderRecord largest =
        new ProviderRecord(
            new ServiceName("n".repeat(64), "s".repeat(128)),
            NodeId.ZERO.complement(),
            new Endpoint(("a".repeat(62) + ".").repeat(4) + "a", 65_535),
            metadata,
            ProviderRecord.MAX_TTL,
            true,
            -1,
            -1,
            Bytes.copyOf(new byte[ProviderRecord.MAX_TOKEN_BYTES]));
    assertThat(Wire.sign(largest).size() + 32 + 64)
        .isLessThanOrEqualTo(SignedProviderRecord.MAX_BYTES);
  }

  @Test
  void incarnation_comesBeforeSequence_bothUnsigned() {
    assertThat(record(2, 1).supersedes(record(1, 9))).isTrue();
    assertThat(record(1, 9).supersedes(record(2, 1))).isFalse();
    assertThat(record(1, -1).supersedes(record(1, 1))).isTrue();
    assertThat(record(1, 1).supersedes(record(1, 1))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "z", "A", "Z", "0", "9", "a-", "a.", "a_"})
  void aName_takesAllOfThem(String name) {
    assertThat(new ServiceName(name, name)).hasToString(name + "/" + name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"`", "{", "@", "[", "/", ":", "-", ".", "_"})
  void aName_takesNothingBesideThem_atItsBeginning(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> new ServiceName("demo", name));
  }

  @Test
  void aTtl_includesItsBounds() {
    assertThat(record(Map.of(), ProviderRecord.MIN_TTL, 1).ttl()).hasSeconds(10);
    assertThat(record(Map.of(), ProviderRecord.MAX_TTL, 1).ttl()).hasSeconds(86_400);
  }

  @Test
  void metadata_takes32Entries() {
    Map<String, String> most = new HashMap<>();
    for (int i = 0; i < 32; i++) {
      most.put("k" + i, "");
    }
    assertThat(record(most, ProviderRecord.DEFAULT_TTL, 1).metadata()).hasSize(32);
  }
}
