package dev.peerdiscovery.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A network that loses one packet in ten. */
@NeedsDocker
class LossTest {
  @Test
  void lookupsStayRight() {
    try (Cluster cluster = Cluster.of(10).start()) {
      cluster.awaitTablesHave(cluster.members());
      cluster.lose(0.1, cluster.members());
      for (int round = 0; round < 3; round++) {
        cluster.assertLookupsAreRight(cluster.members(), Duration.ofSeconds(10));
      }
      long lost = cluster.members().stream().mapToLong(m -> m.network().lost()).sum();
      System.out.printf("%d packets lost%n", lost);
      assertThat(lost).isPositive();
    }
  }
}
