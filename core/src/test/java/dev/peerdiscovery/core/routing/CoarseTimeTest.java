package dev.peerdiscovery.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoarseTimeTest {
  private static final long YEAR_NANOS = Duration.ofDays(365).toNanos();

  @Test
  void aTime_comesBackAtMostAQuarterOfASecondEarlier() {
    Random random = new Random(9);
    for (int i = 0; i < 10_000; i++) {
      long nanos = random.nextLong(34 * YEAR_NANOS);
      assertThat(nanos - CoarseTime.nanos(CoarseTime.of(nanos)))
          .as("seed 9, %d", nanos)
          .isBetween(0L, CoarseTime.UNIT_NANOS - 1);
    }
  }

  /** The sign of the int means nothing, and its end is no beginning. */
  @Test
  void times_keepTheirOrder_beyondTheEnd() {
    long before = -1;
    for (int year = 0; year <= 200; year++) {
      long kept = CoarseTime.nanos(CoarseTime.of(year * YEAR_NANOS));
      assertThat(kept)
          .as("after %d years", year)
          .isGreaterThanOrEqualTo(before)
          .isLessThanOrEqualTo(year * YEAR_NANOS);
      before = kept;
    }
    assertThat(before).isEqualTo(CoarseTime.nanos(CoarseTime.of(Long.MAX_VALUE)));
    assertThat(before).isGreaterThan(34 * YEAR_NANOS);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -1, Long.MIN_VALUE})
  void aTimeBeforeTheZero_isTheZero(long nanos) {
    assertThat(CoarseTime.nanos(CoarseTime.of(nanos))).isZero();
  }
}
