package dev.peerdiscovery.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The node that all others came in by goes down for good. */
@NeedsDocker
class SeedGoneTest {
  @Test
  void newcomersWithAnotherSeed_andOldNodes_goOn() {
    try (Cluster cluster = Cluster.of(6).with("PEER_BOOTSTRAP", "peer-0:7400").start()) {
      cluster.awaitTablesHave(cluster.members());
      Member seed = cluster.member(0);
      seed.kill();
      List<Member> rest = new ArrayList<>(cluster.without(List.of(seed)));
      cluster.awaitTablesHave(rest);

      List<Member> newcomers =
          List.of(
              cluster.add(Map.of("PEER_BOOTSTRAP", "peer-3:7400")),
              cluster.add(Map.of("PEER_BOOTSTRAP", "peer-0:7400,peer-4:7400")));
      cluster.start(newcomers);
      // With a seed that is gone, and its own memory.
      assertThat(cluster.member(1).terminate()).isZero();
      cluster.start(List.of(cluster.member(1)));

      rest.addAll(newcomers);
      cluster.awaitTablesHave(rest);
      cluster.assertLookupsAreRight(rest);
    }
  }
}
