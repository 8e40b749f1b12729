package dev.peerdiscovery.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.peerdiscovery.core.id.NodeId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerRecordTest {
  private static final Endpoint ENDPOINT = new Endpoint("10.0.0.1", 7400);

  @Test
  void endpoints_areCopied() {
    List<Endpoint> endpoints = new ArrayList<>(List.of(ENDPOINT));
    PeerRecord record = new PeerRecord(NodeId.of(1), endpoints, 1, "test");

    endpoints.clear();

    assertThat(record.endpoints()).containsExactly(ENDPOINT).isUnmodifiable();
  }

  @Test
  void endpoints_areBounded() {
    List<Endpoint> eight = Collections.nCopies(8, ENDPOINT);
    List<Endpoint> nine = Collections.nCopies(9, ENDPOINT);

    assertThat(new PeerRecord(NodeId.of(1), eight, 1, "test").endpoints()).hasSize(8);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PeerRecord(NodeId.of(1), nine, 1, "test"))
        .withMessage("record: more than 8 endpoints");
  }

  @Test
  void endpoints_areNeverNull() {
    List<Endpoint> withNull = Collections.singletonList(null);

    assertThatNullPointerException()
        .isThrownBy(() -> new PeerRecord(NodeId.of(1), withNull, 1, "test"));
  }

  @Test
  void hasLeft_whenThereIsNoEndpoint() {
    assertThat(new PeerRecord(NodeId.of(1), List.of(), 1, "test").hasLeft()).isTrue();
    assertThat(new PeerRecord(NodeId.of(1), List.of(ENDPOINT), 1, "test").hasLeft()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "prod", "Prod-1.eu_west", "0", "-", "."})
  void checkNetworkName_takesLettersDigitsAndThree(String name) {
    PeerRecord.checkNetworkName(name);
    PeerRecord.checkNetworkName(name.repeat(64).substring(0, 64));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "a b", "a\n", "a\u0000", "\u001b[31m", "a/b", "\u00e4", "\uff11"})
  void checkNetworkName_refusesTheRest_withoutRepeatingIt(String name) {
    for (String bad : List.of(name, name + "a".repeat(65), "a".repeat(1_000_000) + name)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new PeerRecord(NodeId.of(1), List.of(), 1, bad))
          .withMessage(
              "network: the name must be 1 to 64 letters, digits, dots, dashes and underscores");
    }
  }

  /** Unsigned: the largest sequence is 2^64 - 1, which is -1 as a long. */
  @ParameterizedTest
  @CsvSource({"1, 0, 1", "0, 1, -1", "5, 5, 0", "-1, 0, 1", "-1, 9223372036854775807, 1"})
  void supersedes_comparesSequencesUnsigned(long one, long other, int order) {
    PeerRecord a = new PeerRecord(NodeId.of(1), List.of(ENDPOINT), one, "test");
    PeerRecord b = new PeerRecord(NodeId.of(1), List.of(), other, "test");

    assertThat(a.supersedes(b)).isEqualTo(order > 0);
    assertThat(b.supersedes(a)).isEqualTo(order < 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "z", "A", "Z", "0", "9", ".", "_", "-"})
  void networkName_takesAllThatItMay(String name) {
    PeerRecord.checkNetworkName(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"`", "{", "@", "[", "/", ":", "", "a b", "ä"})
  void networkName_takesNothingBesideIt(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> PeerRecord.checkNetworkName(name));
  }
}
