package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.simulation.Oracle;
import dev.peerdiscovery.core.simulation.Probes;
import dev.peerdiscovery.core.simulation.Tally;
import dev.peerdiscovery.core.simulation.VirtualNetwork;
import dev.peerdiscovery.core.simulation.VirtualPeer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A third of the peers is gone at once. */
class ChurnTest {
  private static final int LOOKUPS = 1_000;
  private static final Duration CYCLE = Duration.ofMinutes(1);

  /** Upkeep that comes round to everything once in a {@link #CYCLE}. */
  private static final EngineConfig QUICK_UPKEEP =
      EngineConfig.defaults().toBuilder()
          .refreshInterval(Duration.ofSeconds(48))
          .livenessInterval(Duration.ofMillis(400))
          .livenessMinAge(Duration.ofSeconds(5))
          .build();

  /**
   * A call to a stopped peer fails at once, and the peer is handed out no more. A silent one goes
   * on being named until the first call to it has timed out, and takes the place of a live one in
   * the answers; so the recall is lower at first.
   */
  @Tag("slow")
  @ParameterizedTest(name = "seed {0}, silent {1}")
  @CsvSource({"1,false,0.9", "2,true,0.75"})
  void aThirdStops_lookupsHoldAtOnce_andAreExactAfterThreeCycles(
      long seed, boolean silent, double recall) {
    SplittableRandom random = new SplittableRandom(seed);
    VirtualNetwork network = new VirtualNetwork(seed);
    Oracle oracle = new Oracle();
    network.observe(oracle);
    List<VirtualPeer> peers = network.grow(200, QUICK_UPKEEP, random);
    network.run(Duration.ofSeconds(5));
    Collections.shuffle(peers, new Random(seed));
    peers.subList(0, 66).forEach(silent ? network::crash : network::stop);
    List<VirtualPeer> live = peers.subList(66, 200);
    Probes probes = Probes.ofAll(network, oracle);

    Tally atOnce = probes.askAtRandom(live, LOOKUPS, random);
    assertThat(atOnce.found()).as(atOnce.toString()).isGreaterThanOrEqualTo(0.999);
    assertThat(atOnce.recall()).as(atOnce.toString()).isGreaterThanOrEqualTo(recall);

    network.run(CYCLE.multipliedBy(3));
    Tally later = probes.askAtRandom(live, LOOKUPS, random);
    assertThat(later.exact()).as(later.toString()).isEqualTo(LOOKUPS);
  }
}
