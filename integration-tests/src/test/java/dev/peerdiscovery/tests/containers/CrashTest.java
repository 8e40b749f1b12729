package dev.peerdiscovery.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Half of a network goes down at once, without a word, and comes back elsewhere. */
@NeedsDocker
class CrashTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  @Test
  void theRestGoesOn_andTheDeadAreFoundAgainWhereTheyComeBack() {
    try (Cluster cluster = Cluster.of(10).start()) {
      cluster.awaitTablesHave(cluster.members());
      List<Member> dead = new ArrayList<>(cluster.members().subList(0, 5));
      List<Member> alive = cluster.without(dead);
      dead.sort(Comparator.comparing(Member::ip));
      Map<Member, String> addresses = dead.stream().collect(Collectors.toMap(m -> m, Member::ip));
      Map<Member, NodeId> ids = dead.stream().collect(Collectors.toMap(m -> m, Member::id));

      List<Member> forgetful = dead.subList(0, 2);
      cluster.all(
          dead,
          member -> {
            if (forgetful.contains(member)) {
              member.killWithout("snapshot");
            } else {
              member.kill();
            }
          });
      cluster.assertLookupsAreRight(alive, SOON);
      cluster.awaitTablesHave(alive);
      cluster.assertLookupsAreRight(alive, SOON);
      for (Member member : dead) {
        assertThat(member.has("snapshot")).isEqualTo(!forgetful.contains(member));
      }

      // In another order, so that each takes an address that was another's.
      Collections.rotate(dead, 1);
      dead.forEach(Member::start);
      cluster.all(dead, Member::awaitReady);
      for (Member member : dead) {
        assertThat(member.ip()).as("address of %s", member).isNotEqualTo(addresses.get(member));
        assertThat(member.id()).isEqualTo(ids.get(member));
      }
      cluster.awaitTablesHave(cluster.members());
      cluster.assertTablesSayWhere(cluster.members());
      cluster.assertLookupsAreRight(cluster.members(), SOON);
    }
  }
}
