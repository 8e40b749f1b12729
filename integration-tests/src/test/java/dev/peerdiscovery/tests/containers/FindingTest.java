package dev.peerdiscovery.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Lease;
import dev.peerdiscovery.client.Registration;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Ten nodes that start at once and know one name. */
@NeedsDocker
class FindingTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @Test
  void everyNodeFindsEveryOther_andAServiceOfOneResolvesAtAll() {
    try (Cluster cluster = Cluster.of(10).start()) {
      cluster.awaitTablesHave(cluster.members());
      cluster.assertLookupsAreRight(cluster.members());

      String endpoint = cluster.member(3).ip() + ":8080";
      try (DiscoveryClient client = cluster.member(3).client();
          Lease lease = client.register(unchecked("orders", endpoint))) {
        cluster.awaitResolve("orders", cluster.members(), SOON, endpoint);
        assertThat(lease.state().published()).isTrue();
      }
      cluster.awaitResolve("orders", cluster.members(), SOON);
    }
  }

  /** An instance of which only the name and the place are real. */
  static Registration unchecked(String service, String endpoint) {
    return Registration.of(service, endpoint)
        .withTtl(Duration.ofSeconds(10))
        .withCheck(Registration.Check.NONE);
  }
}
