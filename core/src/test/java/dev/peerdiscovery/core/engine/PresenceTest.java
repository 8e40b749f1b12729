package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What checks say of an instance, and when another is due. */
class PresenceTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final Duration TTL = Duration.ofSeconds(90);
  private static final long THIRD = 30 * SECOND;

  private final Presence presence = new Presence();

  @BeforeEach
  void register() {
    presence.registered(true);
  }

  @Test
  void oneThatIsNotToBeChecked_isAlwaysThere() {
    Presence unchecked = new Presence();
    unchecked.registered(false);

    assertThat(unchecked.isFresh(0)).isTrue();
    assertThat(unchecked.checked(false, TTL, THIRD, 0)).isFalse();
    assertThat(unchecked.isFailing()).isFalse();
    assertThat(unchecked.isFresh(1_000 * SECOND)).isTrue();
  }

  @Test
  void aPassedCheck_isGoodForATwentiethOfTheTtl_andASecondAtLeast() {
    assertThat(presence.isFresh(0)).isFalse();
    presence.checked(true, TTL, THIRD, 10 * SECOND);
    assertThat(presence.isFresh(14 * SECOND + SECOND / 2 - 1)).isTrue();
    assertThat(presence.isFresh(14 * SECOND + SECOND / 2)).isFalse();

    presence.checked(true, Duration.ofSeconds(10), THIRD, 20 * SECOND);
    assertThat(presence.isFresh(21 * SECOND - 1)).isTrue();
    assertThat(presence.isFresh(21 * SECOND)).isFalse();
  }

  @Test
  void aFailedCheck_isNews_once_andTheInstanceIsNotFresh() {
    presence.checked(true, TTL, THIRD, 0);

    assertThat(presence.checked(false, TTL, THIRD, SECOND)).isTrue();
    assertThat(presence.isFailing()).isTrue();
    assertThat(presence.isFresh(SECOND)).isFalse();
    assertThat(presence.checked(false, TTL, THIRD, 2 * SECOND)).isFalse();
    assertThat(presence.checked(true, TTL, THIRD, 3 * SECOND)).isTrue();
    assertThat(presence.isFailing()).isFalse();
    assertThat(presence.checked(true, TTL, THIRD, 4 * SECOND)).isFalse();
  }

  @Test
  void oneThatFailed_isCheckedAgain_afterTenSeconds_orAThirdOfAShortTtl() {
    assertThat(presence.again()).isEqualTo(Part.NEVER);
    presence.checked(true, TTL, THIRD, 0);
    assertThat(presence.again()).as("nothing failed").isEqualTo(Part.NEVER);
    presence.checked(false, TTL, THIRD, 5 * SECOND);
    assertThat(presence.again()).isEqualTo(15 * SECOND);
    presence.checked(false, TTL, 3 * SECOND, 20 * SECOND);
    assertThat(presence.again()).isEqualTo(23 * SECOND);
  }

  @Test
  void oneCheckAtATime() {
    presence.checked(false, TTL, THIRD, 0);
    assertThat(presence.isUnderWay()).isFalse();
    assertThat(presence.begin()).isTrue();
    assertThat(presence.isUnderWay()).isTrue();
    assertThat(presence.begin()).isFalse();
    assertThat(presence.again()).as("one is under way").isEqualTo(Part.NEVER);
    presence.checked(false, TTL, THIRD, SECOND);
    assertThat(presence.isUnderWay()).isFalse();
    assertThat(presence.begin()).isTrue();
  }

  @Test
  void whatIsRegisteredAgain_isCheckedAtOnce_andNeverFailsWithoutChecks() {
    presence.checked(false, TTL, THIRD, 0);
    presence.registered(true);
    assertThat(presence.isFailing()).isTrue();
    assertThat(presence.again()).isLessThanOrEqualTo(0);
    presence.registered(false);
    assertThat(presence.isFailing()).isFalse();
    assertThat(presence.isFresh(1_000 * SECOND)).isTrue();
  }
}
