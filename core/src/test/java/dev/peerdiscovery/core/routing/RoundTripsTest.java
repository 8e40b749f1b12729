package dev.peerdiscovery.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * RFC 6298, section 2, by hand: the mean takes in an eighth of what is new, the deviation a
 * quarter.
 */
class RoundTripsTest {
  @Test
  void samples_countAsInTcp() {
    assertThat(RoundTrips.meanMicros(RoundTrips.NONE)).isZero();
    assertThat(RoundTrips.nanos(RoundTrips.NONE, 2)).isEqualTo(-1);

    long first = RoundTrips.add(RoundTrips.NONE, 800);
    assertMeanAndDeviation(first, 800, 400);
    long longer = RoundTrips.add(first, 1_600);
    assertMeanAndDeviation(longer, 900, 500);
    long shorter = RoundTrips.add(longer, 100);
    assertMeanAndDeviation(shorter, 800, 575);
  }

  private static void assertMeanAndDeviation(long known, int mean, int deviation) {
    assertThat(RoundTrips.meanMicros(known)).isEqualTo(mean);
    assertThat(RoundTrips.nanos(known, 0)).isEqualTo(mean * 1_000L);
    assertThat(RoundTrips.nanos(known, 4)).isEqualTo((mean + 4L * deviation) * 1_000);
  }
}
