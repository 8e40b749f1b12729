package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
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
    Invariants invariants = new Invariants("seed " + seed, TINY.k());
    chaos.network.observers.add(invariants);
    chaos.grow(30);
    for (int i = 0; i < 300; i++) {
      chaos.step();
    }
    chaos.heal();
    chaos.network.run(Duration.ofMinutes(1));

    assertThat(invariants.answersChecked()).isGreaterThan(10_000);
    Oracle.Score score =
        Oracle.score(chaos.network, chaos.live(), 200, TINY.k(), new SplittableRandom(seed));
    assertThat(score.exact()).as("seed " + seed + ": " + score).isEqualTo(200);
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
    Trace trace = new Trace(chaos.network::nowNanos);
    chaos.network.observers.add(trace);
    chaos.grow(50);
    for (int i = 0; i < 40; i++) {
      chaos.step();
    }
    CRC32C hash = new CRC32C();
    trace.drain().forEach(line -> hash.update(line.getBytes(StandardCharsets.UTF_8)));
    return hash.getValue();
  }
}
