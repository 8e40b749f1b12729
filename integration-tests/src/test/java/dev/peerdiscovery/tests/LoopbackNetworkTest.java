package dev.peerdiscovery.tests;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peerdiscovery.core.engine.EngineConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The whole network over sockets: each node listens on a port of its own. */
class LoopbackNetworkTest {
  /** Upkeep as in production, but in seconds where that has minutes. */
  private static final EngineConfig CONFIG =
      EngineConfig.defaults().toBuilder()
          .refreshInterval(Duration.ofSeconds(4))
          .livenessInterval(Duration.ofMillis(500))
          .livenessMinAge(Duration.ofSeconds(2))
          .suspectRecheck(Duration.ofMillis(250))
          .build();

  @Test
  void sixtyFourNodes_findExactlyTheClosest_andSurviveTheLossOfAThird() throws Exception {
    test("127.0.0.1", 64, 1000);
  }

  @Test
  void eightNodesOnIpv6_findExactlyTheClosest_andSurviveTheLossOfAThird() throws Exception {
    assumeTrue(hasIpv6(), "this machine has no IPv6 loopback");
    test("::1", 8, 100);
  }

  private static void test(String host, int nodes, int lookups) throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    try (Fleet fleet = new Fleet(new LoopbackTransport(host), CONFIG, seed)) {
      fleet.join(nodes, 4);
      fleet.checkLookups_evenAfterTheLossOfAThird(lookups);
    }
  }

  private static boolean hasIpv6() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
