package dev.peerdiscovery.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Nodes that are far from one another: 100 ms on every way, so 200 ms to an answer. */
@NeedsDocker
@Tag("full")
@Isolated
class SlowNetworkTest {
  private static final Duration ONE_WAY = Duration.ofMillis(100);
  private static final Duration ROUND_TRIP = ONE_WAY.multipliedBy(2);
  private static final int ALPHA = 3;

  /** First the three nearest, and when the nearest of all has answered all the others. */
  private static final int ROUNDS = 2;

  @Test
  void lookupsOverWarmConnections_takeTheirRoundsAndLittleMore() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    List<SlowLink> links = new ArrayList<>();
    try (Cluster cluster = Cluster.of(0).start()) {
      for (int i = 0; i < 10; i++) {
        addFarAway(cluster, links);
      }
      cluster.start(cluster.members());
      cluster.awaitTablesHave(cluster.members());
      // Opens the connections.
      cluster.assertLookupsAreRight(cluster.members());

      SplittableRandom random = new SplittableRandom(seed);
      List<Double> millis = new ArrayList<>();
      for (Member member : cluster.members()) {
        List<Double> each = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          each.add(lookupMillis(cluster, member, cluster.member(random.nextInt(10))));
        }
        // The median, so that one that a busy machine held up does not count.
        millis.add(each.stream().sorted().skip(1).findFirst().orElseThrow());
      }
      System.out.println("lookups took " + millis + " ms");
      double most = ROUNDS * ROUND_TRIP.toMillis() * 1.5;
      assertThat(millis).as("α = %d, so %d rounds", ALPHA, ROUNDS).allMatch(each -> each < most);
      // They did go the long way.
      assertThat(millis).allMatch(each -> each >= ROUND_TRIP.toMillis());
    } finally {
      links.forEach(SlowLink::close);
    }
  }

  private static double lookupMillis(Cluster cluster, Member member, Member target) {
    long startedNanos = System.nanoTime();
    assertThat(member.lookup(target.id()))
        .isEqualTo(Cluster.nearest(Cluster.others(cluster.members(), member), target.id()));
    return (System.nanoTime() - startedNanos) / 1e6;
  }

  /** A node that says that it is at the far end of a slow link. */
  private static void addFarAway(Cluster cluster, List<SlowLink> links) throws IOException {
    int port = Member.freePort();
    SlowLink link = new SlowLink(port, ONE_WAY);
    links.add(link);
    Member member = cluster.add(Map.of("PEER_ADVERTISE", Member.THIS_MACHINE + ":" + link.port()));
    member.expose(Member.PEERS, port);
  }
}
