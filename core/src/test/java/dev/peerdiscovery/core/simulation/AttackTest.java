package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.engine.EngineConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Small versions of the attacks of {@code docs/benchmarks.md}. */
class AttackTest {
  private static final Latency LATENCY = Latency.constant(Duration.ofMillis(50));

  private static AdversaryRun.Result adversaries(int paths) {
    EngineConfig config = EngineConfig.defaults().toBuilder().k(8).paths(paths).build();
    return new AdversaryRun(600, 0.2, AdversaryRun.Kind.COLLUDING, 1_000, config, LATENCY, 0, 1)
        .run(Progress.NONE);
  }

  @Test
  void morePaths_leadMoreLookupsPastAdversaries() {
    AdversaryRun.Result one = adversaries(1);
    AdversaryRun.Result four = adversaries(4);

    System.out.println(one.touching());
    System.out.println(one.report());
    System.out.println(four.report());
    assertThat(four.touching()).isEqualTo(one.touching());
    assertThat(four.report().found()).isGreaterThan(0.99);
  }

  @Test
  void fewSubnets_areFewContacts_howeverManyIdsTheyHave() {
    EclipseRun.Result result =
        new EclipseRun(
                600, 2, 2, 300, Duration.ofMinutes(2), 100, EngineConfig.defaults(), LATENCY, 0, 1)
            .run(Progress.NONE);

    System.out.println(result);
    assertThat(result.before().mostOfSubnet()).isLessThanOrEqualTo(10);
  }
}
