package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionsTest {
  private static final Duration MEDIAN = Duration.ofMinutes(5);
  private static final int DRAWS = 200_000;

  /** Quantiles of a Weibull distribution: median × (ln(1/(1 − q)) / ln 2) to the 1/shape. */
  @ParameterizedTest
  @CsvSource({"1, 0.5, 1", "1, 0.9, 3.3219", "0.4, 0.5, 1", "0.4, 0.9, 20.11", "2, 0.1, 0.3899"})
  void draws_haveTheQuantilesOfTheirShape(double shape, double quantile, double medians) {
    SplittableRandom random = new SplittableRandom(1);
    Sessions sessions = Sessions.weibull(MEDIAN, shape);
    double[] draws = new double[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      draws[i] = (double) sessions.draw(random).toNanos() / MEDIAN.toNanos();
    }
    Arrays.sort(draws);

    assertThat(draws[(int) (DRAWS * quantile)]).isCloseTo(medians, Percentage.withPercentage(3));
  }

  @Test
  void exponential_isTheOneOfShapeOne() {
    assertThat(Sessions.exponential(MEDIAN)).isEqualTo(Sessions.weibull(MEDIAN, 1));
  }

  @Test
  void impossibleSessions_areRefused() {
    assertThatThrownBy(() -> Sessions.exponential(Duration.ZERO))
        .hasMessageContaining("1 second to 365 days");
    assertThatThrownBy(() -> Sessions.weibull(MEDIAN, 0)).hasMessageContaining("0.1 to 10");
    assertThatThrownBy(() -> Sessions.weibull(MEDIAN, Double.NaN))
        .hasMessageContaining("0.1 to 10");
  }
}
