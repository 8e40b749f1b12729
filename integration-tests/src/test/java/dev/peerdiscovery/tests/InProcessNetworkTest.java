package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.core.engine.EngineConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The whole network in one JVM: 500 nodes, each in a server of its own, over gRPC. */
class InProcessNetworkTest {
  private static final int NODES = 500;
  private static final int LOOKUPS = 1000;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /**
   * Upkeep as in production, but in seconds where that has minutes; and time for answers, because
   * 500 nodes on one machine's cores can be slow without being lost.
   */
  private static final EngineConfig CONFIG =
      EngineConfig.defaults().toBuilder()
          .softTimeoutMin(Duration.ofSeconds(5))
          .softTimeoutMax(Duration.ofSeconds(10))
          .callDeadline(Duration.ofSeconds(20))
          .pingDeadline(Duration.ofSeconds(20))
          .lookupDeadline(Duration.ofSeconds(60))
          .refreshInterval(Duration.ofSeconds(12))
          .livenessInterval(Duration.ofSeconds(1))
          .livenessMinAge(Duration.ofSeconds(5))
          .suspectRecheck(Duration.ofMillis(500))
          .build();

  @Test
  void lookupsFindExactlyTheClosest_andSurviveTheLossOfAThird() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    try (Fleet fleet = new Fleet(new InProcessTransport(), CONFIG, seed)) {
      fleet.join(NODES, 8);

      Fleet.Score joined = fleet.lookUp(LOOKUPS);
      Fleet.say("after joining: " + joined);
      assertThat(joined.exact()).isEqualTo(LOOKUPS);

      Fleet.CyclesFrom cycles = fleet.cycles();
      fleet.kill(NODES / 3);
      Fleet.Score wounded = fleet.lookUp(LOOKUPS);
      Fleet.say("a third killed: " + wounded);
      assertThat(wounded.closestFound()).isGreaterThanOrEqualTo(LOOKUPS * 999 / 1000);
      assertThat(wounded.recall()).isGreaterThanOrEqualTo(0.9);

      await().atMost(PATIENCE).until(() -> cycles.fewest() >= 3);
      Fleet.Score healed = fleet.lookUp(LOOKUPS);
      Fleet.say("after three cycles of upkeep: " + healed);
      assertThat(healed.exact()).isEqualTo(LOOKUPS);
    }
  }
}
