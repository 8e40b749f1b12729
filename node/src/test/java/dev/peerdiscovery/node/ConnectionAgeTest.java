package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LongSummaryStatistics;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ConnectionAgeTest {
  @Test
  void ages_areATenthMoreOrLess() {
    Duration hour = Duration.ofHours(1);
    ConnectionAge age = new ConnectionAge(hour, hour, remote -> true, new SplittableRandom(1));
    LongSummaryStatistics ages =
        LongStream.generate(age::ageNanos).limit(10_000).summaryStatistics();
    assertThat(Duration.ofNanos(ages.getMin()))
        .isBetween(Duration.ofMinutes(54), Duration.ofMinutes(55));
    assertThat(Duration.ofNanos(ages.getMax()))
        .isBetween(Duration.ofMinutes(65), Duration.ofMinutes(66));
    assertThat(Duration.ofNanos((long) ages.getAverage()))
        .isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));
  }
}
