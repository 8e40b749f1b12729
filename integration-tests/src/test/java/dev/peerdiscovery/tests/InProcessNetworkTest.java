package dev.peerdiscovery.tests;

import dev.peerdiscovery.core.engine.EngineConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The whole network in one JVM: 500 nodes, each in a server of its own, over gRPC. */
class InProcessNetworkTest {
  private static final int NODES = 500;
  private static final int LOOKUPS = 1000;

  /** Upkeep as in production, but in seconds where that has minutes. */
  private static final EngineConfig CONFIG =
      EngineConfig.defaults().toBuilder()
          .refreshInterval(Duration.ofSeconds(20))
          .livenessInterval(Duration.ofSeconds(1))
          .livenessMinAge(Duration.ofSeconds(5))
          .suspectRecheck(Duration.ofMillis(500))
          .build();

  @Test
  void lookupsFindExactlyTheClosest_andSurviveTheLossOfAThird() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    try (Fleet fleet = new Fleet(new InProcessTransport(), CONFIG, seed)) {
      fleet.join(NODES, 8);

      fleet.checkLookups_evenAfterTheLossOfAThird(LOOKUPS);
    }
  }
}
