package dev.peerdiscovery.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Lease;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A network that is cut in two for longer than it takes to give the other half up. */
@NeedsDocker
class PartitionTest {
  private static final Duration HEALING = Duration.ofSeconds(60);
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final String ONE = "192.0.2.1:8080";
  private static final String OTHER = "192.0.2.2:8080";

  @Test
  void eachHalfGoesOn_andTheyGrowTogetherAgain() {
    try (Cluster cluster = Cluster.of(10).start()) {
      List<Member> left = cluster.members().subList(0, 5);
      List<Member> right = cluster.members().subList(5, 10);
      cluster.awaitTablesHave(cluster.members());
      try (DiscoveryClient atLeft = left.get(0).client();
          DiscoveryClient atRight = right.get(0).client();
          Lease one = atLeft.register(FindingTest.unchecked("orders", ONE));
          Lease other = atRight.register(FindingTest.unchecked("orders", OTHER))) {
        cluster.awaitResolve("orders", cluster.members(), Duration.ofSeconds(10), ONE, OTHER);

        long cutNanos = System.nanoTime();
        cluster.cut(left, right);
        cluster.awaitTablesHave(left);
        cluster.awaitTablesHave(right);
        // Longer than the other half is remembered by anybody's records, too.
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> System.nanoTime() - cutNanos > Cluster.LIVENESS.toNanos());
        cluster.assertLookupsAreRight(left, SOON);
        cluster.assertLookupsAreRight(right, SOON);
        cluster.awaitResolve("orders", left, Duration.ofSeconds(30), ONE);
        cluster.awaitResolve("orders", right, Duration.ofSeconds(30), OTHER);

        long healedNanos = System.nanoTime();
        cluster.heal(left);
        cluster.awaitLookupsAreRight(cluster.members(), HEALING);
        cluster.awaitResolve(
            "orders", cluster.members(), HEALING.minusNanos(System.nanoTime() - healedNanos), ONE, OTHER);
        System.out.printf(
            "cut for %.1f s, whole again after %.1f s%n",
            (healedNanos - cutNanos) / 1e9, (System.nanoTime() - healedNanos) / 1e9);
        assertThat(one.state().published()).isTrue();
        assertThat(other.state().published()).isTrue();
      }
    }
  }
}
