package dev.peerdiscovery.core.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {
  private static final Network HERE = new Network("test", IdentityMode.ASSIGNED, Scope.PRIVATE, 5);

  @Test
  void of_speaksThisVersion() {
    assertThat(Network.of("test", IdentityMode.SIGNED, Scope.PUBLIC))
        .isEqualTo(
            new Network("test", IdentityMode.SIGNED, Scope.PUBLIC, Network.PROTOCOL_VERSION));
  }

  @ParameterizedTest
  @CsvSource({
    "test, ASSIGNED, PRIVATE, 5,",
    "test, ASSIGNED, PRIVATE, 4,",
    "test, ASSIGNED, PRIVATE, 6,",
    "test, ASSIGNED, PRIVATE, 3, OTHER_VERSION",
    "test, ASSIGNED, PRIVATE, 7, OTHER_VERSION",
    "test, ASSIGNED, PRIVATE, 2147483647, OTHER_VERSION",
    "other, ASSIGNED, PRIVATE, 5, OTHER_NETWORK",
    "Test, ASSIGNED, PRIVATE, 5, OTHER_NETWORK",
    "test, SIGNED, PRIVATE, 5, OTHER_IDENTITY",
    "test, ASSIGNED, PUBLIC, 5, OTHER_SCOPE",
    "test, ASSIGNED, LOOPBACK, 5, OTHER_SCOPE",
    // The first difference is the one that is told.
    "other, SIGNED, PUBLIC, 9, OTHER_NETWORK",
    "test, SIGNED, PUBLIC, 9, OTHER_IDENTITY",
    "test, ASSIGNED, PUBLIC, 9, OTHER_SCOPE"
  })
  void refusalOf_isTheReason(
      String name, IdentityMode identity, Scope scope, int version, Refusal.Reason expected) {
    Network other = new Network(name, identity, scope, version);

    if (expected == null) {
      assertThat(HERE.refusalOf(other)).isEmpty();
      assertThat(other.refusalOf(HERE)).isEmpty();
    } else {
      assertThat(HERE.refusalOf(other)).get().extracting(Refusal::reason).isEqualTo(expected);
      assertThat(other.refusalOf(HERE)).get().extracting(Refusal::reason).isEqualTo(expected);
    }
  }

  @Test
  void refusalOf_neverRepeatsTheCallersName() {
    Network other = new Network("secret", IdentityMode.ASSIGNED, Scope.PRIVATE, 5);

    assertThat(HERE.refusalOf(other).orElseThrow().detail()).doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void versions_startAtOne(int version) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Network("test", IdentityMode.ASSIGNED, Scope.PRIVATE, version))
        .withMessageStartingWith("network: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\n"})
  void names_areChecked(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Network.of(name, IdentityMode.ASSIGNED, Scope.PRIVATE))
        .withMessageStartingWith("network: ");
  }
}
