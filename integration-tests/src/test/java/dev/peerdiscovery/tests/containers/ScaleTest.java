package dev.peerdiscovery.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** More nodes than have a place in a bucket, or in an answer. */
@NeedsDocker
@Tag("full")
@Isolated
class ScaleTest {
  private static final int NODES = 30;
  private static final String ENDPOINT = "192.0.2.1:8080";

  @Test
  void thirtyNodes_areFoundFromEverywhere() {
    long startedNanos = System.nanoTime();
    try (Cluster cluster = Cluster.of(NODES).with("PEER_PACE", "2").start()) {
      List<Member> members = cluster.members();
      System.out.printf("%d nodes ready in %.1f s%n", NODES, seconds(startedNanos));
      await()
          .atMost(Duration.ofMinutes(2))
          .pollInterval(Duration.ofMillis(500))
          .untilAsserted(() -> assertRight(members));
      System.out.printf("all lookups right after %.1f s%n", seconds(startedNanos));
      try (DiscoveryClient client = cluster.member(7).client()) {
        client.register(TroubleTest.unchecked("orders", ENDPOINT));
        cluster.awaitResolve("orders", members, Duration.ofSeconds(20), ENDPOINT);
      }
    }
  }

  /** Each looks up one other, and the nearest twenty of all have to answer, in their order. */
  private static void assertRight(List<Member> members) {
    List<NodeId> ids = members.stream().map(Member::id).toList();
    for (int i = 0; i < members.size(); i++) {
      Member asking = members.get(i);
      NodeId target = ids.get((i * 7 + 1) % ids.size());
      List<NodeId> others =
          ids.stream().filter(id -> !id.equals(asking.id())).collect(Collectors.toList());
      assertThat(asking.lookup(target))
          .as("%s looks up %s", asking, target)
          .isEqualTo(Cluster.nearest(others, target));
    }
  }

  private static double seconds(long sinceNanos) {
    return (System.nanoTime() - sinceNanos) / 1e9;
  }
}
