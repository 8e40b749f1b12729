package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peerdiscovery.core.engine.EngineConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The whole network over sockets: each node listens on a port of its own. */
class LoopbackNetworkTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final EngineConfig CONFIG =
      EngineConfig.defaults().toBuilder()
          .softTimeoutMin(Duration.ofSeconds(5))
          .softTimeoutMax(Duration.ofSeconds(10))
          .callDeadline(Duration.ofSeconds(20))
          .pingDeadline(Duration.ofSeconds(20))
          .lookupDeadline(Duration.ofSeconds(60))
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

      Fleet.Score joined = fleet.lookUp(lookups);
      Fleet.say("after joining: " + joined);
      assertThat(joined.exact()).isEqualTo(lookups);

      Fleet.CyclesFrom cycles = fleet.cycles();
      fleet.kill(nodes / 3);
      Fleet.Score wounded = fleet.lookUp(lookups);
      Fleet.say("a third killed: " + wounded);
      assertThat(wounded.closestFound()).isGreaterThanOrEqualTo(lookups * 999 / 1000);
      assertThat(wounded.recall()).isGreaterThanOrEqualTo(0.9);

      await().atMost(PATIENCE).until(() -> cycles.fewest() >= 3);
      Fleet.Score healed = fleet.lookUp(lookups);
      Fleet.say("after three cycles of upkeep: " + healed);
      assertThat(healed.exact()).isEqualTo(lookups);
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
