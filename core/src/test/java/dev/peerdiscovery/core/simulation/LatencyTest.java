package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LatencyTest {
  private static final Duration MEDIAN = Duration.ofMillis(50);
  private static final int DRAWS = 100_000;

  private final SplittableRandom random = new SplittableRandom(1);

  /** What messages between a thousand peers take, there and back, sorted. */
  private double[] roundTripsMillis(Latency latency) {
    double[] millis = new double[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      int from = random.nextInt(1_000);
      millis[i] = 2 * latency.oneWayNanos(7, from, 1_000 + i, random) / 1e6;
    }
    Arrays.sort(millis);
    return millis;
  }

  @ParameterizedTest
  @EnumSource
  void lognormal_hasItsMedian_andItsPercentiles(Latency.Draw draw) {
    double[] millis = roundTripsMillis(Latency.lognormal(MEDIAN, 0.5, draw));

    assertThat(millis[DRAWS / 2]).isCloseTo(50, Percentage.withPercentage(2));
    assertThat(millis[DRAWS * 95 / 100]).isCloseTo(113.8, Percentage.withPercentage(3));
    assertThat(millis[DRAWS * 5 / 100]).isCloseTo(21.97, Percentage.withPercentage(3));
  }

  @ParameterizedTest
  @EnumSource
  void measured_drawsThoseAlone_equallyOften(Latency.Draw draw) {
    List<Duration> set = List.of(Duration.ofMillis(90), Duration.ofMillis(10));
    double[] millis = roundTripsMillis(Latency.measured(set, draw));

    assertThat(millis).containsOnly(10, 90);
    assertThat((double) Arrays.stream(millis).filter(m -> m == 10).count())
        .isCloseTo(DRAWS / 2.0, Percentage.withPercentage(2));
  }

  @Test
  void pair_hasOneRoundTrip_whoeverCalls_andMessagesHaveTheirOwn() {
    Latency pair = Latency.lognormal(MEDIAN, 0.5, Latency.Draw.PAIR);
    Latency message = Latency.lognormal(MEDIAN, 0.5, Latency.Draw.MESSAGE);
    long once = pair.oneWayNanos(7, 3, 4, random);

    assertThat(pair.oneWayNanos(7, 4, 3, random)).isEqualTo(once);
    assertThat(pair.oneWayNanos(8, 3, 4, random)).isNotEqualTo(once);
    assertThat(pair.oneWayNanos(7, 3, 5, random)).isNotEqualTo(once);
    assertThat(message.oneWayNanos(7, 3, 4, random))
        .isNotEqualTo(message.oneWayNanos(7, 3, 4, random));
  }

  @Test
  void constant_isConstant() {
    assertThat(roundTripsMillis(Latency.constant(MEDIAN))).containsOnly(50);
  }

  @ParameterizedTest
  @CsvSource({"-1", "4", "NaN"})
  void lognormal_refusesAnImpossibleSigma(double sigma) {
    assertThatThrownBy(() -> Latency.lognormal(MEDIAN, sigma, Latency.Draw.PAIR))
        .hasMessageContaining("sigma must be 0 to 3");
  }

  @Test
  void impossibleRoundTrips_areRefused() {
    assertThatThrownBy(() -> Latency.measured(List.of(), Latency.Draw.PAIR))
        .hasMessageContaining("no round trips");
    assertThatThrownBy(() -> Latency.constant(Duration.ofMillis(-1)))
        .hasMessageContaining("0 to 10 minutes");
    assertThatThrownBy(() -> Latency.uniform(MEDIAN, Duration.ZERO, Latency.Draw.PAIR))
        .hasMessageContaining("least");
  }
}
