package dev.peerdiscovery.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A node that stands still for longer than it takes to be given up, as a machine that sleeps. */
@NeedsDocker
class PauseTest {
  @Test
  void whoStoodStill_givesNobodyUp_andIsTakenBack() {
    try (Cluster cluster = Cluster.of(10).start()) {
      cluster.awaitTablesHave(cluster.members());
      Member sleeper = cluster.member(0);
      List<Member> others = cluster.without(List.of(sleeper));
      long pausedNanos = System.nanoTime();
      sleeper.pause();
      cluster.awaitTablesHave(others);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> System.nanoTime() - pausedNanos > Cluster.LIVENESS.toNanos());
      sleeper.resume();

      cluster.awaitTablesHave(cluster.members());
      // A while longer: what it wrongly took from before would show now.
      await()
          .pollDelay(Duration.ofSeconds(5))
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(sleeper.contacts()).hasSize(9));
      assertThat(sleeper.lost()).as("lost by the one that slept").isZero();
      for (Member other : others) {
        assertThat(other.lost()).as("lost by %s, which did not", other).isLessThanOrEqualTo(1);
      }
      cluster.assertLookupsAreRight(cluster.members());
    }
  }
}
