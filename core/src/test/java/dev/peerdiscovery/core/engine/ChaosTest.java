package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.simulation.Invariants;
import dev.peerdiscovery.core.simulation.Oracle;
import dev.peerdiscovery.core.simulation.Probes;
import dev.peerdiscovery.core.simulation.Tally;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChaosTest {
  /** A small k makes full buckets and lost neighbours frequent. */
  private static final EngineConfig TINY =
      EngineConfig.defaults().toBuilder()
          .k(3)
          .alpha(2)
          .livenessInterval(Duration.ofMillis(500))
          .livenessMinAge(Duration.ofSeconds(5))
          .refreshInterval(Duration.ofSeconds(30))
          .bootstrapFewInterval(Duration.ofSeconds(10))
          .bootstrapInterval(Duration.ofSeconds(30))
          .build();

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void whateverHappens_theInvariantsHold_andOnceItEndsLookupsAreExact(long seed) {
    Chaos chaos = new Chaos(seed, TINY);
    Invariants invariants = new Invariants(chaos.network, "seed " + seed);
    chaos.network.observe(invariants);
    chaos.grow(30);
    for (int i = 0; i < 300; i++) {
      chaos.step();
    }
    chaos.heal();
    chaos.network.run(Duration.ofMinutes(1));

    assertThat(invariants.checks()).isGreaterThan(10_000);
    Oracle oracle = new Oracle();
    oracle.addAll(chaos.live());
    Tally tally =
        Probes.ofAll(chaos.network, oracle)
            .askAtRandom(chaos.live(), 200, new SplittableRandom(seed));
    assertThat(tally.exact()).as("seed " + seed + ": " + tally).isEqualTo(200);
  }

  @Test
  void sameSeed_givesTheSameRun_toTheLastCall() {
    long hash = hashOfARun(5);

    assertThat(hashOfARun(5)).isEqualTo(hash);
    assertThat(hashOfARun(6)).isNotEqualTo(hash);
  }

  /** Over every event and every call with its outcome. */
  private static long hashOfARun(long seed) {
    Chaos chaos = new Chaos(seed, EngineConfig.defaults().toBuilder().k(8).build());
    chaos.grow(50);
    for (int i = 0; i < 40; i++) {
      chaos.step();
    }
    return chaos.network.traceHash().value();
  }
}
